import { useState } from "react";
import type { Allocation } from "../api/allocations";
import type { ExperimentDetails } from "../api/experiment";
import type { Results } from "../api/results";
import { Shares } from "../charts/lazy";
import { actorOf, causeOf, takingPart } from "../lib/allocations";
import { type ArmLook, armsToDraw } from "../lib/arms";
import { sharesCaption } from "../lib/captions";
import { percent, unbroken } from "../lib/numbers";
import { SHARES_HEIGHT } from "../lib/picture";
import type { Step } from "../lib/series";
import { dateTime } from "../lib/time";
import { Button } from "./Button";
import { Figure, Twin } from "./Figure";

const TITLE = "Who saw what";
const NEWEST = 10;

interface WhoSawWhatProps {
  experiment: ExperimentDetails;
  /** For the primary goal: the arms with the best chances are drawn. */
  results: Results;
  allocations: readonly Allocation[];
  steps: readonly Step[];
  looks: ReadonlyMap<string, ArmLook>;
}

/** Which share of newcomers got which arm over time; and as a table, who changed that, when and why. */
export function WhoSawWhat({ experiment, results, allocations, steps, looks }: WhoSawWhatProps) {
  const drawn = new Set(armsToDraw(results.arms).map((arm) => arm.key));
  const { arms } = experiment;
  const whose = experiment.source === "imported" ? "visitors" : "newcomers";
  return (
    <Figure
      title={TITLE}
      aside={<span className="text-sm text-soft">Of every 100 {whose}</span>}
      caption={sharesCaption(experiment, steps)}
      height={SHARES_HEIGHT}
      table={() => <Allocations experiment={experiment} allocations={allocations} />}
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

/** Every allocation, newest first; of many the newest, and all when somebody asks for them. */
function Allocations({ experiment, allocations }: Pick<WhoSawWhatProps, "experiment" | "allocations">) {
  const [all, setAll] = useState(false);
  const rows = allocations.map((allocation, index) => ({
    id: allocation.number,
    cells: [
      <Words key="from">{dateTime(allocation.started_at)}</Words>,
      allocation.number,
      <Words key="what">{causeOf(experiment, allocation, allocations[index - 1])}</Words>,
      ...experiment.arms.map((arm) => unbroken(percent(allocation.weights[arm.key] ?? 0))),
      unbroken(takingPart(experiment, allocation)),
      actorOf(allocation.actor),
      allocation.reason && <Words key="why">{allocation.reason}</Words>,
    ],
  }));
  const newest = rows.reverse();
  return (
    <>
      <Twin
        caption={TITLE}
        heads={[
          "From",
          "Number",
          "What happened",
          ...experiment.arms.map((arm) => arm.name),
          "Visitors let in",
          "By",
          "Why",
        ]}
        rows={all ? newest : newest.slice(0, NEWEST)}
      />
      {rows.length > NEWEST && (
        <Button className="self-start" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the newest" : `Show all ${rows.length}`}
        </Button>
      )}
    </>
  );
}

/** Several words in a table that is wider than a phone: they keep room to be read in. */
function Words({ children }: { children: string }) {
  return <span className="inline-block min-w-28 wrap-anywhere">{children}</span>;
}
