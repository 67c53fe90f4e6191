/** How newcomers are shared out, in plain words: what each way earns and what it costs. All texts stand here. */

import type { Schemas } from "../api/client";

export type Mode = NonNullable<Schemas["ExperimentReply"]["mode"]>;
/** A mode of adaptive shares, or shares that stay as they are. */
export type Sharing = Mode | "fixed";

export interface SharingText {
  value: Sharing;
  name: string;
  /** In one line. */
  short: string;
  earns: string;
  costs: string;
}

/* Saved and proven: bench/bandits.md, for the two arms of MEASURED, in round numbers. */
export const SHARINGS: readonly SharingText[] = [
  {
    value: "learn",
    name: "Learn: find out soonest",
    short: "find out soonest",
    earns:
      "Of two arms each gets half of the newcomers; of more, what looks best gets half and its rivals the rest. It proves soonest, and nearly all real improvements.",
    costs: "No visitor is saved from the worse page.",
  },
  {
    value: "balanced",
    name: "Balanced: save visitors while finding out (recommended)",
    short: "save visitors while finding out",
    earns: "It saves about half of what an even split loses to the worse page.",
    costs: "It proves a little later, and about 9 in 10 real improvements.",
  },
  {
    value: "earn",
    name: "Earn: most conversions now",
    short: "most conversions now",
    earns: "It saves nearly all of the loss: soon almost everybody gets what looks best.",
    costs: "It proves only about 1 in 4 real improvements, for hardly anybody sees the other arm.",
  },
  {
    value: "fixed",
    name: "Always the same shares",
    short: "always the same shares",
    earns: "Shares change only when you change them: the plainest record, arm against arm.",
    costs: "As many visitors see what works worse on the last day as on the first.",
  },
];

/** The ways between which an experiment may change while it runs. */
export const MODES = SHARINGS.filter((way): way is SharingText & { value: Mode } => way.value !== "fixed");

/** What the numbers above were measured on. */
export const MEASURED =
  "Counted in simulations of two arms and 10,000 visitors, where one arm converts half as often again as the other.";

/** The text of one way. */
export function sharingText(sharing: Sharing): SharingText {
  return SHARINGS.find(({ value }) => value === sharing) as SharingText;
}

/** "Balanced" */
export function modeName(mode: Mode): string {
  return sharingText(mode).name.split(":")[0] as string;
}

/** How the newcomers of an experiment are shared out. */
export function sharingOf({
  allocation,
  mode,
}: Pick<Schemas["ExperimentReply"], "allocation" | "mode">): Sharing {
  return allocation === "fixed" ? "fixed" : (mode ?? "balanced");
}
