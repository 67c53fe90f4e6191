/** The numbers of the trade in words: every one is the appliance's, and none is made to look surer than it is. */

import type { ArmResult, Comparison, Segments } from "../api/results";
import { change, exact, NONE, points, rate, rateRange } from "./numbers";

type Interval = readonly [number, number];
type Ratio = Segments["ratios"][string];

/** The quantiles that a lift is given at. */
export const LEVELS = ["0.025", "0.25", "0.5", "0.75", "0.975"] as const;
export const LEVEL_NAMES: Record<(typeof LEVELS)[number], string> = {
  "0.025": "2.5 %",
  "0.25": "25 %",
  "0.5": "50 %, the median",
  "0.75": "75 %",
  "0.975": "97.5 %",
};

/** A relative lift, or a difference of rates, at one level; absurd lifts are cut off in words. */
export function levelOf(
  levels: Readonly<Record<string, number>>,
  level: string,
  unit: "relative" | "points",
) {
  const found = levels[level];
  if (found === undefined || !Number.isFinite(found)) return found === undefined ? NONE : change(found);
  return unit === "points" ? points(found) : change(found);
}

export function pointsRange(interval: Interval | null, reason: string | undefined): string {
  return interval === null ? (reason ?? NONE) : `${points(interval[0])} to ${points(interval[1])}`;
}

/** A statistic with its p-value, or why there is none. */
export function tested(statistic: number | null, p: number | null, reason: string | undefined): string {
  return statistic === null || p === null ? (reason ?? NONE) : `${exact(statistic)}, p = ${exact(p)}`;
}

export function pValue(p: number | null, reason: string | undefined): string {
  return p === null ? (reason ?? NONE) : `p = ${exact(p)}`;
}

/** The lifts that no look has excluded; a side without an end is said in words. */
export function anytime([low, high]: Comparison["evidence"]["lift_95_anytime"]): string {
  if (low === null && high === null) return "no lift is excluded yet";
  if (low === null) return `up to ${change(high as number)}; however low is open`;
  if (high === null) return `from ${change(low)}; however high is open`;
  return `${change(low)} to ${change(high)}`;
}

/** The log of a ratio of rates with its interval, or why there is none. */
export function ratioOf({ log_ratio, interval_95, reason }: Ratio): string {
  if (log_ratio === null || interval_95 === null) return reason ?? NONE;
  return `${exact(log_ratio)} (${exact(interval_95[0])} to ${exact(interval_95[1])})`;
}

/** The rate had all visitors seen an arm, and whom that leaves out. */
export function hadAllSeen({ had_all_seen: found }: ArmResult): string {
  const { mean, interval_95, left_out, reason } = found;
  if (mean === null || interval_95 === null) return reason ?? NONE;
  const without = left_out === 0 ? "" : `; without ${exact(left_out)} visitors while it was not served`;
  return `${rate(mean)} (${rateRange(interval_95)})${without}`;
}
