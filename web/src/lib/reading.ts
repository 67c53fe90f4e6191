/** What the results say of an arm and of the choice between them, in words. Every number is the appliance's. */

import type { ArmResult, Results } from "../api/results";
import { chance, count, counted, frequency, NONE, outOf, percent, rate, rateRange, scaleOf } from "./numbers";

export interface ArmReading {
  visitors: string;
  conversions: string;
  rate: string;
  /** How far the true rate may be from the counted one; empty without visitors. */
  range: string;
  chance: string;
  share: string;
}

/** Counts of a broken split say nothing about who is best, so nobody is shown as that. */
export function isBroken({ decision }: Pick<Results, "decision">): boolean {
  return decision.status === "broken";
}

export function readArm(arm: ArmResult, results: Results): ArmReading {
  const { exposed, conversions } = arm;
  return {
    visitors: count(exposed),
    conversions: count(conversions),
    rate: rate(arm.primary_conversion_rate),
    range: rangeOf(arm),
    chance: isBroken(results) || results.summary.exposed === 0 ? NONE : chanceOf(arm, results),
    share: percent(arm.weight),
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

/** The same in words; empty without visitors. */
export function rangeOf(arm: ArmResult): string {
  if (arm.exposed === 0) return "";
  const { low, high } = endsOf(arm);
  return low === 0 ? `at most ${rate(high)}` : rateRange([low, high]);
}

/** For more than two arms the leader's chance is the least it can be. */
function chanceOf(arm: ArmResult, results: Results): string {
  const said = chance(arm.p_best_calibrated);
  const least = results.arms.length > 2 && arm.key === leading(results)?.key;
  return least && !said.startsWith("more") ? `at least ${said}` : said;
}

/** The arm that the decision is about, else the one that is most likely best; of equal ones the one that risks less. */
export function leading({ arms, decision }: Pick<Results, "arms" | "decision">): ArmResult | undefined {
  const named = decision.status === "stop" ? undefined : arms.find((arm) => arm.key === decision.arm);
  return named ?? [...arms].sort(byPromise)[0];
}

function byPromise(a: ArmResult, b: ArmResult): number {
  const chances = b.p_best_calibrated - a.p_best_calibrated;
  if (Math.abs(chances) > 1e-9) return chances;
  return a.expected_loss_calibrated - b.expected_loss_calibrated;
}

/** What hangs on the choice, as sentences; none where nothing can be said. */
export function stakes(results: Results): string[] {
  const best = leading(results);
  if (best === undefined || isBroken(results) || results.summary.exposed === 0) return [];
  const other = opposite(best, results);
  if (other === undefined) return [];
  return results.summary.conversions === 0
    ? [ceilings(results)]
    : [rates(best, other, results), chances(best, other, results), losses(best, other, results)];
}

/** Whom the leader is held against: the control, or, where that leads, the next best. */
function opposite(best: ArmResult, { arms }: Results): ArmResult | undefined {
  const others = arms.filter((arm) => arm.key !== best.key);
  const control = others.find((arm) => arm.is_control);
  return control ?? others.sort(byPromise)[0];
}

function ceilings({ arms, goal }: Results): string {
  const highest = Math.max(...arms.filter((arm) => arm.exposed > 0).map((arm) => arm.posterior.at_most));
  const scale = scaleOf([highest]);
  return `Even so, something is known: most likely fewer than ${count(Math.ceil(highest * scale))} of every ${count(scale)} visitors reach ‘${goal}’.`;
}

function rates(best: ArmResult, other: ArmResult, { goal, decision }: Results): string {
  const [a, b] = [best.primary_conversion_rate, other.primary_conversion_rate];
  // A handful is told as it was counted: 1 of 3 visitors are no 33 of 100.
  if (decision.status === "collecting" || a === null || b === null || a === 0 || b === 0) {
    return `So far ${ofVisitors(best)} reached ‘${goal}’ with ${best.name}, and ${ofVisitors(other)} with ${other.name}.`;
  }
  const scale = scaleOf([a, b]);
  return (
    `Out of every ${count(scale)} visitors, about ${outOf(a, scale)} reached ‘${goal}’ with ${best.name} ` +
    `and ${outOf(b, scale)} with ${other.name}.`
  );
}

function ofVisitors({ conversions, exposed }: ArmResult): string {
  return `${count(conversions)} of ${counted(exposed, "visitor")}`;
}

function chances(best: ArmResult, other: ArmResult, results: Results): string {
  if (results.arms.length === 2) {
    const [a, b] = [best, other].map((arm) => chance(arm.p_best_calibrated));
    return `The chance of being the better one is ${a} for ${best.name} and ${b} for ${other.name}.`;
  }
  return `The chance of being the best of all ${results.arms.length} is ${chanceOf(best, results)} for ${best.name}.`;
}

function losses(best: ArmResult, other: ArmResult, { arms }: Results): string {
  const most = arms.length > 2 ? "at most " : "";
  const loss = (arm: ArmResult) =>
    `${most}${frequency(arm.expected_loss_calibrated)}`.replace("at most fewer", "fewer");
  return (
    `On average, choosing ${best.name} would cost ${loss(best)} of the conversions there could be; ` +
    `choosing ${other.name}, ${loss(other)}.`
  );
}
