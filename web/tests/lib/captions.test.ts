import { describe, expect, it } from "vitest";
import { densitiesCaption, sharesCaption } from "../../src/lib/captions";
import { steps } from "../../src/lib/series";
import { ALLOCATIONS, BROKEN, COLLECTING, SHIP } from "../fixtures";

const ARMS = COLLECTING.arms.map((arm) => arm.key);
const UNTIL = COLLECTING.stats.read_at;

describe("the hills", () => {
  it("are said to lie apart where they do", () => {
    expect(densitiesCaption(SHIP.stats)).toContain(
      "With Headline 2, 6 to 8 of every 100 visitors reach ‘click’ in the long run; with Headline 1, 3 to 4 of every 100 visitors. These two ranges do not overlap.",
    );
  });

  it("are said to overlap where they do", () => {
    expect(densitiesCaption(COLLECTING.stats)).toContain("These two ranges overlap.");
  });

  it("have one end only where nobody has converted, and are not laid beside each other", () => {
    const arms = COLLECTING.stats.arms.map((arm) => ({ ...arm, conversions: 0 }));
    const caption = densitiesCaption({ ...COLLECTING.stats, arms });
    expect(caption).toContain("at most 13 of every 100 visitors");
    expect(caption).not.toContain("overlap");
  });

  it("are not to be trusted where the split is broken", () => {
    expect(densitiesCaption(BROKEN.stats)).toContain("may stand in the wrong place");
  });
});

describe("the shares", () => {
  it("say where they began and where they are", () => {
    const series = steps(ALLOCATIONS, { arms: ARMS, until: UNTIL });
    expect(sharesCaption(COLLECTING, series)).toBe(
      "Every arm got the same share (50 %) of the newcomers at first. Since then the shares moved once: now Variant A gets the most, 58.8 %.",
    );
  });

  it("say that they never moved, and how often nobody was let in", () => {
    const [first] = ALLOCATIONS;
    if (first === undefined) throw new Error("The fixture has no allocations.");
    const paused = { ...first, number: 2, started_at: first.started_at + 10, enrolling: false };
    const series = steps([first, paused], { arms: ARMS, until: UNTIL });
    expect(sharesCaption(COLLECTING, series)).toBe(
      "Every arm got the same share (50 %) of the newcomers throughout. It was paused once: the hatched part, when nobody new was let in.",
    );
  });

  it("of nothing say nothing", () => expect(sharesCaption(COLLECTING, [])).toBe(""));
});
