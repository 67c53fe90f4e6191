/** The client: shows a visitor their arms, and tells the server what they saw and did. */

import type { Client, Options } from "./api.js";
import { createArms } from "./arms.js";
import { attempt } from "./attempt.js";
import { createConnection } from "./connection.js";
import { plain, sizeOf } from "./json.js";
import { createQueue, type QueuedEvent } from "./queue.js";
import { openStore } from "./store.js";
import { uuid } from "./uuid.js";
import { findVisitor, keepVisitor } from "./visitor.js";

const EXPOSURE = "$exposure";

/** Bytes: more than any event that the server takes. */
const LARGEST = 16_000;

/**
 * Makes a client and, unless `open` is false, begins.
 *
 * An exposure must never be recorded for an arm other than the one that was shown, and the server counts it for the
 * arm that it gave the visitor. So:
 *
 * - `expose` waits for `ready`, and then records the arm that was shown if that is the arm that the server gave. What
 *   was shown meanwhile and gave way to another arm is not recorded, nor is a control that stands in for an arm.
 * - Without an answer, the arm that stands on this page is recorded; but no event leaves before the server has said,
 *   on this page or a later one, which arm it gives, and unless it is that one, the exposure is taken back.
 */
export function createClient(options: Options): Client {
  const { url, token, bootstrap = {}, storage = "cookie", timeout = 1000, flushInterval = 2000 } = options;
  const store = openStore(storage);
  const visitorId = options.visitorId ? plain(`${options.visitorId}`) : findVisitor(store, storage);
  const arms = createArms(visitorId, bootstrap, report);
  const queue = createQueue(store, token);
  const connection = createConnection(url, token, flush, report);
  const exposed = new Set<string>();
  const callbacks = new Set<() => void>();
  /** What may be done only once the server has answered or was waited for long enough. */
  const held: (() => void)[] = [];
  let settled = false;
  let refused = false;
  let asking: Promise<void> | undefined;
  let sending: Promise<void> | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let resolve: () => void;
  const ready = new Promise<void>((settled) => {
    resolve = settled;
  });

  attempt(() => arms.recall(JSON.parse(store.read(token) as string)));

  function report(problem: string): void {
    // Out of the way of the page, which may be rendering just now; what onError throws is not thrown either.
    Promise.resolve(new Error(problem))
      .then(options.onError)
      .catch(() => {});
  }

  function settle(): void {
    settled = true;
    clearTimeout(waiting);
    for (const callback of callbacks) attempt(callback);
    for (const action of held.splice(0)) action();
    resolve();
  }

  async function ask(): Promise<void> {
    const answer = await connection.request("assign", { visitor_id: visitorId });
    if (answer && attempt(() => arms.hear(answer.body, settled))) {
      store.write(token, JSON.stringify(answer.body));
      queue.drop(
        ({ name, visitor_id, experiment = "", properties }) =>
          name === EXPOSURE && visitor_id === visitorId && !arms.counts(experiment, properties?.arm),
      );
    } else if (answer) {
      refused = true;
    }
    asking = undefined;
    settle();
  }

  /** Has the server say what it gives this visitor, unless it has. */
  async function know(): Promise<void> {
    if (arms.heard() || refused) return;
    asking ??= ask();
    await asking;
  }

  async function flush(): Promise<void> {
    if (!waiting) return; // nobody has opened it
    sending ??= send();
    await sending;
  }

  async function send(): Promise<void> {
    await ready;
    if (queue.batch().length) await know();
    // Only now are the events looked at: what the server contradicts is gone.
    for (let batch = queue.batch(); batch.length && arms.heard(); batch = queue.batch()) {
      const answer = await connection.request("events", contentOf(batch));
      if (!answer) break;
      forget(batch);
      for (const { detail } of answer.body?.rejected ?? []) report(`events: ${detail}`);
    }
    // In the same breath as the last look: whoever asks from here on gets a run of their own.
    sending = undefined;
  }

  /** The page may end now: what is not surely under way stays in the store for the next one. */
  function leave(): void {
    let batch = queue.batch();
    while (batch.length && arms.heard() && connection.part("events", contentOf(batch))) {
      forget(batch);
      batch = queue.batch();
    }
  }

  function onVisibility(): void {
    if (document.visibilityState === "hidden") leave();
  }

  function listen(how: "addEventListener" | "removeEventListener"): void {
    attempt(() => {
      document[how]("visibilitychange", onVisibility);
      window[how]("pagehide", leave);
    });
  }

  function contentOf(events: readonly QueuedEvent[]): object {
    return { sent_at: Date.now(), events };
  }

  function forget(batch: readonly QueuedEvent[]): void {
    queue.drop((event) => batch.includes(event));
  }

  function record(event: Partial<QueuedEvent> & { name: string }): void {
    try {
      const whole = plain({ at: Date.now(), ...event, id: uuid(), visitor_id: visitorId });
      if (sizeOf(whole) > LARGEST) throw new Error("too large");
      queue.add(whole);
      connection.plan(flushInterval);
    } catch (error) {
      report(`${event.name}: ${error}`);
    }
  }

  const client: Client = {
    visitorId,
    bootstrap,
    ready,
    variant: arms.variant as Client["variant"],
    payload: arms.payload as Client["payload"],
    expose(key, arm) {
      const at = Date.now();
      const before = arm ?? arms.shown(key);
      const tell = () => {
        const shown = arm ?? arms.shown(key);
        if (!shown || exposed.has(key) || !arms.counts(key, shown)) return;
        exposed.add(key);
        const since = shown === before ? at : Date.now();
        record({ name: EXPOSURE, experiment: key, properties: { arm: shown }, at: since });
      };
      if (settled) tell();
      else held.push(tell);
    },
    track: (name, details) => record({ ...details, name }),
    subscribe(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    flush,
    open() {
      connection.wake(true);
      if (!options.visitorId) keepVisitor(visitorId, store, storage);
      listen("addEventListener");
      queue.inherit();
      waiting ??= setTimeout(settle, timeout);
      know();
      connection.plan(0);
    },
    close() {
      connection.wake(false);
      listen("removeEventListener");
      return flush();
    },
  };
  if (options.open !== false) client.open();
  return client;
}
