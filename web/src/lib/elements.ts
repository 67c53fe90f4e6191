/** What the elements of an experiment do, in words: each by itself, and what only works together. */

import type { ExperimentDetails } from "../api/experiment";
import type { ArmResult, Elements, ElementVariant, Results, Together } from "../api/results";
import { liftOf } from "./goals";
import { chance, change, counted, outOf, percent, scaleOf } from "./numbers";
import { isAdjusted, isBroken, leading } from "./reading";

type Variants = Readonly<Record<string, string>>;

/** The combinations of two elements, a row for every variant of the first; none where there are not two. */
export function grid({ elements, type }: ExperimentDetails, { arms }: Pick<Results, "arms">) {
  const [first, second, ...others] = elements;
  if (type !== "multi_element" || first === undefined || second === undefined || others.length > 0)
    return undefined;
  const at = (row: string, column: string) =>
    arms.find(({ variants }) => variants[first.key] === row && variants[second.key] === column);
  return {
    first,
    second,
    rows: first.variants.map((row) => ({
      row,
      cells: second.variants.map((column) => ({ column, arm: at(row.key, column.key) })),
    })),
  };
}

/** The combinations with the best chance first; of one chance the one with the higher rate. */
export function ranked(arms: readonly ArmResult[]): ArmResult[] {
  return [...arms].sort(
    (a, b) =>
      Number(a.dropped) - Number(b.dropped) ||
      b.p_best_calibrated - a.p_best_calibrated ||
      (b.rate ?? 0) - (a.rate ?? 0),
  );
}

/** How deep the colour of a rate is, from 0 for the lowest to 1 for the highest; none where all are alike. */
export function depth(rate: number | null, arms: readonly ArmResult[]): number {
  const known = arms.flatMap((arm) => (arm.rate === null ? [] : [arm.rate]));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return rate === null || high === low ? 0 : (rate - low) / (high - low);
}

/** The combination that is best as far as is known; none before a conversion, nor from counts that are off. */
export function best(results: Results): ArmResult | undefined {
  return isBroken(results) || results.summary.conversions === 0 ? undefined : leading(results);
}

/** What the picture of the combinations shows, in a sentence. */
export function combinationsCaption(results: Results): string {
  const { arms, goal } = results;
  const seen = arms.filter((arm): arm is ArmResult & { rate: number } => arm.rate !== null);
  const top = seen.reduce<(typeof seen)[0] | undefined>((a, b) => (a && a.rate >= b.rate ? a : b), undefined);
  const low = seen.reduce<(typeof seen)[0] | undefined>((a, b) => (a && a.rate <= b.rate ? a : b), undefined);
  const what = `${counted(arms.length, "combination")}.`;
  if (top === undefined || low === undefined || top.rate === low.rate) return what;
  const scale = scaleOf([top.rate, low.rate]);
  const reach = isAdjusted(results) ? "would reach" : "reached";
  return (
    `${what} The most visitors ${reach} ‘${goal}’ with ${top.name}, ${outOf(top.rate, scale)} of every ` +
    `${scale}; the fewest with ${low.name}, ${outOf(low.rate, scale)}. Rates of few visitors are still guesses.`
  );
}

/** The pairs that a combination holds both variants of. */
export function pairsIn(variants: Variants, together: readonly Together[]): Together[] {
  return together.filter((pair) =>
    Object.entries(pair.variants).every(([element, variant]) => variants[element] === variant),
  );
}

export function pairWord({ works_only_together }: Together): string {
  return works_only_together ? "works only together" : "get in each other’s way";
}

/** What a pair does beyond its parts, and how sure that is. */
export function pairSentence({ extra, p_matters }: Together): string {
  return (
    `${change(extra)} beyond what each of the two does by itself. ` +
    `The chance that this is more than 5 % either way is ${chance(p_matters)}.`
  );
}

/** How much of all that combinations differ by is an element's own doing. */
export function shareSentence(share: number): string {
  return `About ${whole(share)} of all that combinations differ by comes from it.`;
}

/** What no element accounts for by itself. */
export function restSentence({ elements }: Pick<Elements, "elements">): string {
  const rest = 1 - elements.reduce((sum, { share }) => sum + share, 0);
  return rest < 0.005 ? "" : `The rest, about ${whole(rest)}, comes from what they do together.`;
}

function whole(share: number): string {
  return percent(Math.round(share * 100) / 100);
}

export interface VariantReading {
  change: string;
  chance: string;
}

/** What a variant does on average over the other elements; the control is what the others are held against. */
export function readVariant({ lift, p_better }: ElementVariant, control: string): VariantReading | undefined {
  if (lift === null) return undefined;
  const better = p_better === null ? "" : `Better than ${control} with a chance of ${chance(p_better)}.`;
  return { change: liftOf(lift), chance: better };
}

/** The lowest and the highest change that the pictures of lifts have room for; both sides of nothing are in it. */
export function reachOf({ elements }: Pick<Elements, "elements">): [number, number] {
  const ends = elements.flatMap(({ variants }) =>
    variants.flatMap(({ lift }) => (lift === null ? [] : [lift["0.025"] ?? 0, lift["0.975"] ?? 0])),
  );
  return [Math.max(-1, Math.min(-0.05, ...ends)), Math.min(2, Math.max(0.05, ...ends))];
}
