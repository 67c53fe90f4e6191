import { describe, expect, it } from "vitest";
import type { ArmResult } from "../../src/api/results";
import { FORMULAS } from "../../src/lib/formulas";
import {
  anytime,
  hadAllSeen,
  LEVELS,
  levelOf,
  pointsRange,
  pValue,
  ratioOf,
  tested,
} from "../../src/lib/statistics";
import { BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";

describe("a lift", () => {
  it("is cut off in words where it is absurd", () => {
    const [one] = COLLECTING.stats.comparisons;
    expect(LEVELS.map((level) => levelOf(one?.lift.relative ?? {}, level, "relative"))).toEqual([
      "−70.5 %",
      "−12.5 %",
      "+57.1 %",
      "+195.6 %",
      "+999 % or more",
    ]);
    expect(levelOf({ "0.5": Number.POSITIVE_INFINITY }, "0.5", "relative")).toBe("+999 % or more");
    expect(levelOf({ "0.5": -0.998 }, "0.5", "relative")).toBe("−99 % or worse");
  });

  it("is there at every level, in every reply", () => {
    for (const { stats } of [SHIP, STOP, BROKEN, COLLECTING]) {
      for (const { lift } of stats.comparisons) {
        for (const level of LEVELS) {
          expect(levelOf(lift.calibrated, level, "relative")).toMatch(/%/);
          expect(levelOf(lift.relative, level, "relative")).toMatch(/%/);
          expect(levelOf(lift.absolute, level, "points")).toMatch(/points$/);
        }
      }
    }
  });

  it.each([
    [[null, null], "no lift is excluded yet"],
    [[null, -0.04], "up to −4 %; however low is open"],
    [[0.37, null], "from +37 %; however high is open"],
    [[-0.998, 316.2], "−99 % or worse to +999 % or more"],
  ] as const)("at every look, %j", (ends, words) => expect(anytime([...ends])).toBe(words));
});

describe("a number that is missing", () => {
  it("has its reason in its place", () => {
    expect(tested(null, null, "no variation")).toBe("no variation");
    expect(pValue(null, "too many visitors")).toBe("too many visitors");
    expect(pointsRange(null, "no visitors")).toBe("no visitors");
    const nothing = { log_ratio: null, standard_error: null, interval_95: null };
    expect(ratioOf({ ...nothing, reason: "no conversions" })).toBe("no conversions");
    expect(hadAllSeen(COLLECTING.stats.arms[0] as ArmResult)).toBe("too few conversions");
  });

  it("is told from one that is 0", () => expect(tested(0, 1, undefined)).toBe("0, p = 1"));
});

it("had all seen an arm, a rate is given with its range, and with whom it leaves out", () => {
  const [arm] = SHIP.stats.arms as [ArmResult];
  expect(hadAllSeen(arm)).toBe("3.4 % (2.6 to 4.2 %)");
  const left = { ...arm, had_all_seen: { ...arm.had_all_seen, left_out: 12 } };
  expect(hadAllSeen(left)).toBe("3.4 % (2.6 to 4.2 %); without 12 visitors while it was not served");
});

it.each(Object.entries(FORMULAS))("the formula ‘%s’ is whole and has a source", (_, { formula, source }) => {
  expect(formula).toMatch(/\.$/);
  expect(source).toMatch(/\.$/);
});
