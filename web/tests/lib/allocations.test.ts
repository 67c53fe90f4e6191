import { expect, it } from "vitest";
import { actorOf, causeOf, takingPart } from "../../src/lib/allocations";
import { STEERED, STEPS } from "../fixtures/elements";

const [first, second] = STEPS as [(typeof STEPS)[0], (typeof STEPS)[0]];

it("tells a change of traffic from one of shares", () => {
  const change = { ...second, cause: "change" };
  expect(causeOf(STEERED, { ...change, traffic: 0.5 }, first)).toBe("Traffic changed");
  expect(causeOf(STEERED, change, first)).toBe("Shares changed by hand");
});

it("speaks of an arm where the weights do not tell which", () => {
  const idle = { ...second, cause: "drop", weights: first.weights };
  expect(causeOf(STEERED, idle, first)).toBe("Stopped showing an arm");
});

it.each([
  [{ traffic: 0.5 }, "50 %"],
  [{ enrolling: false }, "nobody: paused"],
  [{ enrolling: false, cause: "complete" }, "nobody: completed"],
])("says of %j that %s take part", (found, said) => {
  expect(takingPart({ source: "live" }, { ...first, ...found })).toBe(said);
});

it("knows no pause in a history from elsewhere", () => {
  expect(takingPart({ source: "imported" }, { ...first, enrolling: false })).toBe("100 %");
});

it.each([
  ["appliance", "the appliance"],
  ["owner", "the owner"],
  ["vv_sk_abc", "the key vv_sk_abc"],
  ["me@example.com", "me@example.com"],
])("calls %s %s", (actor, said) => expect(actorOf(actor)).toBe(said));
