/** The three readers who expected different things, and what each says of the same counts. */

import type { Prior, Results } from "../api/results";
import { chance } from "./numbers";

type Verdict = Prior["verdicts"][number];

const READERS: Record<Verdict["prior"], string> = {
  sceptical: "Whoever expects small changes",
  neutral: "Whoever expects what experiments elsewhere showed",
  learned: "This appliance, from what it has learned here",
};

/** Each reader with a verdict in words, and the chance of the arm that leads for that reader, named or not. */
export function opinions({ prior, arms }: Pick<Results, "prior" | "arms">) {
  return prior.verdicts.map(({ prior: reader, arm, strength, p_best }) => {
    const name = arms.find((each) => each.key === arm)?.name;
    const open = strength === "open" || name === undefined;
    return {
      reader,
      who: READERS[reader],
      says: open ? "open who leads" : words(strength, name),
      chance: chance(p_best),
      open,
    };
  });
}

function words(strength: Verdict["strength"], name: string): string {
  return strength === "probably" ? `${name} is probably better` : `leaning ${name}`;
}
