/** Decisions: the word and the tone of each status, and what one does about it. Their sentences come from the API. */

import type { ExperimentDetails } from "../api/experiment";
import type { Decision } from "../api/results";
import type { Tone } from "../components/Notice";
import { armStep } from "./arms";

interface Word {
  tone: Tone;
  word: string;
  /** Once the experiment has ended, and nothing can be kept up or stopped any more. */
  ended?: string;
}

const WORDS: Record<Decision["status"], Word> = {
  broken: { tone: "harm", word: "Broken" },
  collecting: { tone: "plain", word: "Collecting", ended: "Too little was collected" },
  "keep testing": { tone: "plain", word: "Keep testing", ended: "Not settled" },
  equivalent: { tone: "wait", word: "About the same" },
  ship: { tone: "good", word: "Ship it", ended: "Proven" },
  stop: { tone: "wait", word: "Stop this arm", ended: "An arm did harm" },
};

/** Where the reason says something else than the status alone. */
const FOR_REASON: Partial<Record<Decision["reason"], Word>> = {
  silent: { tone: "harm", word: "Goal silent" },
  unlikely: { tone: "wait", word: "Unlikely to settle" },
};

export function wordOf(decision: Pick<Decision, "status" | "reason">, ended: boolean) {
  const { tone, word, ended: after = word } = FOR_REASON[decision.reason] ?? WORDS[decision.status];
  return { tone, word: ended ? after : word };
}

interface Advice {
  text: string;
  /** What the button beside it does. */
  act?: "complete" | "check" | "drop";
}

/** What to do about a decision. */
export function advice(experiment: ExperimentDetails, decision: Decision): Advice {
  const { status, source, winner, arms } = experiment;
  const name = (key: string | null) => arms.find((arm) => arm.key === key)?.name ?? "it";
  if (status === "completed") {
    if (decision.reason === "split") {
      return { text: "Draw no conclusion from it: it has ended, and cannot be repaired any more." };
    }
    if (source === "imported")
      return { text: "Nothing: this history was recorded elsewhere and is complete." };
    return winner === null
      ? { text: "Nothing: it has ended without a winner, and everyone gets the control." }
      : {
          text: `It has ended, and everyone gets ${name(winner)}. Write that into your site when you next change it.`,
        };
  }
  const pausing = status === "paused" ? " It is paused: nobody new is let in until it goes on." : "";
  switch (decision.action) {
    case "freeze the allocation":
      return {
        text: "Find out where visitors of one arm get lost: a redirect, an error in its page, or robots. The shares stay as they are meanwhile; once it is repaired, start again under another key.",
      };
    case "check the setup":
      return {
        text: "Open your site once, do yourself what should count, and watch it arrive here.",
        ...(source === "live" && { act: "check" as const }),
      };
    case "check the goal":
      return {
        text: "Do yourself on your site what should count. Where it does not arrive here, a button or a page has probably changed its name.",
        ...(source === "live" && { act: "check" as const }),
      };
    case "stop the arm":
      if (arms.some((arm) => arm.key === decision.arm && armStep(experiment, arm) === "drop")) {
        return {
          text: `Stop showing ${name(decision.arm)}, before it costs more: only its visitors move, to the control.${pausing}`,
          act: "drop",
        };
      }
      return {
        text: `Complete the experiment without ${name(decision.arm)}, before it costs more.`,
        act: "complete",
      };
    case "ship the arm":
      return {
        text: `Complete the experiment with ${name(decision.arm)} as its winner: everyone gets it.`,
        act: "complete",
      };
    case "ship the arm or continue":
      return { text: `Let it run for the proof, or complete it with ${name(decision.arm)} now.${pausing}` };
    case "stop and pick the simpler":
      return {
        text: "Complete it with whichever arm is the simplest to keep, and try something bolder.",
        act: "complete",
      };
    case "stop or try something bolder":
      return {
        text: `Complete it with whichever arm you like best, and try a change that visitors cannot miss.${pausing}`,
        act: "complete",
      };
    case "continue":
      if (source === "imported") return { text: "Bring in more of its history, or complete it." };
      return { text: pausing.trim() || "Nothing yet: it goes on by itself." };
  }
}
