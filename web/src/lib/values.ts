/** What visitors bring, where events carry a value, in words. */

import type { ArmResult, ValueLift, Values } from "../api/results";
import { amount, chance, count, counted, more, percent } from "./numbers";

const REASONS: Record<string, string> = {
  "no visitors": "nobody has seen one of them yet",
  "too few buyers": "too few have bought yet: it takes 30, with 10 in each arm",
  "no variation": "everyone brought the same",
};

/** How an arm lies from the control in what a visitor brings, with its interval; or why that cannot be said. */
export function valueSentence(lift: ValueLift, name: string, control: string): string {
  const { difference, interval_95, interval_always, p_better, reason } = lift;
  if (difference === null || interval_95 === null) {
    return `${name} and ${control} are not compared: ${REASONS[reason ?? ""] ?? reason ?? "no numbers"}.`;
  }
  const always =
    interval_always === null
      ? ""
      : ` However often one looks, between ${more(interval_always[0])} and ${more(interval_always[1])}.`;
  const better =
    p_better === null ? "" : ` The chance that ${name} brings more than ${control} is ${chance(p_better)}.`;
  return (
    `With ${name} a visitor brings ${compared(difference)} ${control}; ` +
    `at one look the difference lies between ${more(interval_95[0])} and ${more(interval_95[1])}.${always}${better}`
  );
}

function compared(difference: number): string {
  if (difference === 0) return "as much as with";
  return `${amount(Math.abs(difference))} ${difference > 0 ? "more" : "less"} than with`;
}

/** What was cut off, so that a few large sums decide nothing. */
export function capSentence({ cap, arms }: Values): string {
  if (cap === null) return "";
  const capped = Object.values(arms).reduce((sum, arm) => sum + arm.capped, 0);
  const who = capped === 0 ? "nobody brought more" : `${counted(capped, "buyer")} brought more`;
  const most = amount(cap).replace(/\.00$/, "");
  return `A buyer who brings more than ${most} counts as ${most}, in all arms alike; ${who}.`;
}

/** The cells of an arm: who buys, what a buyer brings, what a visitor brings. */
export function valueCells(arm: ArmResult, { arms }: Values): string[] {
  const found = arms[arm.key];
  if (found === undefined) return ["–", "–", "–"];
  const { buyers, exposed, buy_rate, order_value, mean } = found;
  return [`${count(buyers)} of ${count(exposed)} (${percent(buy_rate)})`, amount(order_value), amount(mean)];
}
