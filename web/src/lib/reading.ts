/** What the results say of an arm and of the choice between them, in words. Every number is the appliance's. */

import type { ArmResult, Results } from "../api/results";
import { chance, count, NONE, outOf, percent, rate, rateRange, scaleOf } from "./numbers";

export interface ArmReading {
  visitors: string;
  conversions: string;
  rate: string;
  /** The rate as counted, where the one to show is another. */
  raw: string | undefined;
  /** How far the true rate may be from the shown one; empty without visitors. */
  range: string;
  chance: string;
  share: string;
}

/** Counts of a broken split say nothing about who is best, so nobody is shown as that. */
export function isBroken({ decision }: Pick<Results, "decision">): boolean {
  return decision.reason === "split";
}

/** Whether the rates to show are those that all visitors would have brought, and not the counted ones. */
export function isAdjusted({ rates }: Pick<Results, "rates">): boolean {
  return rates.method === "adjusted";
}

export function readArm(arm: ArmResult, results: Results): ArmReading {
  const { exposed, conversions, dropped } = arm;
  const adjusted = isAdjusted(results);
  const unsaid = isBroken(results) || results.summary.exposed === 0 || dropped;
  return {
    visitors: count(exposed),
    conversions: count(conversions),
    rate: rate(arm.rate),
    raw: adjusted ? rate(arm.primary_conversion_rate) : undefined,
    range: adjusted && arm.rate_95 !== null ? rateRange(arm.rate_95) : rangeOf(arm),
    chance: unsaid ? NONE : chance(arm.p_best_calibrated),
    share: dropped ? "none" : percent(arm.weight),
  };
}

export interface Ends {
  low: number;
  high: number;
}

/** Where the true rate lies with 95 % probability; of an arm without a conversion only the upper end is known. */
export function endsOf({ conversions, posterior }: ArmResult): Ends {
  const [low, high] = posterior.interval_95;
  return conversions === 0 ? { low: 0, high: posterior.at_most } : { low, high };
}

/** The same in words, as counted; empty without visitors. */
export function rangeOf(arm: ArmResult): string {
  if (arm.exposed === 0) return "";
  const { low, high } = endsOf(arm);
  return low === 0 ? `at most ${rate(high)}` : rateRange([low, high]);
}

/** The arm that is best as far as is known, by the appliance's own reading. */
export function leading({ arms, situation }: Pick<Results, "arms" | "situation">): ArmResult | undefined {
  return arms.find((arm) => arm.key === situation.leader);
}

/** Whom the leader is held against: the control, or, where that leads, the runner-up. */
function opposite({ arms, situation }: Results): ArmResult | undefined {
  return arms.find((arm) => arm.key === situation.gain_over);
}

/** The leader's rate and the other's as people out of a hundred; empty where that would say too much. */
export function frequencies(results: Results): string {
  const { decision, goal } = results;
  const [best, other] = [leading(results), opposite(results)];
  const [a, b] = [best?.rate, other?.rate];
  // A handful is told as it was counted, in the table: 1 of 3 visitors are no 33 of 100.
  if (isBroken(results) || decision.status === "collecting" || !a || !b) return "";
  const scale = scaleOf([a, b]);
  const reached = isAdjusted(results) ? "would reach" : "reached";
  return (
    `Out of every ${count(scale)} visitors, about ${outOf(a, scale)} ${reached} ‘${goal}’ with ${best?.name} ` +
    `and ${outOf(b, scale)} with ${other?.name}.`
  );
}
