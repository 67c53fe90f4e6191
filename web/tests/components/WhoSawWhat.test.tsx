import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Allocation } from "../../src/api/allocations";
import { WhoSawWhat } from "../../src/components/WhoSawWhat";
import { armLooks } from "../../src/lib/arms";
import { steps } from "../../src/lib/series";
import { STEERED, STEPS } from "../fixtures/elements";

afterEach(cleanup);

/** The rows of the table, opened. */
function rows(allocations: readonly Allocation[]) {
  const series = steps(allocations, {
    arms: STEERED.arms.map(({ key }) => key),
    until: STEERED.stats.read_at,
  });
  const { container } = render(
    <WhoSawWhat
      experiment={STEERED}
      results={STEERED.stats}
      allocations={allocations}
      steps={series}
      looks={armLooks(STEERED.arms)}
    />,
  );
  const details = container.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  fireEvent(details, new Event("toggle"));
  return table();
}

function table() {
  const [, ...found] = within(screen.getByRole("table", { name: "Who saw what" })).getAllByRole("row");
  return found.map((row) => [...row.children].map((cell) => cell.textContent?.replace(/\u00a0/g, " ")));
}

it("lists every allocation with its weights, what happened, who did it and why, the newest first", () => {
  const found = rows(STEPS).map((cells) => cells.slice(1));
  expect(found).toHaveLength(STEPS.length);
  expect(found[0]).toEqual([
    "7",
    "Paused",
    "25 %",
    "25 %",
    "25 %",
    "25 %",
    "nobody: paused",
    "the owner",
    "",
  ]);
  expect(found[4]).toEqual([
    ...["3", "Stopped showing Calm", "25 %", "75 %", "0 %", "0 %", "100 %", "the owner"],
    "It hurts newcomers",
  ]);
});

it("folds a long history, and unfolds it for whoever asks", () => {
  const [first] = STEPS as [Allocation];
  const many = Array.from({ length: 40 }, (_, index) => ({
    ...first,
    number: index + 1,
    started_at: first.started_at + index,
  }));
  expect(rows(many).map(([, number]) => number)).toEqual([
    "40",
    "39",
    "38",
    "37",
    "36",
    "35",
    "34",
    "33",
    "32",
    "31",
  ]);
  fireEvent.click(screen.getByRole("button", { name: "Show all 40" }));
  expect(table()).toHaveLength(40);
});

it("has its sentence", () => {
  rows(STEPS);
  expect(screen.getByText(/the shares moved/)).toBeDefined();
});
