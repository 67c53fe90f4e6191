import { expect, it } from "vitest";
import type { Results } from "../../src/api/results";
import { checks } from "../../src/lib/checks";
import { BROKEN, COLLECTING } from "../fixtures";
import { HEALTH } from "../fixtures/rich";

it("names the arm that is furthest off, of many", () => {
  const [split] = checks(BROKEN, BROKEN.stats);
  expect(split).toEqual({
    tone: "harm",
    word: "Split off",
    text: "Furthest off: Headline 1 got 522 visitors where about 398 were planned. That is no chance.",
  });
});

it("takes the appliance's word for it that a split is as planned", () => {
  expect(checks(COLLECTING, COLLECTING.stats).map(({ word }) => word)).toEqual([
    "Split as planned",
    "Goal arrives",
    "Nothing left out",
  ]);
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

/** What is said under a word, with this health. */
function said(word: string, health: Partial<Results["health"]>) {
  const results = { ...COLLECTING.stats, health: { ...COLLECTING.stats.health, ...health } };
  return checks(COLLECTING, results).find((check) => check.word === word);
}

it("says since when a goal that used to come comes no more, and what was to be expected", () => {
  const silence = { ...(HEALTH.silence as NonNullable<typeof HEALTH.silence>), visitors_since: 240 };
  const silent = { ...silence, expected: 12.2, probability: 0.0001, is_silent: true };
  expect(said("Goal silent", { silence: silent })).toMatchObject({
    tone: "harm",
    text: expect.stringMatching(/240 visitors came since, who would have brought about 12\.$/),
  });
  expect(said("Goal arrives", { silence })?.text).toContain("The last one came in the hour from");
});

it("counts what it left out, and says so where it left out nothing", () => {
  const { arrivals, share_left_out } = HEALTH;
  expect(said("Left out", { arrivals, share_left_out })?.text).toBe(
    "12.3 % of all 4,800 that came in: 513 from robots and 77 sent twice. They are in no number here.",
  );
  const clean = { arrivals: { counted: 10, robots: 0, duplicates: 0 }, share_left_out: 0 };
  expect(said("Nothing left out", clean)?.tone).toBe("good");
  expect(said("Left out", {})).toBeUndefined();
});

it("names goals that nobody ever reached, beside the one that is read", () => {
  expect(said("Never reached", { unreached: ["return", "signup"] })?.text).toContain("reached ‘return’. Is");
  expect(said("Never reached", { unreached: ["signup"] })).toBeUndefined();
});

it("tells how late conversions come, and calls the rates with them provisional", () => {
  expect(said("Conversions come late", { delay: HEALTH.delay })?.text).toBe(
    "Half of the conversions come within 5 hours, 95 of 100 within 2 days. With those still to come, rates would be about 3.0 % for Control, 5.7 % for Variant A: provisional.",
  );
  const unknown = { median_hours: null, slow_hours: null, arms: [] };
  expect(said("Conversions come late", { delay: unknown })?.text).toBe("How late is not known yet.");
});
