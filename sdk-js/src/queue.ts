/** The queue: the events that the server has not acknowledged, in memory and in the store. */

import { attempt } from "./attempt.js";
import { sizeOf } from "./json.js";
import type { Store } from "./store.js";
import { uuid } from "./uuid.js";

/** A plain value of a property. */
export type Scalar = string | number | boolean | null;

/** An event as it goes to the server. The id is made once, so that however often it is sent, it counts once. */
export interface QueuedEvent {
  id: string;
  name: string;
  visitor_id: string;
  at: number;
  value?: number;
  properties?: Record<string, Scalar>;
  experiment?: string;
}

/** What the server takes at once. */
const MOST = 500;
/** Bytes: browsers refuse 64 kB in all of what may outlive a page; the frame around the events needs its part. */
const BATCH = 49_000;
/** Bytes that are kept; the oldest events go first. */
const KEPT = 100_000;
/** Milliseconds: what is older than a week, the server would take for a week old. */
const LIFE = 7 * 86_400_000;

export interface Queue {
  add(event: QueuedEvent): void;
  /** Removes the events that are. */
  drop(gone: (event: QueuedEvent) => boolean): void;
  /** The events from the first on, as many as one request takes. */
  batch(): QueuedEvent[];
  /** Takes over what other pages left in the store. */
  inherit(): void;
}

/**
 * Each page has a key of its own in the store, so that two tabs never write the same one. A new page takes over the
 * keys of all others without asking whether they live: at worst both send the same events, and the server counts
 * each id once. Nothing is lost, and no tab must know of another.
 */
export function createQueue(store: Store, prefix: string): Queue {
  const own = `${prefix}:${uuid()}`;
  let events: QueuedEvent[] = [];

  function keep(next: QueuedEvent[]): void {
    const since = Date.now() - LIFE;
    const newest = next.filter((event) => event.at > since).reverse();
    events = newest.slice(0, fitting(newest, KEPT)).reverse();
    store.write(own, events.length ? JSON.stringify(events) : undefined);
  }

  return {
    add: (event) => keep([...events, event]),
    drop: (gone) => keep(events.filter((event) => !gone(event))),
    batch: () => events.slice(0, fitting(events, BATCH)),
    inherit() {
      const all = new Map<string, QueuedEvent>();
      const others = store.keys().filter((key) => key.startsWith(`${prefix}:`) && key !== own);
      for (const key of others) {
        attempt(() => {
          for (const event of JSON.parse(store.read(key) ?? "[]")) all.set(event.id, event);
        });
      }
      for (const event of events) all.set(event.id, event);
      keep([...all.values()].sort((one, other) => one.at - other.at));
      // Only now: whatever ends this page in between leaves them twice and not never.
      for (const key of others) store.write(key);
    },
  };
}

/** How many of the events, from the first on, stay within a number of bytes. */
function fitting(events: readonly QueuedEvent[], bytes: number): number {
  let left = bytes;
  const n = events.findIndex((event, place) => {
    left -= sizeOf(event) + 1;
    return left < 0 || place === MOST;
  });
  return n < 0 ? events.length : n;
}
