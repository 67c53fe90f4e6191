/** What an arm is made of: one variant of every element, by name. */

import type { ExperimentDetails } from "../api/experiment";

export interface Part {
  element: string;
  variant: string;
}

/** The parts of an arm that is a combination; an arm of an `ab_test` is a variant itself and has none. */
export function partsOf(experiment: ExperimentDetails, variants: Readonly<Record<string, string>>): Part[] {
  if (experiment.type !== "multi_element") return [];
  return experiment.elements.map((element) => {
    const key = variants[element.key];
    const variant = element.variants.find((each) => each.key === key);
    return { element: element.name, variant: variant?.name ?? key ?? "" };
  });
}
