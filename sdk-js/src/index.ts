/** @vibevariant/sdk: show a visitor their arm, tell VibeVariant what they did. */

export type { Client, Details, Options } from "./api.js";
export { createClient } from "./client.js";
export type { Scalar } from "./queue.js";
export type { StoreKind } from "./store.js";
