/** JSON as the server reads it: plain values, and no half of a surrogate pair. */

/**
 * A copy that JSON can carry. Half of a surrogate pair (a text cut within an emoji) becomes U+FFFD: the server
 * refuses a whole body for one. Throws where there is no JSON for a value (a circle, a BigInt).
 */
export function plain<T>(value: T): T {
  // JSON.stringify escapes the halves that are alone, and no other characters above U+001F.
  const text = JSON.stringify(value).replace(/\\(?:(ud[89a-f]..)|.)/g, (escaped, half) =>
    half ? "\ufffd" : escaped,
  );
  return JSON.parse(text);
}

/** How many bytes a value has as JSON in UTF-8. */
export function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
