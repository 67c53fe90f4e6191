import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { ExperimentDetails } from "../../src/api/experiment";
import { divided, Recommendation } from "../../src/components/Recommendation";
import { BROKEN, COLLECTING, SHIP, STOP } from "../fixtures";

afterEach(cleanup);

function draw(experiment: ExperimentDetails) {
  const { stats } = experiment;
  return render(
    <Recommendation
      experiment={experiment}
      results={stats}
      decision={stats.decision}
      onComplete={() => {}}
    />,
  );
}

describe("the recommendation", () => {
  it.each([COLLECTING, SHIP, STOP, BROKEN])(
    "says the whole sentence of the appliance, $key",
    (experiment) => {
      const { container } = draw(experiment);
      const [headline, rest] = divided(experiment.stats.decision.sentence);
      expect(screen.getByRole("heading", { level: 2 }).textContent).toBe(headline);
      expect(container.textContent).toContain(rest);
      expect(`${headline} ${rest}`.trim()).toBe(experiment.stats.decision.sentence);
    },
  );

  it("says nothing of stakes while the split is broken", () => {
    draw(BROKEN);
    expect(screen.queryByText("What is at stake")).toBeNull();
  });

  it("offers to complete what is proven and still runs", () => {
    draw({ ...SHIP, status: "running", source: "live" });
    expect(screen.getByRole("button", { name: "Complete it…" })).toBeDefined();
  });
});

it.each([
  ["B wins. However often you looked.", ["B wins.", "However often you looked."]],
  ["Nothing more", ["Nothing more", ""]],
  ["About 1.5 in 10. Then", ["About 1.5 in 10.", "Then"]],
])("divides %s", (sentence, parts) => expect(divided(sentence)).toEqual(parts));
