import { expect, it } from "vitest";
import { armLooks, armsToDraw, called, READABLE } from "../../src/lib/arms";
import { armWith } from "../fixtures";

function arms(many: number, control = 0) {
  return Array.from({ length: many }, (_, index) =>
    armWith({
      key: `arm-${index}`,
      name: `Arm ${index}`,
      is_control: index === control,
      p_best_calibrated: index / many,
    }),
  );
}

it("gives the control its grey wherever it stands, and nobody else", () => {
  for (const control of [0, 1, 4]) {
    const looks = [...armLooks(arms(5, control))];
    expect(looks.filter(([, { colour }]) => colour === "var(--arm-0)")).toHaveLength(1);
    expect(looks[control]?.[1].colour).toBe("var(--arm-0)");
  }
});

it("tells as many arms apart as a picture shows, by colour and line", () => {
  const looks = [...armLooks(arms(READABLE)).values()];
  expect(new Set(looks.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(READABLE);
});

it.each([2, READABLE])("draws all of %d arms", (many) => expect(armsToDraw(arms(many))).toHaveLength(many));

it.each([11, 49])("draws of %d arms the control and the best, in their order", (many) => {
  const drawn = armsToDraw(arms(many, 3)).map(({ key }) => key);
  expect(drawn[0]).toBe("arm-3");
  expect(drawn.slice(1)).toEqual(Array.from({ length: 7 }, (_, index) => `arm-${many - 7 + index}`));
});

it.each([
  ["variant_a", "Variant A", "Variant A"],
  ["arm-1", "Headline 2", "Headline 2 (arm-1)"],
])("calls %s", (key, name, said) => expect(called({ key, name, is_control: false })).toBe(said));
