/** Checks of an experiment's health, in words. What is off is the appliance's verdict, never the page's. */

import type { ExperimentDetails } from "../api/experiment";
import type { Results } from "../api/results";
import type { Tone } from "../components/Notice";
import { count, counted, percent, rate } from "./numbers";
import { dateTime, duration, HOUR } from "./time";

export interface Check {
  tone: Tone;
  word: string;
  text: string;
}

export function checks(experiment: ExperimentDetails, results: Results): Check[] {
  return [
    split(results),
    unseen(results),
    goal(results),
    unreached(results),
    late(results),
    leftOut(results),
    traffic(experiment),
  ].filter((check) => check !== undefined);
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

/** Whether the goal arrives, and since when it does not. */
function goal({ goal: key, event, summary, decision, health: { silence } }: Results): Check {
  const sent = event === key ? `‘${key}’` : `‘${key}’ (the event ‘${event}’)`;
  if (summary.conversions > 0) {
    const reached = `${counted(summary.conversions, "visitor")} of ${count(summary.exposed)} reached ${sent}.`;
    if (silence?.is_silent && silence.last_seen_ms !== null) {
      return {
        tone: "harm",
        word: "Goal silent",
        text: `${reached} The last one came in the hour from ${dateTime(silence.last_seen_ms)}; ${counted(silence.visitors_since, "visitor")} came since, who would have brought about ${count(silence.expected)}.`,
      };
    }
    return { tone: "good", word: "Goal arrives", text: `${reached}${last(silence)}` };
  }
  const unheard = decision.reason === "setup";
  return {
    tone: unheard ? "wait" : "plain",
    word: unheard ? "Goal silent" : "No goal yet",
    text: `None of ${counted(summary.exposed, "visitor")} has reached ${sent}.`,
  };
}

function last(silence: Results["health"]["silence"]): string {
  if (silence === null || silence.last_seen_ms === null) return "";
  return ` The last one came in the hour from ${dateTime(silence.last_seen_ms)}.`;
}

/** Other goals that nobody has ever reached: mostly a name that is written in two ways. */
function unreached({ goal: key, health }: Results): Check | undefined {
  const never = health.unreached.filter((each) => each !== key);
  if (never.length === 0) return undefined;
  const names = never.map((each) => `‘${each}’`).join(", ");
  return {
    tone: "wait",
    word: "Never reached",
    text: `Nobody has ever reached ${names}. Is the event called the same on your site?`,
  };
}

/** Robots, and what was sent twice. */
function leftOut({ health: { arrivals, share_left_out } }: Results): Check | undefined {
  const { counted: kept, robots, duplicates } = arrivals;
  const out = robots + duplicates;
  if (share_left_out === null || kept + out === 0) return undefined;
  if (out === 0) {
    return {
      tone: "good",
      word: "Nothing left out",
      text: `${count(kept)} came in, none from robots or sent twice.`,
    };
  }
  return {
    tone: "plain",
    word: "Left out",
    text: `${percent(share_left_out)} of all ${count(kept + out)} that came in: ${count(robots)} from robots and ${count(duplicates)} sent twice. They are in no number here.`,
  };
}

/** Conversions that come late, and the rates with what is still to come. */
function late({ arms, health: { delay } }: Results): Check | undefined {
  if (delay === null) return undefined;
  const { median_hours: median, slow_hours: slow } = delay;
  const half = median === null ? "" : `Half of the conversions come within ${hours(median)}`;
  const most =
    slow === null
      ? ""
      : `${half === "" ? "95 of 100 conversions come" : ", 95 of 100"} within ${hours(slow)}`;
  const name = (key: string) => arms.find((arm) => arm.key === key)?.name ?? key;
  const rates = delay.arms.filter((arm) => arm.rate !== null);
  const provisional =
    rates.length === 0
      ? ""
      : ` With those still to come, rates would be about ${rates.map((arm) => `${rate(arm.rate)} for ${name(arm.key)}`).join(", ")}: provisional.`;
  const said = half + most;
  return {
    tone: "plain",
    word: "Conversions come late",
    text: `${said === "" ? "How late is not known yet" : said}.${provisional}`,
  };
}

function hours(many: number): string {
  return duration(many * HOUR);
}

function traffic({ traffic: share }: ExperimentDetails): Check | undefined {
  if (share === 1) return undefined;
  return {
    tone: "plain",
    word: "Part of the traffic",
    text: `${percent(share)} of your visitors take part.`,
  };
}
