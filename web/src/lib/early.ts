/** Early signs in plain words and units: what visitors of an arm did on average, short of converting. */

import type { Early } from "../api/results";
import { NONE, percent } from "./numbers";

export type Signal = "form" | "click" | "scroll" | "time";

interface Kind {
  signal: Signal;
  name: string;
  /** What its number is an average of. */
  unit: string;
  said: (average: number) => string;
}

const ONE = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const TWO = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const SIGNALS: readonly Kind[] = [
  { signal: "form", name: "Form", unit: "0 untouched, 1 begun, 2 sent", said: (steps) => TWO.format(steps) },
  { signal: "click", name: "Clicks", unit: "by visitor", said: (clicks) => ONE.format(clicks) },
  { signal: "scroll", name: "Scrolled down to", unit: "share of the page", said: percent },
  { signal: "time", name: "Time in view", unit: "by visitor", said: time },
];

export function signalOf({ signals }: Early["arms"][number], { signal, said }: Kind): string {
  const average = signals[signal] ?? null;
  return average === null ? NONE : said(average);
}

/** "41 s", "3 min 5 s". */
function time(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}
