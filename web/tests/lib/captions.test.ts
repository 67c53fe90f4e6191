import { describe, expect, it } from "vitest";
import { densitiesCaption, forecastCaption, horizons, sharesCaption } from "../../src/lib/captions";
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
    expect(caption).toContain("at most 10 of every 100 visitors");
    expect(caption).not.toContain("overlap");
  });

  it("say that they are of the raw counts where the table's rates are not", () => {
    const rates = { method: "adjusted" as const, note: "…" };
    expect(densitiesCaption({ ...SHIP.stats, rates })).toContain("drawn from the raw counts");
    expect(densitiesCaption(SHIP.stats)).not.toContain("raw");
  });

  it("are not to be trusted where the split is broken", () => {
    expect(densitiesCaption(BROKEN.stats)).toContain("may stand in the wrong place");
  });
});

describe("the shares", () => {
  it("say where they began and where they are", () => {
    const series = steps(ALLOCATIONS, { arms: ARMS, until: UNTIL });
    expect(sharesCaption(COLLECTING, series)).toBe(
      "Every arm got the same share (50 %) of the newcomers at first. Since then the shares moved once: now Variant A gets the most, 61.9 %.",
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

describe("how long it may take", () => {
  const found = horizons({ weeks: [1, 2, 4, 8], p_answer: [0.004, 0.09, 0.27, 0.995] });

  it("is a chance for every horizon, never none and never certain", () => {
    expect(found.map(({ by, said }) => `${by}: ${said}`)).toEqual([
      "Within 1 week: less than 1 in 100",
      "Within 2 weeks: 9 in 100",
      "Within 4 weeks: 27 in 100",
      "Within 8 weeks: more than 99 in 100",
    ]);
    expect(forecastCaption(found)).toContain(
      "within 1 week with a chance of less than 1 in 100, and within 8 weeks with a chance of more than 99 in 100.",
    );
  });

  it("is nothing where nothing can be foretold", () => {
    expect(horizons(null)).toEqual([]);
    expect(horizons({ weeks: [1, 2, 4, 8], p_answer: null })).toEqual([]);
    expect(forecastCaption([])).toBe("");
  });
});
