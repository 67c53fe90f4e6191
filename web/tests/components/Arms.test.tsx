import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { ExperimentDetails } from "../../src/api/experiment";
import { Arms } from "../../src/components/Arms";
import { armLooks } from "../../src/lib/arms";
import { BROKEN, COLLECTING, SHIP } from "../fixtures";

afterEach(cleanup);

/** The texts of the table's cells, row by row. */
function drawn(experiment: ExperimentDetails): string[][] {
  render(<Arms experiment={experiment} results={experiment.stats} looks={armLooks(experiment.arms)} />);
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
