import { describe, expect, it } from "vitest";
import {
  amount,
  chance,
  change,
  count,
  counted,
  exact,
  more,
  outOf,
  percent,
  points,
  rate,
  rateRange,
  scaleOf,
  unbroken,
} from "../../src/lib/numbers";

describe("counts", () => {
  it.each([
    [0, "0 visitors"],
    [1, "1 visitor"],
    [2, "2 visitors"],
    [8068, "8,068 visitors"],
    [1e9, "1,000,000,000 visitors"],
  ])("%d has its commas and its noun", (number, words) => expect(counted(number, "visitor")).toBe(words));

  it("are whole", () => expect(count(47.999)).toBe("48"));
});

describe("rates", () => {
  it.each([
    [null, "–"],
    [Number.NaN, "–"],
    [0, "0 %"],
    [1e-12, "fewer than 1 in 10,000"],
    [0.0001, "1 in 10,000"],
    [0.0004, "4 in 10,000"],
    [0.0005, "0.1 %"],
    [0.07, "7.0 %"],
    [0.0338718, "3.4 %"],
    [0.9994, "99.9 %"],
    [0.9999, "more than 99.9 %"],
    [1, "100.0 %"],
  ])("%s", (share, words) => expect(rate(share)).toBe(words));

  it("have one decimal at most, and a share of something has none to no purpose", () => {
    expect(percent(0.25)).toBe("25 %");
    expect(percent(0.125)).toBe("12.5 %");
    expect(percent(1)).toBe("100 %");
    for (let share = 0; share <= 1; share += 0.00037) {
      expect(percent(share)).not.toMatch(/\.\d\d/);
      expect(rate(share)).not.toMatch(/\.\d\d/);
    }
  });

  it("say their unit once in a range, unless one end has none", () => {
    expect(rateRange([0.0267, 0.0429])).toBe("2.7 to 4.3 %");
    expect(rateRange([0.00001, 0.04])).toBe("fewer than 1 in 10,000 to 4.0 %");
  });
});

describe("changes", () => {
  it.each([
    [0, "0 %"],
    [0.0004, "0 %"],
    [-0.0004, "0 %"],
    [0.9183, "+91.8 %"],
    [-0.35, "−35 %"],
    [9.98, "+998 %"],
    [9.99, "+999 % or more"],
    [Number.POSITIVE_INFINITY, "+999 % or more"],
    [-1, "−99 % or worse"],
  ])("%d", (ratio, words) => expect(change(ratio)).toBe(words));
});

describe("chances", () => {
  it.each([
    [0, "less than 1 in 100"],
    [0.0099, "less than 1 in 100"],
    [0.01, "1 in 100"],
    [0.5, "50 in 100"],
    [0.98999, "99 in 100"],
    [0.99, "more than 99 in 100"],
    [1, "more than 99 in 100"],
  ])("%d", (probability, words) => expect(chance(probability)).toBe(words));
});

describe("rates side by side", () => {
  it.each([
    [[], 100],
    [[0, 0], 100],
    [[0.07, 0.034], 100],
    [[0.046, 0.0465], 1000],
    [[0.003, 0.07], 1000],
    [[0.0004], 10_000],
    [[0.3, 0.3], 100],
    [[0.30001, 0.30002], 100],
    [[1e-7], 10_000],
  ])("%j are told apart out of %d", (rates, scale) => expect(scaleOf(rates)).toBe(scale));

  it("count people, and never no people for a rate that is there", () => {
    expect(outOf(0.0703, 100)).toBe("7");
    expect(outOf(0, 100)).toBe("0");
    expect(outOf(1e-6, 10_000)).toBe("fewer than 1");
  });
});

describe("the statisticians' numbers", () => {
  it.each([
    [null, "–"],
    [Number.POSITIVE_INFINITY, "–"],
    [0, "0"],
    [0.031753, "0.0318"],
    [2.75e-7, "2.8 × 10⁻⁷"],
    [483142.4, "483,000"],
    [1e12, "1 × 10¹²"],
    [-0.0694, "−0.0694"],
    [-2.5e-5, "−2.5 × 10⁻⁵"],
  ])("%s", (number, words) => expect(exact(number)).toBe(words));
});

describe("differences", () => {
  it.each([
    [0.0364, "+3.6 points"],
    [-0.092, "−9.2 points"],
    [0, "0 points"],
    [0.0002, "+0.02 points"],
    [-0.00000004, "−4 × 10⁻⁶ points"],
  ])("of rates, %d", (difference, words) => expect(points(difference)).toBe(words));

  it.each([
    [0, "0.00", "0.00"],
    [3.127, "3.13", "+3.13"],
    [-0.49, "−0.49", "−0.49"],
    [0.0004, "4 × 10⁻⁴", "+4 × 10⁻⁴"],
    [123456.7, "123,457", "+123,457"],
  ])("of values, %d", (value, plain, signed) => {
    expect(amount(value)).toBe(plain);
    expect(more(value)).toBe(signed);
  });

  it("without a value are none", () => expect(amount(null)).toBe("–"));
});

it("keeps a number and its unit on one line", () => {
  expect(unbroken("+68 % to +144 %, 9 in 10")).toBe("+68\u00a0% to +144\u00a0%, 9\u00a0in\u00a010");
});
