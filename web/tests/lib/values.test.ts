import { describe, expect, it } from "vitest";
import type { ArmResult, ValueLift } from "../../src/api/results";
import { capSentence, valueCells, valueSentence } from "../../src/lib/values";
import { COLLECTING } from "../fixtures";
import { VALUES } from "../fixtures/rich";

const [LIFT] = VALUES.comparisons as [ValueLift];
const [CONTROL] = COLLECTING.stats.arms as [ArmResult];

it("takes a visitor apart into who buys and what a buyer brings", () => {
  expect(valueCells(CONTROL, VALUES)).toEqual(["61 of 1,200 (5.1 %)", "61.50", "3.13"]);
});

describe("the difference", () => {
  it("comes with its interval at one look and at all", () => {
    expect(valueSentence(LIFT, "Variant A", "Control")).toBe(
      "With Variant A a visitor brings 0.77 more than with Control; at one look the difference lies between −0.49 and +2.04. However often one looks, between −1.30 and +2.84. The chance that Variant A brings more than Control is 81 in 100.",
    );
    expect(valueSentence({ ...LIFT, difference: -2 }, "B", "A")).toContain("brings 2.00 less than with A");
  });

  it("has its reason where there is none", () => {
    const none = { ...LIFT, difference: null, interval_95: null, reason: "too few buyers" };
    expect(valueSentence(none, "Variant A", "Control")).toBe(
      "Variant A and Control are not compared: too few have bought yet: it takes 30, with 10 in each arm.",
    );
  });
});

it("shows the cap and how many it hit", () => {
  expect(capSentence(VALUES)).toBe(
    "A buyer who brings more than 240 counts as 240, in all arms alike; 3 buyers brought more.",
  );
  expect(capSentence({ ...VALUES, cap: null })).toBe("");
});
