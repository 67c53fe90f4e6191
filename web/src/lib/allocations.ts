/** Allocations in words: what happened, to which arm, and who did it. */

import type { Allocation } from "../api/allocations";
import type { ExperimentDetails } from "../api/experiment";
import { percent } from "./numbers";

/** What happened when an allocation took the place of the one before it. */
export function causeOf(
  { arms }: Pick<ExperimentDetails, "arms">,
  allocation: Allocation,
  before: Allocation | undefined,
): string {
  const moved = movedArm(allocation, before);
  const name = arms.find((arm) => arm.key === moved)?.name ?? "an arm";
  switch (allocation.cause) {
    case "start":
      return "Started";
    case "pause":
      return "Paused";
    case "resume":
      return "Went on";
    case "complete":
      return "Completed";
    case "refresh":
      return "Shares moved";
    case "drop":
      return `Stopped showing ${name}`;
    case "restore":
      return `Brought ${name} back`;
    case "add":
      return `Added ${name}`;
    default:
      return before !== undefined && before.traffic !== allocation.traffic
        ? "Traffic changed"
        : "Shares changed by hand";
  }
}

/** The arm that lost its whole share to the others, or got one and had none. */
function movedArm({ cause, weights }: Allocation, before: Allocation | undefined): string | undefined {
  const had = (key: string) => (before?.weights[key] ?? 0) > 0;
  const has = (key: string) => (weights[key] ?? 0) > 0;
  return Object.keys(weights).find((key) =>
    cause === "drop" ? had(key) && !has(key) : !had(key) && has(key),
  );
}

/** How many of those who come are let in from then on. */
export function takingPart(
  { source }: Pick<ExperimentDetails, "source">,
  { cause, enrolling, traffic }: Allocation,
): string {
  if (cause === "complete") return "nobody: completed";
  // A history from elsewhere lets nobody in here, which is no pause.
  return enrolling || source === "imported" ? percent(traffic) : "nobody: paused";
}

/** Who did it. A person's program is known by the beginning of its key. */
export function actorOf(actor: string): string {
  if (actor === "appliance") return "the appliance";
  if (actor === "owner") return "the owner";
  if (actor === "example") return "the example data";
  return actor.startsWith("vv_sk_") ? `the key ${actor}` : actor;
}
