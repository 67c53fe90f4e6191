/** The visitor: an id that stays the same as long as the browser keeps it. */

import { attempt } from "./attempt.js";
import type { Store, StoreKind } from "./store.js";
import { uuid } from "./uuid.js";

const NAME = "vv_id";

/** Seconds: 400 days, the longest that browsers keep a cookie. */
const LIFE = 34_560_000;

/** The id this browser had before, or a new one. The cookie comes first: the server can set it too, and reads it. */
export function findVisitor(store: Store, storage: StoreKind): string {
  const cookie = attempt(() => storage === "cookie" && /(?:^|; )vv_id=([\w-]+)/.exec(document.cookie)?.[1]);
  return cookie || store.read(NAME) || uuid();
}

/** Has the browser keep the id, in both places: people and browsers clear the one or the other. */
export function keepVisitor(id: string, store: Store, storage: StoreKind): void {
  store.write(NAME, id);
  attempt(() => {
    const secure = location.protocol === "https:" ? ";secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in older browsers and without https.
    if (storage === "cookie") document.cookie = `${NAME}=${id};path=/;max-age=${LIFE};samesite=lax${secure}`;
  });
}
