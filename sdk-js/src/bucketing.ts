/**
 * Bucketing: a visitor's id and a question's key give one fixed number, the same on every machine and in every language.
 *
 * Twin of vibevariant/experiments/bucketing.py. Both read tests/vectors/bucketing.json.
 */

/** The 32-bit FNV-1a hash of some bytes (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function fnv1a32(data: Uint8Array): number {
  let hashed = 0x811c9dc5;
  for (const byte of data) hashed = Math.imul(hashed ^ byte, 0x01000193);
  return hashed >>> 0;
}

/** The finaliser of MurmurHash3: without it, near keys would agree for nearly every visitor. */
export function fmix32(hashed: number): number {
  const once = Math.imul(hashed ^ (hashed >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/**
 * A visitor's place on [0, 10000) for one question; another key is another question, and independent.
 *
 * The UTF-8 bytes are hashed as they come, without normalisation. Half of a surrogate pair, which the server
 * refuses, counts as U+FFFD, as `toWellFormed()` makes it.
 */
export function bucket(visitorId: string, key: string): number {
  const data = new TextEncoder().encode(`${visitorId}:${key}`);
  return Math.floor((fmix32(fnv1a32(data)) * 10_000) / 2 ** 32);
}

/**
 * The index of the arm whose stretch of [0, 10000) holds the bucket; -1 where the weights sum to less.
 *
 * The arms lie side by side in their fixed order, each as long as its weight and half-open.
 */
export function armAt(bucket: number, weights: readonly number[]): number {
  let end = 0;
  return weights.findIndex((weight) => {
    end += weight;
    return bucket < end;
  });
}
