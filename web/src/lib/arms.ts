/** Arms: which colour and line each has, on every picture of every page, and which of many a picture shows. */

interface Arm {
  key: string;
  name: string;
  is_control: boolean;
}

export interface ArmLook {
  colour: string;
  /** How its line is broken, so that it is told from the others without its colour; undefined: not at all. */
  dash: string | undefined;
}

const COLOURS = 7;
const DASHES = [undefined, "6 3", "2 3", "8 3 2 3"];

/** The look of every arm by its key. The control is grey; the others take the colours in their order. */
export function armLooks(arms: readonly Arm[]): ReadonlyMap<string, ArmLook> {
  const others = arms.filter((arm) => !arm.is_control);
  const place = new Map(others.map((arm, index) => [arm.key, index]));
  return new Map(
    arms.map((arm) => {
      const index = place.get(arm.key);
      if (index === undefined) return [arm.key, { colour: "var(--arm-0)", dash: undefined }];
      const dash = DASHES[Math.floor(index / COLOURS) % DASHES.length];
      return [arm.key, { colour: `var(--arm-${(index % COLOURS) + 1})`, dash }];
    }),
  );
}

/** The most arms that a picture shows beside each other; of more it shows the control and the best. */
export const READABLE = 10;
const OF_MANY = 8;

/** The arms that a picture shows, in their order: all, or the control and the best few. */
export function armsToDraw<T extends { is_control: boolean; p_best_calibrated: number; exposed: number }>(
  arms: readonly T[],
): T[] {
  if (arms.length <= READABLE) return [...arms];
  const best = arms
    .filter((arm) => !arm.is_control)
    .sort((a, b) => b.p_best_calibrated - a.p_best_calibrated || b.exposed - a.exposed)
    .slice(0, OF_MANY - 1);
  return arms.filter((arm) => arm.is_control || best.includes(arm));
}

/** What stands for an arm in a sentence: its name, and its key where the two are not alike. */
export function called(arm: Arm): string {
  return sameWord(arm.name, arm.key) ? arm.name : `${arm.name} (${arm.key})`;
}

/** Whether a name says no more than its key does: "Variant A" and variant_a. */
export function sameWord(name: string, key: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
  return plain(name) === plain(key);
}

/** What an owner may do with one arm of an experiment that goes on: stop showing it, or bring it back. */
export type ArmStep = "drop" | "restore";

interface Going {
  status: string;
  source: string;
  arms: readonly { dropped: boolean }[];
}

/** Whether arms may come and go: while it goes on, and not where its history was recorded elsewhere. */
export function isGoing({ status, source }: Going): boolean {
  return source === "live" && (status === "running" || status === "paused");
}

/** The control stays, and so do the last two: without them there is nothing to compare. */
export function armStep(
  experiment: Going,
  arm: { is_control: boolean; dropped: boolean },
): ArmStep | undefined {
  if (!isGoing(experiment) || arm.is_control) return undefined;
  if (arm.dropped) return "restore";
  return experiment.arms.filter(({ dropped }) => !dropped).length > 2 ? "drop" : undefined;
}
