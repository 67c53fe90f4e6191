/** The arms: which one this visitor sees in each experiment on this page, and for which one an exposure may count. */

import { armAt, bucket } from "./bucketing.js";
import { evenWeights } from "./weights.js";

/** What is known of an experiment for this visitor. No arm: the visitor takes no part in it and sees the control. */
interface Word {
  arm?: string;
  payload?: unknown;
}

/** What the server says of a visitor. */
interface Assigned {
  visitor_id: string;
  assignments: Record<string, Word>;
  excluded: Record<string, string>;
}

export interface Arms {
  /** Takes in what the server said on an earlier page. Whether it is about this visitor. */
  recall(said: Assigned): boolean;
  /** Takes in what the server says on this page; where it comes late, what was shown stands. Whether it is about this visitor. */
  hear(said: Assigned, late: boolean): boolean;
  /** Whether the server has said anything on this page. */
  heard(): boolean;
  /** The arm to show. */
  variant(key: string, arms: readonly string[]): string;
  /** The arm that was shown last, or else that stands. */
  shown(key: string): string | undefined;
  /** What the owner gave the arm that stands. */
  payload(key: string): unknown;
  /** Whether the server counts an exposure to this arm for this arm, as far as is known. */
  counts(key: string, arm: unknown): boolean;
}

/**
 * What stands, stands for the whole page, so that nothing flips before a visitor's eyes. The first of these that
 * knows the experiment decides:
 *
 * 1. `bootstrap`, for it is on the screen already,
 * 2. what the server said on an earlier page,
 * 3. what the server says on this page; where it does not know the experiment, the control,
 * 4. the hash over the arms that the code names, with the even weights of the server's first allocation.
 *
 * As long as the server is waited for, the fourth may still give way to the third; afterwards it stands where it
 * was shown.
 */
export function createArms(
  visitorId: string,
  bootstrap: Readonly<Record<string, string>>,
  report: (problem: string) => void,
): Arms {
  const standing = new Map<string, Word>();
  const shown = new Map<string, string>();
  let told: Assigned | undefined;

  function stand(key: string, word: Word): void {
    const known = standing.get(key);
    // An arm that stands by other means still lacks its payload.
    if (!known || (known.arm === word.arm && !("payload" in known))) standing.set(key, word);
  }

  for (const key in bootstrap) stand(key, { arm: bootstrap[key] as string });

  function recall(said: Assigned): boolean {
    if (said.visitor_id !== visitorId) return false;
    for (const key in said.excluded) stand(key, {});
    for (const key in said.assignments) stand(key, said.assignments[key] as Word);
    return true;
  }

  return {
    recall,
    hear(said, late) {
      if (late) for (const [key, arm] of shown) stand(key, { arm });
      if (!recall(said)) return false;
      told = said;
      return true;
    },
    heard: () => !!told,
    variant(key, arms) {
      const word = standing.get(key);
      let arm = word?.arm;
      if (!word && !told) arm = arms[armAt(bucket(visitorId, key), evenWeights(arms.length))];
      if (arm && !arms.includes(arm)) {
        report(`${key}: no arm "${arm}" in the code`);
        arm = undefined;
        standing.set(key, {});
      }
      arm ??= arms[0] as string;
      shown.set(key, arm);
      return arm;
    },
    shown: (key) => shown.get(key) ?? standing.get(key)?.arm,
    payload: (key) => standing.get(key)?.payload ?? null,
    counts: (key, arm) =>
      (told ? told.assignments[key] : (standing.get(key) ?? { arm: shown.get(key) }))?.arm === arm,
  };
}
