import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ExperimentDetails } from "../../src/api/experiment";
import { Arms } from "../../src/components/Arms";
import { armLooks } from "../../src/lib/arms";
import { BROKEN, COLLECTING, SHIP } from "../fixtures";
import { STEERED, TWO_ELEMENTS } from "../fixtures/elements";

afterEach(cleanup);

const asked = { onStep: vi.fn(), onAdd: vi.fn() };

/** The texts of the table's cells, row by row. */
function drawn(experiment: ExperimentDetails): string[][] {
  render(
    <Arms
      experiment={experiment}
      results={experiment.stats}
      looks={armLooks(experiment.arms)}
      onStep={asked.onStep}
      onAdd={asked.onAdd}
    />,
  );
  const [, ...rows] = within(screen.getByRole("table")).getAllByRole("row");
  return rows.map((row) =>
    [...row.children].map((cell) => cell.textContent?.replace(/\s+/g, " ").trim() ?? ""),
  );
}

describe("the table of arms", () => {
  it("shows what the appliance counted and found", () => {
    expect(drawn(SHIP)).toEqual([
      ["Headline 1 arm-0 control", "1,919", "65", "3.4 %", "2.6 to 4.3 %", "less than 1 in 100", "25 %"],
      ["Headline 2 arm-1", "2,078", "146", "7.0 %", "6.0 to 8.1 %", "more than 99 in 100", "25 %"],
      ["Headline 3 arm-2", "2,079", "72", "3.5 %", "2.7 to 4.3 %", "less than 1 in 100", "25 %"],
      ["Headline 4 arm-3", "1,992", "92", "4.6 %", "3.7 to 5.6 %", "less than 1 in 100", "25 %"],
    ]);
  });

  it("shows every count of every reply as it came", () => {
    for (const experiment of [SHIP, BROKEN, COLLECTING]) {
      const rows = drawn(experiment);
      const counts = experiment.stats.arms.map(({ exposed, conversions }) =>
        [exposed, conversions].map((number) => number.toLocaleString("en")),
      );
      expect(rows.map(([, visitors, conversions]) => [visitors, conversions])).toEqual(counts);
      cleanup();
    }
  });

  it("names nobody the best while the split is broken", () => {
    expect(drawn(BROKEN).map((cells) => cells[5])).toEqual(["–", "–", "–", "–", "–"]);
  });

  it("says who gets how many newcomers now", () => {
    expect(drawn(COLLECTING).map((cells) => cells.at(-1))).toEqual(["38.2 %", "61.9 %"]);
  });
});

describe("arms whose shares moved", () => {
  const buttons = (name: RegExp) => screen.queryAllByRole("button", { name });

  it("have the adjusted rate with its own range, the raw one below it, and the reason", () => {
    const [control, bold] = drawn(STEERED);
    expect(control?.slice(3, 5)).toEqual(["5.1 %raw: 3.4 %", "4.2 to 6.1 %"]);
    expect(bold?.slice(3, 5)).toEqual(["6.8 %raw: 3.4 %", "5.8 to 7.9 %"]);
    expect(screen.getByRole("columnheader", { name: "Rate, adjusted" })).toBeDefined();
    expect(screen.getByText(STEERED.stats.rates.note as string)).toBeDefined();
    expect(screen.getByText(/about 7 would reach ‘click’ with Bold and 5 with Control/)).toBeDefined();
  });

  it("say which is dropped, what that means, and no chance for it", () => {
    const [, , calm] = drawn(STEERED);
    expect(calm?.[0]).toContain("dropped: its visitors see the control");
    expect(calm?.slice(5, 7)).toEqual(["–", "none"]);
  });

  it("may be dropped and brought back, but for the control", () => {
    drawn(STEERED);
    expect(buttons(/: Control$/)).toEqual([]);
    fireEvent.click(buttons(/^Stop showing this: Bold/)[0] as HTMLElement);
    expect(asked.onStep).toHaveBeenLastCalledWith("drop", "bold");
    fireEvent.click(buttons(/^Bring back: Calm/)[0] as HTMLElement);
    expect(asked.onStep).toHaveBeenLastCalledWith("restore", "calm");
    fireEvent.click(screen.getByRole("button", { name: "Add another variant…" }));
    expect(asked.onAdd).toHaveBeenCalledOnce();
  });

  it("stay as they are where two are left, where nothing goes on, and where it was recorded elsewhere", () => {
    for (const changes of [
      { arms: STEERED.arms.slice(0, 2) },
      { status: "completed" as const },
      { status: "draft" as const },
      { source: "imported" as const },
    ]) {
      drawn({ ...STEERED, ...changes });
      expect(buttons(/^Stop showing this/)).toEqual([]);
      cleanup();
    }
  });

  it("are not added to where arms are combinations", () => {
    drawn(TWO_ELEMENTS);
    expect(buttons(/^Add another variant/)).toEqual([]);
    expect(buttons(/^Stop showing this: Go \+ Ship tonight/)).not.toEqual([]);
  });
});
