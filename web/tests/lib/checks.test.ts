import { expect, it } from "vitest";
import { checks } from "../../src/lib/checks";
import { BROKEN, COLLECTING } from "../fixtures";

it("names the arm that is furthest off, of many", () => {
  const [split] = checks(BROKEN, BROKEN.stats);
  expect(split).toEqual({
    tone: "harm",
    word: "Split off",
    text: "Furthest off: Headline 1 got 522 visitors where about 398 were planned. That is no chance.",
  });
});

it("takes the appliance's word for it that a split is as planned", () => {
  expect(checks(COLLECTING, COLLECTING.stats).map(({ tone }) => tone)).toEqual(["good", "good"]);
});

it("notices an arm that nobody sees, and a share of the traffic", () => {
  const [control, ...others] = COLLECTING.stats.arms;
  const arms = [{ ...(control as NonNullable<typeof control>), exposed: 0 }, ...others];
  const found = checks({ ...COLLECTING, traffic: 0.5 }, { ...COLLECTING.stats, arms });
  expect(found.find(({ word }) => word === "Never shown")?.text).toContain("Control");
  expect(found.find(({ word }) => word === "Part of the traffic")?.text).toBe(
    "50 % of your visitors take part.",
  );
});
