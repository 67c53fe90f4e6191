import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/api/results";
import { advice, wordOf } from "../../src/lib/decisions";
import { BROKEN, COLLECTING, SHIP } from "../fixtures";

const RUNNING = { ...SHIP, status: "running" as const, source: "live" as const, ended_at: null };

it("keeps what looks good for what is proven, and what looks wrong for what is broken", () => {
  const all: Decision["status"][] = ["broken", "collecting", "keep testing", "equivalent", "ship", "stop"];
  expect(all.filter((status) => wordOf(status, false).tone === "good")).toEqual(["ship"]);
  expect(all.filter((status) => wordOf(status, false).tone === "harm")).toEqual(["broken"]);
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

  it("offers nothing once it has ended", () => {
    for (const { stats } of [SHIP, BROKEN, COLLECTING]) {
      expect(advice({ ...RUNNING, status: "completed" }, stats.decision).act).toBeUndefined();
    }
  });

  it("says that nobody is let in while it is paused", () => {
    expect(advice({ ...COLLECTING, status: "paused" }, COLLECTING.stats.decision).text).toContain("paused");
  });
});
