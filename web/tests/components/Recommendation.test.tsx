import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ExperimentDetails } from "../../src/api/experiment";
import { divided, Recommendation } from "../../src/components/Recommendation";
import { BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";
import { RICH } from "../fixtures/rich";

afterEach(cleanup);

function draw(experiment: ExperimentDetails, onDrop: (arm: string) => void = () => {}) {
  const { stats } = experiment;
  const { container } = render(
    <Recommendation
      experiment={experiment}
      results={stats}
      decision={stats.decision}
      onComplete={() => {}}
      onDrop={onDrop}
    />,
  );
  return plain(container);
}

/** As it is read: a space that does not break is a space. */
function plain({ textContent }: Element): string {
  return (textContent ?? "").replace(/\u00a0/g, " ");
}

/** What stands under a heading of the card. */
function under(heading: string): string | undefined {
  const found = screen.queryByText(heading)?.nextElementSibling;
  return found == null ? undefined : plain(found);
}

describe("the recommendation", () => {
  it.each([COLLECTING, SHIP, STOP, BROKEN])(
    "says the whole sentence of the appliance, $key",
    (experiment) => {
      const text = draw(experiment);
      const { sentence } = experiment.stats.decision;
      const [headline, rest] = divided(sentence);
      expect(plain(screen.getByRole("heading", { level: 2 }))).toBe(headline);
      expect(text).toContain(rest);
      expect(`${headline} ${rest}`.trim()).toBe(sentence);
    },
  );

  it.each([COLLECTING, SHIP, STOP])("keeps apart how sure it is and what is at stake, $key", (experiment) => {
    draw(experiment);
    expect(under("How sure")).toBe(experiment.stats.decision.sure);
    expect(under("What is at stake")).toBe(experiment.stats.decision.stakes);
  });

  it("says neither while the split is broken", () => {
    draw(BROKEN);
    expect(under("How sure")).toBeUndefined();
    expect(under("What is at stake")).toBeUndefined();
  });

  it.each([COLLECTING, SHIP, STOP, BROKEN])("says once what would change it, $key", (experiment) => {
    const { outlook } = experiment.stats.decision;
    expect(draw(experiment).split(outlook)).toHaveLength(2);
    cleanup();
  });

  it("says of its own false alarms what the appliance knows", () => {
    expect(draw(SHIP)).toContain(SHIP.stats.decision.false_alarms);
  });

  it("offers to stop showing what does harm, where others stay to compare", () => {
    const { arms, stats } = STOP;
    const [control, harmful] = arms as [(typeof arms)[0], (typeof arms)[0]];
    const going = { ...STOP, status: "running" as const, source: "live" as const };
    const dropped = vi.fn();
    draw({ ...going, arms: [control, harmful, { ...harmful, key: "third" }] }, dropped);
    fireEvent.click(screen.getByRole("button", { name: "Stop showing it…" }));
    expect(dropped).toHaveBeenCalledWith(stats.decision.arm);
    cleanup();
    draw({ ...going, arms: [control, harmful] }, dropped);
    expect(screen.queryByRole("button", { name: "Stop showing it…" })).toBeNull();
    expect(screen.getByRole("button", { name: "Complete it…" })).toBeDefined();
  });

  it("offers to complete what is proven and still runs", () => {
    draw({ ...SHIP, status: "running", source: "live" });
    expect(screen.getByRole("button", { name: "Complete it…" })).toBeDefined();
  });
});

describe("what to know beside it", () => {
  it("is nothing where there are no notes and all readers agree", () => {
    draw(SHIP);
    expect(screen.queryByRole("list", { name: "What to know" })).toBeNull();
    expect(screen.queryByText("Depends on what one expected")).toBeNull();
  });

  it("is no verdict of anybody while the split is broken", () => {
    draw({ ...RICH, stats: { ...RICH.stats, decision: BROKEN.stats.decision } });
    expect(screen.getByRole("list", { name: "What to know" })).toBeDefined();
    expect(screen.queryByText("Depends on what one expected")).toBeNull();
  });

  it("is the notes, and the three verdicts one click away", () => {
    draw(RICH);
    expect(screen.getByRole("list", { name: "What to know" }).textContent).toBe(RICH.stats.notes.join(""));
    fireEvent.click(screen.getByText("Depends on what one expected"));
    const verdicts = within(screen.getByRole("list", { name: "Three verdicts" })).getAllByRole("listitem");
    expect(verdicts.map((one) => plain(one))).toEqual([
      "Whoever expects small changes: open who leads ",
      "Whoever expects what experiments elsewhere showed: Variant A is probably better (96 in 100)",
      "This appliance, from what it has learned here: leaning Variant A (88 in 100)",
    ]);
  });
});

it.each([
  ["B wins. However often you looked.", ["B wins.", "However often you looked."]],
  ["Nothing more", ["Nothing more", ""]],
  ["About 1.5 in 10. Then", ["About 1.5 in 10.", "Then"]],
])("divides %s", (sentence, parts) => expect(divided(sentence)).toEqual(parts));
