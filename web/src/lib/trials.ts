/** Which experiment the lines to paste are about. */

import type { Schemas } from "../api/client";
import type { Trial } from "./snippet";

type Experiment = Schemas["ExperimentReply"];

const WORTH_PASTING: readonly Experiment["status"][] = ["running", "draft", "paused"];

/** A project's experiments that a site can take part in, running ones first, the newest of them first. */
export function pasteable(experiments: readonly Experiment[], project: string): Experiment[] {
  return experiments
    .filter((one) => one.project === project && one.source === "live" && WORTH_PASTING.includes(one.status))
    .sort(
      (a, b) =>
        WORTH_PASTING.indexOf(a.status) - WORTH_PASTING.indexOf(b.status) || b.created_at - a.created_at,
    );
}

/** What the site's lines need to know of an experiment. The SDK wants the arms in their order. */
export function trialOf({ key, arms, goals }: Experiment): Trial {
  const goal = goals.find((one) => one.role === "primary") ?? goals[0];
  return { key, arms: arms.map((arm) => arm.key), event: goal?.event ?? "" };
}
