import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { Results } from "../../src/api/results";
import { Statistics } from "../../src/components/Statistics";
import { BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";
import { RICH } from "../fixtures/rich";

afterEach(cleanup);

/** As statisticians see it: opened. */
function open(results: Results): string {
  const { container } = render(<Statistics results={results} />);
  const details = container.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  fireEvent(details, new Event("toggle"));
  return container.textContent ?? "";
}

function row(table: string, name: RegExp): string[] {
  const rows = within(screen.getByRole("table", { name: table })).getAllByRole("row", { name });
  return [...(rows[0]?.children ?? [])].map((cell) => cell.textContent ?? "");
}

it("is made when somebody asks for it", () => {
  const { container } = render(<Statistics results={SHIP.stats} />);
  expect(container.querySelector("table")).toBeNull();
});

it.each([SHIP, STOP, BROKEN, COLLECTING, RICH])(
  "never says NaN, null, undefined or Infinity, $key",
  ({ stats }) => {
    expect(open(stats)).not.toMatch(/NaN|null|undefined|Infinity|object/);
  },
);

it.each([SHIP, RICH])("has formulas and sources for every part of it, $key", ({ stats }) => {
  open(stats);
  for (const table of screen.getAllByRole("table")) {
    const part = table.closest("section")?.parentElement;
    // Counts speak for themselves; the index is explained below its table.
    if (/Kinds of visitors|Early signs/.test(part?.textContent ?? "")) continue;
    expect(part?.textContent).toContain("Formulas and sources");
  }
});

it("shows both ways of reckoning an arm", () => {
  open(SHIP.stats);
  expect(row("Each arm on its own", /^Headline 2/)).toEqual([
    "Headline 2",
    "Beta(147, 1,950)",
    "7.0 %",
    "6.0 to 8.1 %",
    "7.9 %",
    "more than 99 in 100",
    "4.9 × 10⁻⁶",
    "more than 99 in 100",
    "1 × 10⁻⁶",
    "7.0 % (5.9 to 8.2 %)",
  ]);
});

describe("each arm against the control", () => {
  it("says why a number is missing", () => {
    open(SHIP.stats);
    expect(row("Classical tests, for one look at the end", /^Headline 2/).slice(-2)).toEqual([
      "too many visitors",
      "5 or more",
    ]);
  });

  it("flags expected counts that are too small", () => {
    open(COLLECTING.stats);
    expect(row("Classical tests, for one look at the end", /^Variant A/).at(-1)).toMatch(/below 5.*Barnard/);
  });

  it("shows no interval that claims to know exactly", () => {
    const [one] = COLLECTING.stats.comparisons as [Results["comparisons"][number]];
    const difference = { ...one.difference, wald_95: [0, 0] as [number, number], wald_has_no_width: true };
    open({ ...COLLECTING.stats, comparisons: [{ ...one, difference }] });
    expect(row("Difference of the rates, for one look at the end", /^Variant A/).at(-1)).toMatch(/^no width/);
  });

  it("has the quantiles of the lift in three columns, and none that is absurd", () => {
    open(COLLECTING.stats);
    expect(
      row("Quantiles of the lift: the true one is below, with this probability", /97\.5/).slice(1),
    ).toEqual(["+148.9 %", "+999 % or more", "+8.4 points"]);
  });
});

it("has nothing of what there is not", () => {
  expect(open(SHIP.stats)).not.toMatch(
    /Kinds of visitors|Other goals|Value by visitor|Early signs|Late conversions/,
  );
  cleanup();
  const all = open(RICH.stats);
  for (const part of [
    "Kinds of visitors",
    "Other goals",
    "Value by visitor",
    "Early signs",
    "Late conversions",
  ]) {
    expect(all).toContain(part);
  }
});
