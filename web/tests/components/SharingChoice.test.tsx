import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { ExperimentDetails } from "../../src/api/experiment";
import { Details } from "../../src/components/Details";
import { SharingChoice } from "../../src/components/SharingChoice";
import { MEASURED, MODES, SHARINGS } from "../../src/lib/modes";
import { COLLECTING } from "../fixtures";

afterEach(cleanup);

it("is one choice of four ways, each with what it earns and costs", () => {
  const changed = vi.fn();
  const { rerender } = render(<SharingChoice value="balanced" onChange={changed} />);
  const group = screen.getByRole("group", { name: "Who gets what" });
  const ways = within(group).getAllByRole("radio");
  expect(ways.map((way) => [(way as HTMLInputElement).value, (way as HTMLInputElement).checked])).toEqual([
    ["learn", false],
    ["balanced", true],
    ["earn", false],
    ["fixed", false],
  ]);
  for (const { earns, costs } of SHARINGS) {
    expect(group.textContent).toContain(earns);
    expect(group.textContent).toContain(costs);
  }
  expect(group.textContent).toContain(MEASURED);
  fireEvent.click(screen.getByRole("radio", { name: /^Always the same shares/ }));
  expect(changed).toHaveBeenCalledWith("fixed");
  rerender(<SharingChoice value="earn" among={MODES} onChange={changed} />);
  expect(screen.getAllByRole("radio")).toHaveLength(3);
});

it("is shown on the experiment, and changed where it adapts and still goes on", () => {
  const asked = vi.fn();
  const details = (changes: Partial<ExperimentDetails>) => {
    cleanup();
    render(<Details experiment={{ ...COLLECTING, ...changes }} onMode={asked} onDelete={() => {}} />);
    return screen.getByText("Shares").nextElementSibling?.textContent;
  };
  expect(details({ mode: "learn" })).toContain("adaptive, Learn: find out soonest");
  // What is folded away is there all the same.
  fireEvent.click(screen.getByText("Change…"));
  expect(asked).toHaveBeenCalledOnce();
  for (const changes of [
    { status: "completed" as const },
    { source: "imported" as const },
    { allocation: "fixed" as const, mode: null },
  ]) {
    details(changes);
    expect(screen.queryByText("Change…")).toBeNull();
  }
  expect(details({ allocation: "fixed", mode: null })).toBe("fixed: always the same shares");
});
