import { describe, expect, it } from "vitest";
import { armKeys, type Draft, emptyDraft, faultsOf, newArm, onForm, requestOf } from "../../src/lib/draft";

function draft(part: Partial<Draft> = {}): Draft {
  const arms = [newArm([], "Control"), newArm([0], "Bold")];
  return { ...emptyDraft("my-site"), name: "Headline", event: "signup", arms, ...part };
}

const arm = (id: number, part: object) => ({ ...newArm([]), id, ...part });

describe("an empty draft", () => {
  it("lacks a name, its second arm and its goal", () => {
    expect(Object.keys(faultsOf(emptyDraft("my-site")))).toEqual(["name", "arms[1].name", "event"]);
  });
});

describe("a draft", () => {
  it("becomes what the appliance takes, with the first arm as the control", () => {
    expect(faultsOf(draft())).toEqual({});
    expect(requestOf(draft({ traffic: "50" }), true)).toEqual({
      key: "headline",
      name: "Headline",
      arms: [
        { key: "control", name: "Control", is_control: true, payload: null },
        { key: "bold", name: "Bold", is_control: false, payload: null },
      ],
      goals: [{ key: "signup", event: "signup" }],
      allocation: "adaptive",
      mode: "balanced",
      traffic: 0.5,
      project: "my-site",
      start: true,
    });
  });

  it("has a mode where its shares adapt, and none where they stay", () => {
    for (const mode of ["learn", "balanced", "earn"] as const) {
      expect(requestOf(draft({ sharing: mode }), false)).toMatchObject({ allocation: "adaptive", mode });
    }
    const fixed = requestOf(draft({ sharing: "fixed" }), false);
    expect(fixed.allocation).toBe("fixed");
    expect(fixed).not.toHaveProperty("mode");
  });

  it("keeps an event as the site spells it, under a key", () => {
    const { goals } = requestOf(draft({ event: " Sign up! " }), false);
    expect(goals).toEqual([{ key: "sign-up", event: "Sign up!" }]);
  });

  it("takes a payload as JSON, and says where it is none", () => {
    const arms = [
      arm(0, { name: "Control", payload: '{"price": 9}' }),
      arm(1, { name: "Bold", payload: "{nope" }),
    ];
    expect(faultsOf(draft({ arms }))).toEqual({ "arms[1].payload": "This is not JSON." });
    expect(requestOf(draft({ arms: arms.slice(0, 1) }), false).arms?.[0]?.payload).toEqual({ price: 9 });
  });

  it("says at the later of two arms that its key is taken", () => {
    const arms = [arm(0, { name: "A", key: "same" }), arm(1, { name: "B", key: "same" })];
    expect(Object.keys(faultsOf(draft({ arms })))).toEqual(["arms[1].key"]);
  });

  it("asks for a key where none follows from the name", () => {
    const arms = [arm(0, { name: "元" }), arm(1, { name: "新" })];
    expect(Object.keys(faultsOf(draft({ name: "見出し", arms })))).toEqual([
      "key",
      "arms[0].key",
      "arms[1].key",
    ]);
  });

  it.each(["", "0", "-1", "101", "half", "NaN"])("lets no share of %j take part", (traffic) => {
    expect(Object.keys(faultsOf(draft({ traffic })))).toEqual(["traffic"]);
  });
});

describe("keys that follow from names", () => {
  it("differ where the names do not, and give way to keys that were typed", () => {
    const arms = [
      arm(0, { name: "Bold" }),
      arm(1, { name: "Bold" }),
      arm(2, { name: "Other", key: "bold-2" }),
    ];
    expect(armKeys(arms)).toEqual(["bold", "bold-3", "bold-2"]);
  });
});

describe("the places of the appliance", () => {
  it("lead to the fields of the form", () => {
    expect(onForm("goals[0].event")).toBe("event");
    expect(onForm("arms[1].key")).toBe("arms[1].key");
    expect(["allocation", "mode"].map(onForm)).toEqual(["sharing", "sharing"]);
  });
});
