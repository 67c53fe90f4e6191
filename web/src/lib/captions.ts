/** Captions: what a picture shows, in a sentence, for whoever reads it or cannot see it. */

import type { ExperimentDetails } from "../api/experiment";
import type { ArmResult, Forecast, Results } from "../api/results";
import { chance, count, counted, outOf, percent, scaleOf } from "./numbers";
import { type Ends, endsOf, isAdjusted, isBroken, leading } from "./reading";
import { even, pauses, type Step } from "./series";

export function densitiesCaption(results: Results): string {
  const what = "Each hill shows where the true rate of an arm may lie: the narrower, the surer.";
  const broken = isBroken(results)
    ? " Visitors are not split as planned, so the hills may stand in the wrong place."
    : "";
  const raw = isAdjusted(results) ? " They are drawn from the raw counts." : "";
  const best = leading(results);
  const others = results.arms.filter((arm) => arm.key !== best?.key && arm.exposed > 0);
  const other = others.find((arm) => arm.is_control) ?? others[0];
  if (best === undefined || other === undefined || best.exposed === 0) return what + raw + broken;
  const [a, b] = [endsOf(best), endsOf(other)];
  const apart = isApart(a, b);
  // Ranges that lie apart must do so in whole numbers too.
  const scale = scaleOf(apart ? [a.low, a.high, b.low, b.high] : [a.low, b.low, Math.max(a.high, b.high)]);
  const between = ({ low, high }: Ends) =>
    low === 0
      ? `at most ${count(Math.ceil(high * scale))} of every ${count(scale)} visitors`
      : `${outOf(low, scale)} to ${outOf(high, scale)} of every ${count(scale)} visitors`;
  return (
    `${what} With ${best.name}, ${between(a)} reach ‘${results.goal}’ in the long run; with ${other.name}, ${between(b)}.` +
    `${overlap(a, b)}${raw}${broken}`
  );
}

/** Of an arm without a conversion one end is known, which is no range to lay beside another. */
function overlap(a: Ends, b: Ends): string {
  if (a.low === 0 || b.low === 0) return "";
  return ` These two ranges ${isApart(a, b) ? "do not overlap" : "overlap"}.`;
}

function isApart(a: Ends, b: Ends): boolean {
  return a.low > b.high || b.low > a.high;
}

export function sharesCaption(experiment: ExperimentDetails, steps: readonly Step[]): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return "";
  const whose = experiment.source === "imported" ? "visitors" : "newcomers";
  const breaks = pauses(steps);
  const paused =
    breaks.length === 0
      ? ""
      : ` It was paused ${times(breaks.length)}: the hatched ${breaks.length === 1 ? "part" : "parts"}, when nobody new was let in.`;
  const moves = steps.filter((step, index) => index > 0 && isMoved(step, steps[index - 1])).length;
  if (moves === 0) {
    return `${split(experiment.arms, first)} of the ${whose} throughout.${paused}`;
  }
  const now = experiment.status === "completed" ? "at the end" : "now";
  return (
    `${split(experiment.arms, first)} of the ${whose} at first. ` +
    `Since then the shares moved ${times(moves)}: ${now} ${largest(experiment.arms, last)}.${paused}`
  );
}

function isMoved(step: Step, before: Step | undefined): boolean {
  return step.weights.some((weight, arm) => weight !== before?.weights[arm]);
}

function times(many: number): string {
  return many === 1 ? "once" : many === 2 ? "twice" : `${count(many)} times`;
}

export interface Horizon {
  weeks: number;
  by: string;
  chance: number;
  said: string;
}

/** When a clear answer may be there, horizon by horizon; empty where nothing can be foretold. */
export function horizons(forecast: Forecast | null): Horizon[] {
  return (forecast?.p_answer ?? []).map((p, place) => {
    const weeks = forecast?.weeks[place] ?? 0;
    return { weeks, by: `Within ${counted(weeks, "week")}`, chance: p, said: chance(p) };
  });
}

export function forecastCaption(found: readonly Horizon[]): string {
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return "";
  const inWords = ({ by, said }: Horizon) => `${by.toLowerCase()} with a chance of ${said}`;
  const later = last === first ? "" : `, and ${inWords(last)}`;
  return (
    `At today’s traffic and shares, a clear answer comes ${inWords(first)}${later}. ` +
    "Clear is one arm proven better, or the arms found to be about the same."
  );
}

type Named = Pick<ArmResult, "name">;

function split(arms: readonly Named[], { weights }: Step): string {
  const served = weights.filter((weight) => weight > 0);
  if (even(weights)) {
    const every = served.length === weights.length ? "Every arm" : `Each of ${count(served.length)} arms`;
    return `${every} got the same share (${percent(served[0] ?? 0)})`;
  }
  const most = Math.max(...weights);
  return `${arms[weights.indexOf(most)]?.name} got the largest share (${percent(most)})`;
}

function largest(arms: readonly Named[], { weights }: Step): string {
  const most = Math.max(...weights);
  return `${arms[weights.indexOf(most)]?.name} gets the most, ${percent(most)}`;
}
