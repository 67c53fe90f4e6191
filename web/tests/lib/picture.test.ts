import { expect, it } from "vitest";
import { fitted, spread } from "../../src/lib/picture";

it.each([
  [[], 16],
  [[50], 16],
  [[50, 50, 50], 16],
  [[0, 1, 2, 99, 100], 16],
  [[100, 100, 100, 100, 100, 100, 100, 100], 16],
])("moves the labels at %j apart within their room", (places, gap) => {
  const found = spread(places, gap, 0, 100);
  const least = places.length > 1 ? Math.min(gap, 100 / (places.length - 1)) : 0;
  for (const [index, place] of found.entries()) {
    expect(place).toBeGreaterThanOrEqual(-1e-9);
    expect(place).toBeLessThanOrEqual(100 + 1e-9);
    if (index > 0) expect(place - (found[index - 1] as number)).toBeGreaterThanOrEqual(least - 1e-9);
  }
});

it("leaves labels where they are that have room", () => {
  expect(spread([10, 40, 90], 16, 0, 100)).toEqual([10, 40, 90]);
});

it("cuts a text between letters, never within one", () => {
  expect(fitted("Variant A", 200)).toBe("Variant A");
  expect(fitted("Variant A", 50)).toBe("Varian…");
  expect(fitted("🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉", 35)).toBe("🎉🎉🎉🎉…");
  expect(fitted("Variant A", 0)).toBe("Va…");
});

it.each([
  ["CTA-B + Copy-Y", 14, "CTA-B + Copy-Y"],
  ["CTA-B + Copy-Y", 12, "CTA-B+Copy-Y"],
  ["Start free + Ship tonight", 14, "Start… + Ship…"],
  ["Go + Ship tonight", 14, "Go + Ship ton…"],
  ["Start free + Ship tonight + Photo", 14, "Sta…+Shi…+Pho…"],
  ["Start free + Ship tonight + Photo", 9, "Start fr…"],
])("leaves of every part of %s, in %d letters, its beginning", (name, letters, said) => {
  expect(fitted(name, letters, 1)).toBe(said);
});
