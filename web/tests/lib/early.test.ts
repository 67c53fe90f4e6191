import { expect, it } from "vitest";
import { SIGNALS, signalOf } from "../../src/lib/early";
import { EARLY } from "../fixtures/rich";

it("puts the four signals into plain units", () => {
  expect(EARLY.arms.map((arm) => SIGNALS.map((kind) => signalOf(arm, kind)))).toEqual([
    ["0.08", "1.2", "46.2 %", "41 s"],
    ["0.22", "1.9", "58.1 %", "2 min 5 s"],
  ]);
});

it("says nothing of an arm without visitors", () => {
  const signals = { form: null, click: null, scroll: null, time: null };
  const nobody = { key: "b", visitors: 0, engagement: null, signals, p_best: 0.5 };
  expect(SIGNALS.map((kind) => signalOf(nobody, kind))).toEqual(["–", "–", "–", "–"]);
});
