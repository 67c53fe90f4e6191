import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Elements } from "../../src/components/Elements";
import { BROKEN, SHIP } from "../fixtures";
import { THREE_ELEMENTS, TWO_ELEMENTS } from "../fixtures/elements";

afterEach(cleanup);

function draw(experiment = TWO_ELEMENTS, results = experiment.stats) {
  return render(<Elements experiment={experiment} results={results} />).container;
}

const plain = (element: Element) => (element.textContent ?? "").replace(/\s+/g, " ").trim();

it("says the appliance's sentences", () => {
  const text = plain(draw());
  for (const sentence of TWO_ELEMENTS.stats.elements?.sentences ?? []) expect(text).toContain(sentence);
});

it("draws two elements as a map with every rate, its counts, and the mark of what only works together", () => {
  draw();
  const map = screen.getByRole("table", { name: "Rates of ‘click’ by Button and Copy" });
  const [, , ...rows] = within(map).getAllByRole("row");
  expect(rows.map((row) => [...row.children].map(plain))).toEqual([
    ["Buy now", "5.0 %50 of 1,000", "6.0 %60 of 1,000"],
    ["Start free", "7.0 %70 of 1,000", "8.0 %80 of 1,000works only together"],
    ["Go", "9.0 %90 of 1,000get in each other’s way", "10.0 %100 of 1,000best so far"],
  ]);
});

it("lists more elements with the likeliest first, folded where there are many", () => {
  draw(THREE_ELEMENTS);
  const list = screen.getByRole("list", { name: "Combinations, the likeliest best first" });
  const shown = () => within(list).getAllByRole("listitem").map(plain);
  expect(shown()).toHaveLength(8);
  expect(shown()[0]).toBe(
    "Button: GoCopy: Ship tonightImage: None16.0 %160 of 1,00024 in 100chance of being best",
  );
  expect(shown()[4]).toContain("works only together");
  fireEvent.click(screen.getByRole("button", { name: "Show all 12" }));
  expect(shown()).toHaveLength(12);
});

it("says of every variant what it does, averaged over the others", () => {
  const text = plain(draw());
  expect(text).toContain("averaged over the other elements");
  const variants = within(screen.getByRole("list", { name: "Variants of Button" })).getAllByRole("listitem");
  expect(variants.map(plain)).toEqual([
    "Buy nowthe control, which the others are held against",
    "Start free+12 % (+3 % to +22 %)Better than Buy now with a chance of 96 in 100.",
    "Go−5 % (−20 % to +8 %)Better than Buy now with a chance of 30 in 100.",
  ]);
  expect(text).toContain("About 41 % of all");
});

it("says nothing of elements while the split is broken, but keeps the counts", () => {
  const text = plain(draw(TWO_ELEMENTS, { ...TWO_ELEMENTS.stats, decision: BROKEN.stats.decision }));
  expect(text).not.toMatch(/best|only together|averaged|Better than/i);
  expect(text).toContain("50 of 1,000");
});

it("shows the combinations before anything is known of the elements", () => {
  const text = plain(draw(TWO_ELEMENTS, { ...TWO_ELEMENTS.stats, elements: null }));
  expect(text).toContain("50 of 1,000");
  expect(text).not.toContain("averaged");
});

it("is not there for an A/B test", () => expect(draw(SHIP).childElementCount).toBe(0));
