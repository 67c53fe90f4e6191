import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { EarlySigns } from "../../src/components/EarlySigns";
import { Goals } from "../../src/components/Goals";
import { HowLong } from "../../src/components/HowLong";
import { ValueCard } from "../../src/components/ValueCard";
import { armLooks } from "../../src/lib/arms";
import { BROKEN } from "../fixtures";
import { EARLY, RICH, VALUES } from "../fixtures/rich";

afterEach(cleanup);

const LOOKS = armLooks(RICH.arms);
const { arms } = RICH.stats;

/** The texts of a table's cells, row by row. */
function cells(name: string): string[][] {
  const [, ...rows] = within(screen.getByRole("table", { name })).getAllByRole("row");
  return rows.map((row) =>
    [...row.children].map((cell) => cell.textContent?.replace(/\s+/g, " ").trim() ?? ""),
  );
}

it("early signs are called what they are, and have every arm's four signals", () => {
  render(<EarlySigns early={EARLY} arms={arms} looks={LOOKS} />);
  expect(screen.getByRole("region", { name: "Early signs, not conversions" }).textContent).toContain(
    EARLY.sentence,
  );
  expect(cells("What visitors did on average")).toEqual([
    ["Control", "37", "0.08", "1.2", "46.2 %", "41 s"],
    ["Variant A", "59", "0.22", "1.9", "58.1 %", "2 min 5 s"],
  ]);
});

it("how long it takes is four chances, and no card where nothing can be foretold", () => {
  const { container, rerender } = render(<HowLong forecast={RICH.stats.forecast} />);
  const said = within(screen.getByRole("figure")).getAllByRole("listitem");
  expect(said.map((one) => one.textContent)).toEqual([
    "Within 1 weekless than 1 in 100",
    "Within 2 weeks9 in 100",
    "Within 4 weeks27 in 100",
    "Within 8 weeks50 in 100",
  ]);
  rerender(<HowLong forecast={null} />);
  expect(container.childElementCount).toBe(0);
});

it("other goals have their counts beside their rates, and a verdict for every arm but the control", () => {
  const { container, rerender } = render(<Goals results={RICH.stats} looks={LOOKS} />);
  expect(cells("Visitors who reached ‘stay’")).toEqual([
    ["Control", "", "30 of 37 (81.1 %)", "–"],
    ["Variant A", "harm is proven", "20 of 59 (33.9 %)", "−24 % (−41 % to −5 %)"],
  ]);
  expect(cells("Visitors who reached ‘share’")[1]?.[1]).toBe("not told from luck");
  rerender(<Goals results={{ ...RICH.stats, goals: [] }} looks={LOOKS} />);
  expect(container.childElementCount).toBe(0);
});

it("what a visitor brings is who buys times what a buyer brings", () => {
  render(<ValueCard values={VALUES} results={RICH.stats} looks={LOOKS} />);
  expect(cells("The value of ‘signup’ by visitor")).toEqual([
    ["Control", "61 of 1,200 (5.1 %)", "61.50", "3.13"],
    ["Variant A", "70 of 1,185 (5.9 %)", "66.00", "3.90"],
  ]);
});

it("neither is judged while visitors are not split as planned", () => {
  const broken = { ...RICH.stats, decision: BROKEN.stats.decision };
  render(<Goals results={broken} looks={LOOKS} />);
  expect(cells("Visitors who reached ‘stay’")[1]?.[1]).toBe("");
  cleanup();
  const { container } = render(<ValueCard values={VALUES} results={broken} looks={LOOKS} />);
  expect(container.textContent).toContain("not compared while visitors are not split");
});
