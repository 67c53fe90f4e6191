/** Allocations as a series of steps: from when to when which share of newcomers got which arm. */

import type { Schemas } from "../api/client";

type Allocation = Schemas["AllocationReply"];

export interface Step {
  number: number;
  from: number;
  to: number;
  /** By arm, in the order asked for. They sum to 1. */
  weights: number[];
  /** Nobody new was let in. */
  paused: boolean;
  traffic: number;
  cause: string;
  actor: string;
}

interface Series {
  /** The keys of the arms, in their order. */
  arms: readonly string[];
  /** Where the picture ends: now, or when the experiment ended. */
  until: number;
  /** A history from elsewhere let nobody in here, which is no pause. */
  imported?: boolean;
}

/** The steps of an experiment, oldest first. An allocation that lasted no time is no step, unless it is all there is. */
export function steps(allocations: readonly Allocation[], { arms, until, imported = false }: Series): Step[] {
  const all = allocations.map((allocation, index) => {
    const next = allocations[index + 1];
    const to = Math.max(allocation.started_at, Math.min(next?.started_at ?? until, until));
    return {
      number: allocation.number,
      from: allocation.started_at,
      to,
      weights: arms.map((arm) => allocation.weights[arm] ?? 0),
      paused: !imported && !allocation.enrolling,
      traffic: allocation.traffic,
      cause: allocation.cause,
      actor: allocation.actor,
    };
  });
  const lasting = all.filter((step) => step.to > step.from);
  const last = all.at(-1);
  if (lasting.length > 0 || last === undefined) return lasting;
  return [{ ...last, to: last.from + 1 }];
}

/** Whether all arms that get newcomers get as many, as near as ten-thousandths can be shared out. */
export function even(weights: readonly number[]): boolean {
  const served = weights.filter((weight) => weight > 0);
  return Math.max(...served) - Math.min(...served) < 0.00015;
}

/** The index of the step in which a moment lies; before the first it is the first, after the last the last. */
export function stepAt(series: readonly Step[], moment: number): number {
  let low = 0;
  let high = series.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((series[middle] as Step).from <= moment) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Pauses, neighbouring ones joined: of weights that changed meanwhile nobody noticed anything. */
export function pauses(series: readonly Step[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { paused, from, to } of series) {
    const last = found.at(-1);
    if (!paused) continue;
    if (last !== undefined && last.to === from) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

/** The same steps for the arms at these places, with all the rest put together at the end. */
export function gathered(series: readonly Step[], places: readonly number[]): Step[] {
  return series.map((step) => {
    const shown = places.map((place) => step.weights[place] ?? 0);
    const rest = 1 - shown.reduce((sum, weight) => sum + weight, 0);
    // What is left of adding ten-thousandths up is no arm.
    return { ...step, weights: [...shown, rest > 1e-9 ? rest : 0] };
  });
}
