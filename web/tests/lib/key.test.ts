import { describe, expect, it } from "vitest";
import { freeKey, isKey, keyOf, LONGEST_KEY } from "../../src/lib/key";

describe("the key of a name", () => {
  it.each([
    ["Headline of the start page", "headline-of-the-start-page"],
    ["  Größe & Preis!  ", "gro-e-preis"],
    ["Café crème", "cafe-creme"],
    ["--_ variant_a", "variant_a"],
    ["10 % off", "10-off"],
    ["日本語", ""],
  ])("of %j is %j", (name, key) => {
    expect(keyOf(name)).toBe(key);
  });

  it("is a key or empty, whatever the name", () => {
    for (const name of [
      "ends at the limit-".repeat(9),
      "a".repeat(200),
      "-",
      "_x_",
      "É",
      "🎉 party",
      "A\nB",
    ]) {
      const key = keyOf(name);
      expect(key === "" || isKey(key), `${name} became ${key}`).toBe(true);
    }
  });
});

describe("a free key", () => {
  it("is the wanted one where nothing has it", () => {
    expect(freeKey("bold", ["control"])).toBe("bold");
  });

  it("gets the first number that is free", () => {
    expect(freeKey("bold", ["bold", "bold-2"])).toBe("bold-3");
  });

  it("stays a key when the wanted one is as long as a key may be", () => {
    const long = "a".repeat(LONGEST_KEY);
    const free = freeKey(long, [long]);
    expect(free).not.toBe(long);
    expect(isKey(free)).toBe(true);
  });
});
