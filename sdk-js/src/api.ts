/** The API: what a site gives a client, and what it gets. */

import type { Scalar } from "./queue.js";
import type { StoreKind } from "./store.js";

export interface Options {
  /** Where the appliance answers, or the path under which your site passes it on. */
  url: string;
  /** The project's token, `vv_proj_…`. It is public. */
  token: string;
  /** Your own stable id of the visitor; without one, the browser keeps one that is made here. */
  visitorId?: string;
  /** Arms that your server has rendered already, by experiment. They stand, whatever else is known. */
  bootstrap?: Readonly<Record<string, string>>;
  /** Where the id, the arms and unsent events are kept: `cookie` (default), `local` or `memory`. */
  storage?: StoreKind;
  /** Milliseconds that `ready` waits for the server (default 1000). */
  timeout?: number;
  /** Milliseconds that events wait for each other (default 2000). */
  flushInterval?: number;
  /** Told what went wrong. Nothing is ever thrown into the page. */
  onError?: (error: unknown) => void;
  /** False: nothing is asked, kept or sent until `open()`, for a framework that may throw a client away unused. */
  open?: boolean;
}

/** What an event carries besides its name, in the words of the server's API. */
export interface Details {
  /** Such as the price; added up over all events of a goal. */
  value?: number;
  /** What else is worth knowing of it. */
  properties?: Record<string, Scalar>;
}

export interface Client {
  readonly visitorId: string;
  readonly bootstrap: Readonly<Record<string, string>>;
  /** Resolves when the server has answered, or cannot be waited for any longer. Never rejects. */
  readonly ready: Promise<void>;
  /** The arm to show, at once. Name the arms in the order of the experiment; the first is the control. */
  variant<const A extends readonly string[]>(key: string, arms: A): A[number];
  /** What the owner gave the arm, or null; null too as long as the server is waited for. */
  payload<T = unknown>(key: string): T | null;
  /** Says that an arm was shown; without one, that which `variant` gave last. Counted once a page. */
  expose(key: string, arm?: string): void;
  /** Says that something happened. */
  track(name: string, details?: Details): void;
  /** Calls back when arms or payloads may have changed. Gives what ends that. */
  subscribe(callback: () => void): () => void;
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Begins; after `close()`, begins again. `createClient` has done it, unless it was told not to. */
  open(): void;
  /** Sends what waits, and leaves the page alone. */
  close(): Promise<void>;
}
