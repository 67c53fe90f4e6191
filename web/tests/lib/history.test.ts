import { expect, it } from "vitest";
import { history } from "../../src/lib/history";
import { ALLOCATIONS, COLLECTING, DECISIONS } from "../fixtures";
import { STEERED, STEPS } from "../fixtures/elements";

it("lists what was decided and done, newest first", () => {
  const entries = history(COLLECTING, ALLOCATIONS, DECISIONS);
  expect(entries).toHaveLength(ALLOCATIONS.length + DECISIONS.length);
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort((a, b) => b - a));
  expect(entries.at(-1)).toMatchObject({
    what: "Started",
    text: "Every arm gets 50 % of the newcomers.",
    actor: "the example data",
  });
  expect(entries.find(({ what }) => what === "Shares moved")?.text).toBe("Variant A 61.9 %, Control 38.2 %.");
});

it("tells every step of a life in its words", () => {
  const [first] = ALLOCATIONS;
  if (first === undefined) throw new Error("The fixture has no allocations.");
  const told = (cause: string, changes = {}) =>
    history(
      { ...COLLECTING, winner: "variant_a" },
      [first, { ...first, number: 2, cause, ...changes }],
      [],
    )[0];
  expect(told("pause")).toMatchObject({ what: "Paused", text: "Nobody new is let in." });
  expect(told("resume")?.what).toBe("Went on");
  expect(told("complete")).toMatchObject({ what: "Completed", text: "Everyone gets Variant A." });
  expect(told("change", { traffic: 0.5 })).toMatchObject({ what: "Traffic changed" });
  expect(told("start", { actor: "vv_sk_abc" })?.actor).toBe("the key vv_sk_abc");
});

it("names the arm that went, came or came back, and says why", () => {
  const told = history(STEERED, STEPS, []).reverse();
  expect(told.map(({ what }) => what)).toEqual([
    "Started",
    "Shares moved",
    "Stopped showing Calm",
    "Added More",
    "Brought Calm back",
    "Shares changed by hand",
    "Paused",
  ]);
  expect(told[2]?.text).toBe(
    "Its visitors see the control. Bold 75 %, Control 25 %. Why: It hurts newcomers.",
  );
  expect(told[3]?.text).toMatch(/Why: One more idea\.$/);
});
