import { describe, expect, it } from "vitest";
import type { Elements, ElementVariant } from "../../src/api/results";
import {
  best,
  combinationsCaption,
  depth,
  grid,
  pairSentence,
  pairsIn,
  pairWord,
  ranked,
  reachOf,
  readVariant,
  restSentence,
  shareSentence,
} from "../../src/lib/elements";
import { armWith, BROKEN, SHIP } from "../fixtures";
import { ELEMENTS, IN_THE_WAY, ONLY_TOGETHER, THREE_ELEMENTS, TWO_ELEMENTS } from "../fixtures/elements";

const { arms } = TWO_ELEMENTS.stats;

describe("the map of the combinations", () => {
  it("holds every one of them once, in the places of its variants", () => {
    const map = grid(TWO_ELEMENTS, TWO_ELEMENTS.stats);
    expect(map?.rows.map(({ row, cells }) => [row.key, cells.map(({ arm }) => arm?.key)])).toEqual([
      ["a", ["a-x", "a-y"]],
      ["b", ["b-x", "b-y"]],
      ["c", ["c-x", "c-y"]],
    ]);
  });

  it("is there for two elements alone", () => {
    expect(grid(THREE_ELEMENTS, THREE_ELEMENTS.stats)).toBeUndefined();
    expect(grid(SHIP, SHIP.stats)).toBeUndefined();
  });

  it("is the deeper the higher the rate, and even where all are alike", () => {
    expect(arms.map(({ rate }) => depth(rate, arms))).toEqual(
      [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => expect.closeTo(share, 9)),
    );
    expect(depth(0.05, [armWith({ rate: 0.05 }), armWith({ rate: 0.05 })])).toBe(0);
    expect(depth(null, arms)).toBe(0);
    expect(depth(null, [armWith({ rate: null })])).toBe(0);
  });

  it("is told in a sentence, of rates that are known", () => {
    expect(combinationsCaption(TWO_ELEMENTS.stats)).toBe(
      "6 combinations. The most visitors reached ‘click’ with Go + Ship tonight, 10 of every 100; the fewest with Buy now + Save time, 5. Rates of few visitors are still guesses.",
    );
    const unseen = { ...TWO_ELEMENTS.stats, arms: arms.map((arm) => ({ ...arm, rate: null })) };
    expect(combinationsCaption(unseen)).toBe("6 combinations.");
  });
});

it("ranks the combinations by their chance, what is dropped last", () => {
  const [first, ...others] = [...arms].reverse();
  expect(ranked(arms).map(({ key }) => key)).toEqual([first, ...others].map((arm) => arm?.key));
  const dropped = arms.map((arm) => ({ ...arm, dropped: arm.key === first?.key }));
  expect(ranked(dropped).at(-1)?.key).toBe(first?.key);
});

it("names no best one before a conversion, nor from counts that are off", () => {
  expect(best(TWO_ELEMENTS.stats)?.key).toBe("c-y");
  const none = { ...TWO_ELEMENTS.stats.summary, conversions: 0 };
  expect(best({ ...TWO_ELEMENTS.stats, summary: none })).toBeUndefined();
  expect(best({ ...TWO_ELEMENTS.stats, decision: BROKEN.stats.decision })).toBeUndefined();
});

describe("a pair", () => {
  it("is in every combination that has both of its variants", () => {
    const held = THREE_ELEMENTS.stats.arms.filter(
      ({ variants }) => pairsIn(variants, [ONLY_TOGETHER]).length > 0,
    );
    expect(held.map(({ key }) => key)).toEqual(["b-y-photo", "b-y-none"]);
  });

  it("helps or hinders, by so much and so surely", () => {
    expect(pairWord(ONLY_TOGETHER)).toBe("works only together");
    expect(pairWord(IN_THE_WAY)).toBe("get in each other’s way");
    expect(pairSentence(ONLY_TOGETHER)).toBe(
      "+31 % beyond what each of the two does by itself. The chance that this is more than 5 % either way is 93 in 100.",
    );
    expect(pairSentence(IN_THE_WAY)).toMatch(/^−18 % beyond/);
  });
});

describe("a variant", () => {
  const [button] = ELEMENTS.elements as [Elements["elements"][0]];
  const [control, other] = button.variants as [ElementVariant, ElementVariant];

  it("has its change with the range, and its chance in words", () => {
    expect(readVariant(other, "Buy now")).toEqual({
      change: "+12 % (+3 % to +22 %)",
      chance: "Better than Buy now with a chance of 96 in 100.",
    });
    expect(readVariant({ ...other, p_better: null }, "Buy now")?.chance).toBe("");
  });

  it("that is the control is held against nothing", () =>
    expect(readVariant(control, "Buy now")).toBeUndefined());
});

it("says how much an element accounts for, and what is left for what they do together", () => {
  expect(shareSentence(0.412)).toBe("About 41 % of all that combinations differ by comes from it.");
  expect(restSentence(ELEMENTS)).toBe("The rest, about 39 %, comes from what they do together.");
  expect(restSentence({ elements: ELEMENTS.elements.map((element) => ({ ...element, share: 0.5 })) })).toBe(
    "",
  );
});

it("has room on its scale for every range and for nothing at all, and for no absurd one", () => {
  expect(reachOf(ELEMENTS)).toEqual([-0.2, 0.22]);
  const wild = { "0.025": -0.9999, "0.975": 75 };
  const [low, high] = reachOf({
    elements: ELEMENTS.elements.map((element) => ({
      ...element,
      variants: element.variants.map((variant) => ({ ...variant, lift: wild })),
    })),
  });
  expect([low, high]).toEqual([-0.9999, 2]);
  expect(reachOf({ elements: [] })).toEqual([-0.05, 0.05]);
});
