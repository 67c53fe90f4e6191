import { describe, expect, it } from "vitest";
import type { Allocation } from "../../src/api/allocations";
import { even, gathered, pauses, stepAt, steps } from "../../src/lib/series";

const ARMS = ["a", "b", "c"];

function allocation(number: number, started_at: number, changes: Partial<Allocation> = {}): Allocation {
  const weights = { a: 0.5, b: 0.3, c: 0.2 };
  return {
    number,
    started_at,
    weights,
    traffic: 1,
    enrolling: true,
    cause: "start",
    actor: "owner",
    reason: "",
    ...changes,
  };
}

const HISTORY = [
  allocation(1, 100),
  allocation(2, 200, { enrolling: false, cause: "pause" }),
  allocation(3, 250, { enrolling: false, cause: "change", weights: { a: 0.2, b: 0.2, c: 0.6 } }),
  allocation(4, 300, { cause: "resume" }),
];

describe("steps", () => {
  it("follow each other without a gap, from the start until the end", () => {
    const series = steps(HISTORY, { arms: ARMS, until: 400 });
    expect(series.map(({ from, to }) => [from, to])).toEqual([
      [100, 200],
      [200, 250],
      [250, 300],
      [300, 400],
    ]);
  });

  it("give every arm its weight in the order asked for, and an arm that was not there none", () => {
    const [first] = steps(HISTORY, { arms: ["c", "new", "a"], until: 400 });
    expect(first?.weights).toEqual([0.2, 0, 0.5]);
  });

  it("leave out what lasted no time, such as the allocation that ended the experiment", () => {
    const ended = [...HISTORY, allocation(5, 400, { cause: "complete", enrolling: false })];
    expect(steps(ended, { arms: ARMS, until: 400 }).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it("of one allocation that has just begun are that one", () => {
    expect(steps([allocation(1, 100)], { arms: ARMS, until: 100 })).toMatchObject([{ from: 100, to: 101 }]);
  });

  it("never run backwards where this clock is behind", () => {
    const series = steps(HISTORY, { arms: ARMS, until: 150 });
    expect(series.every(({ from, to }) => to > from)).toBe(true);
  });

  it("of no allocations are none", () => expect(steps([], { arms: ARMS, until: 5 })).toEqual([]));

  it("of a history from elsewhere are no pauses, though nobody was let in here", () => {
    const imported = [allocation(1, 100, { enrolling: false })];
    expect(pauses(steps(imported, { arms: ARMS, until: 200, imported: true }))).toEqual([]);
    expect(pauses(steps(imported, { arms: ARMS, until: 200 }))).toHaveLength(1);
  });
});

it("joins pauses that follow each other", () => {
  const series = steps(HISTORY, { arms: ARMS, until: 400 });
  expect(pauses(series)).toEqual([{ from: 200, to: 300 }]);
  expect(series[1]).toMatchObject({ from: 200, to: 250 });
});

it.each([
  [-1e15, 0],
  [100, 0],
  [199, 0],
  [200, 1],
  [299, 2],
  [300, 3],
  [1e15, 3],
])("finds the step at %d", (moment, index) => {
  expect(stepAt(steps(HISTORY, { arms: ARMS, until: 400 }), moment)).toBe(index);
});

it("finds the first of none", () => expect(stepAt([], 7)).toBe(0));

describe("gathering", () => {
  it("keeps the whole at one, whichever arms are shown", () => {
    const series = steps(HISTORY, { arms: ARMS, until: 400 });
    for (const places of [[], [0], [2, 0], [0, 1, 2]]) {
      for (const { weights } of gathered(series, places)) {
        expect(weights).toHaveLength(places.length + 1);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("leaves no sliver where all are shown", () => {
    const thirds = [allocation(1, 0, { weights: { a: 0.3334, b: 0.3333, c: 0.3333 } })];
    expect(gathered(steps(thirds, { arms: ARMS, until: 9 }), [0, 1, 2])[0]?.weights[3]).toBe(0);
  });
});

it.each([
  [[0.3334, 0.3333, 0.3333], true],
  [[0.5, 0, 0.5], true],
  [[0.51, 0.49], false],
  [[1], true],
])("%j is even: %s", (weights, expected) => expect(even(weights)).toBe(expected));
