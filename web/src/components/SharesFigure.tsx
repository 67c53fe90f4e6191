import type { ExperimentDetails } from "../api/experiment";
import type { Results } from "../api/results";
import { Shares } from "../charts/lazy";
import { type ArmLook, armsToDraw } from "../lib/arms";
import { sharesCaption } from "../lib/captions";
import { percent } from "../lib/numbers";
import { SHARES_HEIGHT } from "../lib/picture";
import type { Step } from "../lib/series";
import { dateTime } from "../lib/time";
import { Figure, Twin } from "./Figure";

interface SharesFigureProps {
  experiment: ExperimentDetails;
  /** For the primary goal: the arms with the best chances are drawn. */
  results: Results;
  steps: readonly Step[];
  looks: ReadonlyMap<string, ArmLook>;
}

/** Who got which arm over time. */
export function SharesFigure({ experiment, results, steps, looks }: SharesFigureProps) {
  const drawn = new Set(armsToDraw(results.arms).map((arm) => arm.key));
  const { arms } = experiment;
  const title = experiment.source === "imported" ? "Shares of visitors" : "Shares of newcomers";
  return (
    <Figure
      title={title}
      caption={sharesCaption(experiment, steps)}
      height={SHARES_HEIGHT}
      table={() => (
        <Twin
          caption={title}
          heads={["From", "Number", ...arms.map((arm) => arm.name), "Newcomers"]}
          rows={[...steps].reverse().map((step) => ({
            id: step.number,
            cells: [
              dateTime(step.from),
              step.number,
              ...step.weights.map(percent),
              step.paused ? "none: paused" : `${percent(step.traffic)} of visitors`,
            ],
          }))}
        />
      )}
    >
      <Shares
        steps={steps}
        arms={arms}
        places={[...arms.keys()].filter((place) => drawn.has(arms[place]?.key ?? ""))}
        looks={looks}
        until={experiment.status === "completed" ? "end" : "now"}
      />
    </Figure>
  );
}
