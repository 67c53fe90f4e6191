import { expect, it } from "vitest";
import { MODES, modeName, SHARINGS, sharingOf, sharingText } from "../../src/lib/modes";

it("has one text for every way, of which three are modes and one is recommended", () => {
  expect(SHARINGS.map(({ value }) => value)).toEqual(["learn", "balanced", "earn", "fixed"]);
  expect(MODES.map(({ value }) => modeName(value))).toEqual(["Learn", "Balanced", "Earn"]);
  expect(SHARINGS.filter(({ name }) => name.includes("recommended")).map(({ value }) => value)).toEqual([
    "balanced",
  ]);
});

it("says of every way what it earns and what it costs, in whole sentences", () => {
  for (const { earns, costs } of SHARINGS) {
    for (const text of [earns, costs]) expect(text).toMatch(/^[A-Z].*\.$/);
  }
});

it("knows how an experiment shares its newcomers out", () => {
  expect(sharingOf({ allocation: "fixed", mode: null })).toBe("fixed");
  expect(sharingOf({ allocation: "adaptive", mode: "earn" })).toBe("earn");
  expect(sharingText("earn").short).toBe("most conversions now");
});
