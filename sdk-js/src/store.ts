/** The store: what outlives a page, as far as the browser allows. Where it forbids it, nothing does. */

import { attempt } from "./attempt.js";

/** `cookie`: the visitor's id in a cookie and everything in localStorage; `local`: no cookie; `memory`: nothing is written. */
export type StoreKind = "cookie" | "local" | "memory";

export interface Store {
  read(key: string): string | null | undefined;
  /** No text: the key goes. */
  write(key: string, text?: string): void;
  keys(): string[];
}

export function openStore(storage: StoreKind): Store {
  // To look at localStorage may throw already. Where there is no document, what goes by its name is no visitor's.
  const local = attempt(() => storage !== "memory" && document && localStorage) as Storage;
  return {
    read: (key) => attempt(() => local.getItem(key)),
    write: (key, text) => attempt(() => (text ? local.setItem(key, text) : local.removeItem(key))),
    keys: () => attempt(() => Object.keys(local)) ?? [],
  };
}
