import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { armAt, bucket, fmix32, fnv1a32 } from "../src/bucketing.js";
import { evenWeights } from "../src/weights.js";

const VECTORS = JSON.parse(
  readFileSync(new URL("../../tests/vectors/bucketing.json", import.meta.url), "utf8"),
);

describe("buckets are those of the vectors", () => {
  test.each(VECTORS.buckets as Record<string, never>[])("$number $name", (vector) => {
    const data = new TextEncoder().encode(`${vector.visitor}:${vector.key}`);
    expect(fnv1a32(data)).toBe(vector.fnv1a32);
    expect(fmix32(vector.fnv1a32 as unknown as number)).toBe(vector.fmix32);
    expect(bucket(vector.visitor as unknown as string, vector.key as unknown as string)).toBe(vector.bucket);
  });
});

describe("arms are those of the vectors", () => {
  test.each(VECTORS.arms as { bucket: number; weights: number[]; arm: number }[])(
    "$number $name",
    (vector) => {
      expect(armAt(vector.bucket, vector.weights)).toBe(vector.arm);
    },
  );
});

describe("what the server refuses is hashed as the well-formed text", () => {
  test.each(VECTORS.refused as { visitor: string; key: string }[])("$number $name", ({ visitor, key }) => {
    expect(bucket(visitor, key)).toBe(bucket(visitor.replace(/[\ud800-\udfff]/gu, "\ufffd"), key));
  });
});

test("a bucket beyond the weights is nobody's", () => {
  expect(armAt(9_999, [5_000, 4_999])).toBe(-1);
  expect(armAt(0, [])).toBe(-1);
});

test("even weights are whole, sum to 10,000, and favour the earlier arms by one at most", () => {
  expect(evenWeights(2)).toEqual([5_000, 5_000]);
  expect(evenWeights(3)).toEqual([3_334, 3_333, 3_333]);
  expect(evenWeights(7)).toEqual([1_429, 1_429, 1_429, 1_429, 1_428, 1_428, 1_428]);
  for (let arms = 1; arms <= 500; arms += 1) {
    const weights = evenWeights(arms);
    expect(weights).toHaveLength(arms);
    expect(weights.reduce((sum, weight) => sum + weight)).toBe(10_000);
    expect(weights).toEqual([...weights].sort((one, other) => other - one));
    expect((weights[0] as number) - (weights.at(-1) as number)).toBeLessThanOrEqual(1);
  }
});
