import { describe, expect, it } from "vitest";
import { addedArm, faultsOfAddition } from "../../src/lib/addition";

const DRAFT = { name: "Bold", key: "", payload: "", reason: "" };
const TAKEN = ["control", "bold"];

describe("an arm that is added", () => {
  it("has a key of its own that follows from its name", () => {
    expect(addedArm({ ...DRAFT, name: " Bold ", reason: " why not " }, TAKEN)).toEqual({
      key: "bold-2",
      name: "Bold",
      payload: null,
      reason: "why not",
    });
    expect(faultsOfAddition(DRAFT, TAKEN)).toEqual({});
  });

  it("has the key and the payload that were typed", () => {
    const typed = { ...DRAFT, key: "loud", payload: '{"size": 3}' };
    expect(addedArm(typed, TAKEN)).toMatchObject({ key: "loud", payload: { size: 3 } });
  });

  it.each([
    [{ name: " " }, "name"],
    [{ name: "新" }, "key"],
    [{ key: "No Key" }, "key"],
    [{ key: "control" }, "key"],
    [{ payload: "{nope" }, "payload"],
  ])("is refused with %j at its %s", (part, place) => {
    expect(Object.keys(faultsOfAddition({ ...DRAFT, ...part }, TAKEN))).toEqual([place]);
  });
});
