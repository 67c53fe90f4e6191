import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/api/results";
import { advice, wordOf } from "../../src/lib/decisions";
import { BROKEN, COLLECTING, SHIP } from "../fixtures";

const RUNNING = { ...SHIP, status: "running" as const, source: "live" as const, ended_at: null };

it("keeps what looks good for what is proven, and what looks wrong for what is broken", () => {
  const all: Decision["status"][] = ["broken", "collecting", "keep testing", "equivalent", "ship", "stop"];
  const toneOf = (status: Decision["status"]) => wordOf({ status, reason: "open" }, false).tone;
  expect(all.filter((status) => toneOf(status) === "good")).toEqual(["ship"]);
  expect(all.filter((status) => toneOf(status) === "harm")).toEqual(["broken"]);
});

it("says of a silent goal and of a test that will not settle more than their status does", () => {
  expect(wordOf({ status: "broken", reason: "silent" }, false).word).toBe("Goal silent");
  expect(wordOf({ status: "keep testing", reason: "unlikely" }, false).word).toBe("Unlikely to settle");
});

describe("advice", () => {
  it("names the arm to complete with, and offers that", () => {
    expect(advice(RUNNING, SHIP.stats.decision)).toMatchObject({
      text: expect.stringContaining("Headline 2"),
      act: "complete",
    });
  });

  it("leads whoever hears nothing to the set-up", () => {
    const silent: Decision = { ...COLLECTING.stats.decision, reason: "setup", action: "check the setup" };
    expect(advice(COLLECTING, silent).act).toBe("check");
  });

  it("leads whoever stopped hearing of the goal there too, unless it was recorded elsewhere", () => {
    const silent: Decision = { ...COLLECTING.stats.decision, reason: "silent", action: "check the goal" };
    expect(advice(COLLECTING, silent).act).toBe("check");
    expect(advice({ ...COLLECTING, source: "imported" }, silent).act).toBeUndefined();
  });

  it("does not tell whoever cannot settle it to go on", () => {
    const unlikely: Decision = {
      ...COLLECTING.stats.decision,
      reason: "unlikely",
      action: "stop or try something bolder",
    };
    expect(advice(COLLECTING, unlikely)).toMatchObject({ act: "complete" });
    expect(advice({ ...COLLECTING, status: "paused" }, unlikely).text).toContain("paused");
  });

  it("offers nothing once it has ended", () => {
    for (const { stats } of [SHIP, BROKEN, COLLECTING]) {
      expect(advice({ ...RUNNING, status: "completed" }, stats.decision).act).toBeUndefined();
    }
  });

  it("says that nobody is let in while it is paused", () => {
    expect(advice({ ...COLLECTING, status: "paused" }, COLLECTING.stats.decision).text).toContain("paused");
  });
});
