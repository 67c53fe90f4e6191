import { describe, expect, it } from "vitest";
import type { Results } from "../../src/api/results";
import { leading, rangeOf, readArm, stakes } from "../../src/lib/reading";
import { armWith, BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";

function unseen(results: Results): Results {
  return {
    ...results,
    summary: { exposed: 0, conversions: 0, conversion_rate: null },
    arms: results.arms.map((arm) => ({ ...arm, exposed: 0, conversions: 0, primary_conversion_rate: null })),
  };
}

describe("an arm", () => {
  it("without visitors has no rate, no range and no chance", () => {
    const results = unseen(SHIP.stats);
    const [arm] = results.arms;
    expect(readArm(arm as (typeof results.arms)[0], results)).toMatchObject({
      visitors: "0",
      rate: "–",
      range: "",
      chance: "–",
    });
  });

  it("without a conversion is below something", () => {
    const posterior = {
      alpha: 1,
      beta: 51,
      mean: 0.02,
      interval_95: [0.0005, 0.07] as [number, number],
      at_most: 0.057,
    };
    expect(rangeOf(armWith({ exposed: 50, conversions: 0, posterior }))).toBe("at most 5.7 %");
  });

  it("of more than two leads with at least its chance", () => {
    const arms = SHIP.stats.arms.map((arm) => ({
      ...arm,
      p_best_calibrated: arm.key === "arm-1" ? 0.6 : 0.1,
    }));
    const results = { ...SHIP.stats, arms };
    expect(arms.map((arm) => readArm(arm, results).chance)).toEqual([
      "10 in 100",
      "at least 60 in 100",
      "10 in 100",
      "10 in 100",
    ]);
  });
});

it("leads where the decision says so, and not with the arm that does harm", () => {
  expect(leading(SHIP.stats)?.key).toBe("arm-1");
  expect(STOP.stats.decision.arm).toBe("arm-1");
  expect(leading(STOP.stats)?.key).toBe("arm-0");
});

it("leads, of arms that are equally likely best, with the one that risks less", () => {
  const arms = SHIP.stats.arms.map((arm, index) => ({
    ...arm,
    p_best_calibrated: 0.25,
    expected_loss_calibrated: [0.3, 0.2, 0.1, 0.4][index] ?? 1,
  }));
  const decision = { ...SHIP.stats.decision, status: "keep testing" as const, arm: null };
  expect(leading({ arms, decision })?.key).toBe("arm-2");
});

describe("what is at stake", () => {
  it("is told in people, for a winner", () => {
    expect(stakes(SHIP.stats)).toEqual([
      "Out of every 100 visitors, about 7 reached ‘click’ with Headline 2 and 3 with Headline 1.",
      "The chance of being the best of all 4 is more than 99 in 100 for Headline 2.",
      "On average, choosing Headline 2 would cost fewer than 1 in 1,000 of the conversions there could be; choosing Headline 1, at most about 47 in 100.",
    ]);
  });

  it("is told as counted, where little is known", () => {
    expect(stakes(COLLECTING.stats)[0]).toBe(
      "So far 3 of 59 visitors reached ‘signup’ with Variant A, and 1 of 37 visitors with Control.",
    );
  });

  it("is not told of a split that is broken, nor before anybody came", () => {
    expect(stakes(BROKEN.stats)).toEqual([]);
    expect(stakes(unseen(SHIP.stats))).toEqual([]);
  });

  it("is a ceiling while nobody has reached the goal", () => {
    const silent = {
      ...COLLECTING.stats,
      summary: { exposed: 96, conversions: 0, conversion_rate: 0 },
      arms: COLLECTING.stats.arms.map((arm) => ({ ...arm, conversions: 0, primary_conversion_rate: 0 })),
    };
    expect(stakes(silent)).toHaveLength(1);
    expect(stakes(silent)[0]).toMatch(/fewer than 13 of every 100 visitors reach ‘signup’/);
  });
});
