/** History: what was decided and what was done, in one list. */

import type { Allocation } from "../api/allocations";
import type { PastDecision } from "../api/decisions";
import type { ExperimentDetails } from "../api/experiment";
import { actorOf, causeOf } from "./allocations";
import { wordOf } from "./decisions";
import { percent } from "./numbers";
import { even } from "./series";

export interface Entry {
  id: string;
  at: number;
  what: string;
  text: string;
  actor: string;
}

/** Newest first; of one moment the later word comes first too. */
export function history(
  experiment: ExperimentDetails,
  allocations: readonly Allocation[],
  decisions: readonly PastDecision[],
): Entry[] {
  const done = allocations.map((allocation, index) => ({
    id: `allocation ${allocation.number}`,
    at: allocation.started_at,
    ...told(experiment, allocation, allocations[index - 1]),
    actor: actorOf(allocation.actor),
  }));
  const decided = decisions.map(({ at, status, reason, sentence }) => ({
    id: `decision ${at}`,
    at,
    what: wordOf({ status, reason }, at >= (experiment.ended_at ?? Number.POSITIVE_INFINITY)).word,
    text: sentence,
    actor: actorOf("appliance"),
  }));
  return [...done, ...decided].reverse().sort((a, b) => b.at - a.at);
}

function told(experiment: ExperimentDetails, allocation: Allocation, before: Allocation | undefined) {
  const what = causeOf(experiment, allocation, before);
  const why = allocation.reason === "" ? "" : ` Why: ${allocation.reason.replace(/([^.!?…])$/, "$1.")}`;
  return { what, text: `${outcome(experiment, allocation, before)}${why}` };
}

/** What is so since then. */
function outcome(experiment: ExperimentDetails, allocation: Allocation, before: Allocation | undefined) {
  const shares = sharesOf(experiment, allocation);
  switch (allocation.cause) {
    case "pause":
      return "Nobody new is let in.";
    case "complete": {
      const winner = experiment.arms.find((arm) => arm.key === experiment.winner);
      return winner === undefined ? "Without a winner." : `Everyone gets ${winner.name}.`;
    }
    case "drop":
      return `Its visitors see the control. ${shares}.`;
    case "restore":
      return `Its visitors see it again. ${shares}.`;
    default:
      return before !== undefined && before.traffic !== allocation.traffic
        ? `${percent(allocation.traffic)} of visitors take part. ${shares}.`
        : `${shares}.`;
  }
}

/** The shares of newcomers, largest first; of many arms the first few. */
function sharesOf({ arms, source }: ExperimentDetails, { weights }: Allocation): string {
  const share = (key: string) => weights[key] ?? 0;
  const served = arms.filter((arm) => share(arm.key) > 0);
  const whose = source === "imported" ? "visitors" : "newcomers";
  if (even(served.map((arm) => share(arm.key)))) {
    const every = served.length === arms.length ? "Every arm" : `Each of ${served.length} arms`;
    return `${every} gets ${percent(share(served[0]?.key ?? ""))} of the ${whose}`;
  }
  const most = served.sort((a, b) => share(b.key) - share(a.key));
  const said = most.slice(0, FEW).map((arm) => `${arm.name} ${percent(share(arm.key))}`);
  const more = most.length - said.length;
  return `${said.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const FEW = 4;
