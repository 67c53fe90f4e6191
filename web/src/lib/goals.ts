/** What arms do to the goals beside the one that is read, in words. What is proven is the appliance's verdict. */

import type { GoalArm, GoalResult } from "../api/results";
import type { Tone } from "../components/Notice";
import { change, count, NONE, rate } from "./numbers";

interface Verdict {
  tone: Tone;
  text: string;
}

const ROLES: Record<GoalResult["role"], string> = {
  primary: "Decides the experiment; choose it above to read it.",
  guardrail: "Guardrail: no arm may harm it.",
  secondary: "Secondary: good to know, decides nothing.",
};

export function roleOf({ role }: GoalResult): string {
  return ROLES[role];
}

/** What is known of one arm and one goal; undefined for the control, to which the others are held. */
export function verdict({ role }: GoalResult, arm: GoalArm): Verdict | undefined {
  if (arm.lift === null) return undefined;
  if (role === "guardrail") {
    return arm.harmed ? { tone: "harm", text: "harm is proven" } : { tone: "plain", text: "no harm proven" };
  }
  if (role === "secondary" && arm.changed) {
    const rises = (arm.lift["0.5"] ?? 0) > 0;
    return { tone: rises ? "good" : "wait", text: `told from luck: ${rises ? "more" : "less"} often` };
  }
  return { tone: "plain", text: role === "secondary" ? "not told from luck" : NONE };
}

/** The counts with the rate beside them. */
export function reached({ conversions, exposed, rate: share }: GoalArm): string {
  const counts = `${count(conversions)} of ${count(exposed)}`;
  return share === null ? counts : `${counts} (${rate(share)})`;
}

/** "+3 % (−8 to +14 %)": the median and where the true change lies with 95 % probability. */
export function liftOf(lift: Readonly<Record<string, number>> | null): string {
  const [low, middle, high] = [lift?.["0.025"], lift?.["0.5"], lift?.["0.975"]];
  if (low === undefined || middle === undefined || high === undefined) return NONE;
  return `${change(middle)} (${change(low)} to ${change(high)})`;
}
