import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Shares } from "../../src/charts/Shares";
import { armLooks } from "../../src/lib/arms";
import { steps } from "../../src/lib/series";
import { ALLOCATIONS, COLLECTING } from "../fixtures";

beforeEach(() => {
  // jsdom lays nothing out: the picture's place is as wide as it is told here.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function draw(experiment = COLLECTING) {
  const arms = experiment.arms.map((arm) => arm.key);
  const series = steps(ALLOCATIONS, { arms, until: experiment.stats.read_at });
  render(
    <Shares
      steps={series}
      arms={experiment.arms}
      places={[...arms.keys()]}
      looks={armLooks(experiment.arms)}
      until="now"
    />,
  );
  return screen.getByRole("slider");
}

it("reads a whole moment across the arms, step by step with the arrow keys", () => {
  const reader = draw();
  expect(reader.getAttribute("aria-valuetext")).toContain("Control 38.2 %, Variant A 61.9 %");
  fireEvent.keyDown(reader, { key: "ArrowLeft" });
  expect(reader.getAttribute("aria-valuetext")).toContain("Control 50 %, Variant A 50 %");
  fireEvent.keyDown(reader, { key: "ArrowLeft" });
  expect(reader.getAttribute("aria-valuenow")).toBe("1");
  fireEvent.keyDown(reader, { key: "End" });
  expect(reader.getAttribute("aria-valuenow")).toBe("2");
});
