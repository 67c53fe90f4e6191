/** Keys: the short names that stand in addresses and in a site's code. The appliance has the last word on them. */

export const LONGEST_KEY = 64;

const KEY = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** The key that a name suggests; empty where the name holds nothing that a key may. */
export function keyOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, LONGEST_KEY)
    .replace(/[-_]+$/, "");
}

/** The wanted key, or the first of wanted-2, wanted-3, … that nothing else has. */
export function freeKey(wanted: string, taken: readonly string[]): string {
  let key = wanted;
  for (let number = 2; taken.includes(key); number += 1) {
    const end = `-${number}`;
    key = wanted.slice(0, LONGEST_KEY - end.length) + end;
  }
  return key;
}
