import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Shares } from "../../src/charts/Shares";
import { armLooks } from "../../src/lib/arms";
import { steps } from "../../src/lib/series";
import { ALLOCATIONS, COLLECTING } from "../fixtures";
import { THREE_ELEMENTS } from "../fixtures/elements";

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

it("names the arms at its edge with their shares, and without them where neither has the room", () => {
  const labels = (width: number, many: number) => {
    cleanup();
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
    const arms = THREE_ELEMENTS.arms.slice(0, many);
    const weights = Object.fromEntries(arms.map(({ key }) => [key, 1 / many]));
    const [first] = ALLOCATIONS as [(typeof ALLOCATIONS)[0]];
    const series = steps([{ ...first, weights }], {
      arms: arms.map(({ key }) => key),
      until: first.started_at + 9,
    });
    const { container } = render(
      <Shares steps={series} arms={arms} places={[...arms.keys()]} looks={armLooks(arms)} until="now" />,
    );
    return [...container.querySelectorAll("svg text")].map((text) => text.textContent ?? "");
  };
  expect(labels(900, 9)).toContain("Go + Save time + Photo 11.1 %");
  // On a phone: two lines for few of them, a line for many.
  expect(labels(328, 2)).toContain("Bu…+Sa…+Ph… 50 %");
  const narrow = labels(328, 9);
  expect(narrow).toContain("St…+Sh…+Ph… ");
  expect(narrow.filter((text) => text.includes("%"))).toEqual([]);
});
