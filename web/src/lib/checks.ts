/** Checks of an experiment's health, in words. What is off is the appliance's verdict, never the page's. */

import type { ExperimentDetails } from "../api/experiment";
import type { Results } from "../api/results";
import type { Tone } from "../components/Notice";
import { count, counted, percent } from "./numbers";

export interface Check {
  tone: Tone;
  word: string;
  text: string;
}

export function checks(experiment: ExperimentDetails, results: Results): Check[] {
  return [split(results), unseen(results), goal(results), traffic(experiment)].filter(
    (check) => check !== undefined,
  );
}

/** Of many arms the one that is furthest off stands for all. */
function split({ arms, decision, sample_ratio }: Results): Check {
  const { expected, observed } = sample_ratio;
  const off = (index: number) =>
    ((observed[index] ?? 0) - (expected[index] ?? 0)) ** 2 / (expected[index] || 1);
  const furthest = arms
    .map((_, index) => index)
    .reduce((far, index) => (off(index) > off(far) ? index : far), 0);
  const one = (index: number) =>
    `${arms[index]?.name} got ${counted(observed[index] ?? 0, "visitor")} where about ${count(expected[index] ?? 0)} were planned`;
  const said = arms.length === 2 ? `${one(0)}; ${one(1)}` : `Furthest off: ${one(furthest)}`;
  if (decision.reason === "split")
    return { tone: "harm", word: "Split off", text: `${said}. That is no chance.` };
  return { tone: "good", word: "Split as planned", text: `${said}. Chance explains that.` };
}

/** Arms that are to get newcomers and have got none, though enough came for each. */
function unseen({ arms, summary }: Results): Check | undefined {
  const missing = arms.filter((arm) => arm.exposed === 0 && arm.weight * summary.exposed >= 20);
  if (missing.length === 0) return undefined;
  const names = missing.map((arm) => arm.name).join(", ");
  return { tone: "wait", word: "Never shown", text: `Nobody has seen ${names} yet. Does your site know it?` };
}

function goal({ goal: key, event, summary, decision }: Results): Check {
  const sent = event === key ? `‘${key}’` : `‘${key}’ (the event ‘${event}’)`;
  if (summary.conversions > 0) {
    return {
      tone: "good",
      word: "Goal arrives",
      text: `${counted(summary.conversions, "visitor")} of ${count(summary.exposed)} reached ${sent}.`,
    };
  }
  const silent = decision.reason === "setup";
  return {
    tone: silent ? "wait" : "plain",
    word: silent ? "Goal silent" : "No goal yet",
    text: `None of ${counted(summary.exposed, "visitor")} has reached ${sent}.`,
  };
}

function traffic({ traffic: share }: ExperimentDetails): Check | undefined {
  if (share === 1) return undefined;
  return {
    tone: "plain",
    word: "Part of the traffic",
    text: `${percent(share)} of your visitors take part.`,
  };
}
