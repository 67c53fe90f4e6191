/** The order of a list of experiments, and what stands together in it. */

import type { Schemas } from "../api/client";

type Experiment = Schemas["ExperimentReply"];
type Project = Schemas["ProjectReply"];

/** What runs comes first: it is what one came to see. */
const ORDER: readonly Experiment["status"][] = ["running", "draft", "paused", "completed"];

export interface Group {
  project: Project;
  experiments: Experiment[];
}

/** The experiments of each project, the examples last; a project without any is left out. */
export function groupsOf(projects: readonly Project[], experiments: readonly Experiment[]): Group[] {
  return [...projects]
    .sort((a, b) => Number(a.example) - Number(b.example))
    .map((project) => ({
      project,
      experiments: experiments.filter((one) => one.project === project.key).sort(byStatus),
    }))
    .filter((group) => group.experiments.length > 0);
}

function byStatus(a: Experiment, b: Experiment): number {
  return ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || since(b) - since(a);
}

/** When its last large step was: the newer stands before the older. */
function since(experiment: Experiment): number {
  return experiment.ended_at ?? experiment.started_at ?? experiment.created_at;
}
