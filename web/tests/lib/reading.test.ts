import { describe, expect, it } from "vitest";
import type { Results } from "../../src/api/results";
import { frequencies, isBroken, leading, rangeOf, readArm } from "../../src/lib/reading";
import { armWith, BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";
import { STEERED } from "../fixtures/elements";

function unseen(results: Results): Results {
  return {
    ...results,
    summary: { exposed: 0, conversions: 0, conversion_rate: null },
    arms: results.arms.map((arm) => ({
      ...arm,
      ...{ exposed: 0, conversions: 0, primary_conversion_rate: null, rate: null, rate_95: null },
    })),
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
});

it("leads where the appliance says so, and not with the arm that does harm", () => {
  expect(leading(SHIP.stats)?.key).toBe("arm-1");
  expect(STOP.stats.decision.arm).toBe("arm-1");
  expect(leading(STOP.stats)?.key).toBe("arm-0");
});

describe("the rates as people", () => {
  it("are told for a winner", () => {
    expect(frequencies(SHIP.stats)).toBe(
      "Out of every 100 visitors, about 7 reached ‘click’ with Headline 2 and 3 with Headline 1.",
    );
  });

  it("are not told of a handful, of a split that is broken, nor of an arm without visitors", () => {
    expect(frequencies(COLLECTING.stats)).toBe("");
    expect(frequencies(BROKEN.stats)).toBe("");
    expect(frequencies(unseen(SHIP.stats))).toBe("");
  });
});

it("takes back no chance for a goal that fell silent, as it does for a split that is off", () => {
  const silent = { ...SHIP.stats.decision, status: "broken" as const, reason: "silent" as const };
  expect(isBroken({ decision: silent })).toBe(false);
  expect(isBroken(BROKEN.stats)).toBe(true);
});

it("shows the adjusted rate where rates are, the counted one beside it, and that alone elsewhere", () => {
  const [arm] = STEERED.stats.arms as [(typeof STEERED.stats.arms)[0]];
  expect(readArm(arm, STEERED.stats)).toMatchObject({ rate: "5.1 %", raw: "3.4 %", range: "4.2 to 6.1 %" });
  const [counted] = SHIP.stats.arms as [typeof arm];
  expect(readArm(counted, SHIP.stats)).toMatchObject({
    rate: "3.4 %",
    raw: undefined,
    range: "2.6 to 4.3 %",
  });
});
