/** UUIDs of version 7 (RFC 9562): the time in milliseconds, then chance. */

/** A new one. `crypto.randomUUID` makes another version, and none on a page without https. */
export function uuid(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) =>
    (byte + 256).toString(16).slice(1),
  );
  return (time + chance.join("")).replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-7$3-8$4-");
}
