import { expect, it } from "vitest";
import type { GoalArm, GoalResult } from "../../src/api/results";
import { liftOf, reached, verdict } from "../../src/lib/goals";
import { GOALS } from "../fixtures/rich";

/** What is said of every arm of a goal. */
function said(key: string) {
  const goal = GOALS.find((each) => each.key === key) as GoalResult;
  return goal.arms.map((arm) => verdict(goal, arm));
}

it("says of a guardrail whether it is harmed, and nothing of the control", () => {
  expect(said("stay")).toEqual([undefined, { tone: "harm", text: "harm is proven" }]);
  expect(said("return")).toEqual([undefined, { tone: "plain", text: "no harm proven" }]);
});

it("says of a secondary goal whether its change is told from luck, and which way it went", () => {
  expect(said("newsletter")).toEqual([undefined, { tone: "wait", text: "told from luck: less often" }]);
  expect(said("share")).toEqual([undefined, { tone: "plain", text: "not told from luck" }]);
});

it("has counts beside every rate, and no rate without visitors", () => {
  const [control] = (GOALS[0] as GoalResult).arms as [GoalArm];
  expect(reached(control)).toBe("30 of 37 (81.1 %)");
  expect(reached({ ...control, exposed: 0, conversions: 0, rate: null })).toBe("0 of 0");
});

it("never prints an absurd change", () => {
  expect(liftOf({ "0.025": -0.9999, "0.5": 1.2, "0.975": 75.3 })).toBe(
    "+120 % (−99 % or worse to +999 % or more)",
  );
  expect(liftOf(null)).toBe("–");
});
