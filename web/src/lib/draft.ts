/** An experiment while its owner writes it down, and what of it the appliance gets. */

import type { Schemas } from "../api/client";
import { freeKey, isKey, keyOf } from "./key";
import type { Sharing } from "./modes";

export interface DraftArm {
  /** Tells the arm from the others while its name changes; goes nowhere. */
  id: number;
  name: string;
  /** Empty: the one that follows from the name. */
  key: string;
  /** JSON as it was typed. */
  payload: string;
}

export interface Draft {
  name: string;
  key: string;
  arms: readonly DraftArm[];
  event: string;
  /** Visitors of a hundred that take part, as it was typed. */
  traffic: string;
  sharing: Sharing;
  project: string;
}

/** What is wrong, by its place, written as the appliance writes places: arms[1].key. */
export type Faults = Readonly<Record<string, string>>;

export const FEWEST_ARMS = 2;
export const MOST_ARMS = 10;

export const KEY_HELP = "Use a-z, 0-9, - and _, beginning with a letter or a digit; 64 at most.";

export function emptyDraft(project: string): Draft {
  return {
    name: "",
    key: "",
    arms: [newArm([], "Control"), newArm([0])],
    event: "",
    traffic: "100",
    sharing: "balanced",
    project,
  };
}

export function newArm(ids: readonly number[], name = ""): DraftArm {
  return { id: Math.max(-1, ...ids) + 1, name, key: "", payload: "" };
}

/** The experiment's key: the one that was typed, else the one that follows from the name. */
export function draftKey(draft: Draft): string {
  return draft.key || keyOf(draft.name);
}

/** Every arm's key, in order; of two that would follow from one name the later gets a number. */
export function armKeys(arms: readonly DraftArm[]): string[] {
  const typed = arms.map((arm) => arm.key).filter((key) => key !== "");
  const keys: string[] = [];
  for (const arm of arms) {
    const wanted = keyOf(arm.name);
    keys.push(arm.key || (wanted && freeKey(wanted, [...typed, ...keys])));
  }
  return keys;
}

/** What can be seen to be wrong before the appliance is asked. */
export function faultsOf(draft: Draft): Faults {
  const faults: Record<string, string> = {};
  const key = draftKey(draft);
  if (draft.name.trim() === "") faults.name = "Say in a few words what you try.";
  else if (key === "") faults.key = `No key follows from this name: write one. ${KEY_HELP}`;
  if (key !== "" && !isKey(key)) faults.key = KEY_HELP;
  const keys = armKeys(draft.arms);
  draft.arms.forEach((arm, index) => {
    const own = keys[index] ?? "";
    if (arm.name.trim() === "") faults[`arms[${index}].name`] = "Say what visitors get.";
    else if (own === "")
      faults[`arms[${index}].key`] = `No key follows from this name: write one. ${KEY_HELP}`;
    if (own !== "" && !isKey(own)) faults[`arms[${index}].key`] = KEY_HELP;
    else if (own !== "" && keys.indexOf(own) < index)
      faults[`arms[${index}].key`] = `Another arm has the key ${own} already.`;
    if (payloadOf(arm) === undefined) faults[`arms[${index}].payload`] = "This is not JSON.";
  });
  if (draft.event.trim() === "") faults.event = "Name the event that counts as success, like signup.";
  else if (keyOf(draft.event) === "") faults.event = "Use at least one letter of a-z or one digit.";
  const share = Number(draft.traffic);
  if (draft.traffic.trim() === "" || !(share > 0 && share <= 100))
    faults.traffic = "Give a number above 0, up to 100.";
  return faults;
}

/** The request that makes the experiment; asked for where faultsOf finds nothing. */
export function requestOf(draft: Draft, start: boolean): Schemas["NewExperiment"] {
  const keys = armKeys(draft.arms);
  const event = draft.event.trim();
  return {
    key: draftKey(draft),
    name: draft.name.trim(),
    arms: draft.arms.map((arm, index) => ({
      key: keys[index] ?? "",
      name: arm.name.trim(),
      is_control: index === 0,
      payload: payloadOf(arm),
    })),
    goals: [{ key: keyOf(event), event }],
    ...(draft.sharing === "fixed"
      ? { allocation: "fixed" as const }
      : { allocation: "adaptive" as const, mode: draft.sharing }),
    traffic: Number(draft.traffic) / 100,
    project: draft.project,
    start,
  };
}

/** Where on the form the appliance's places are: it knows goals, the form one event; a mode is a way to share out. */
export function onForm(place: string): string {
  if (place === "allocation" || place === "mode") return "sharing";
  return place.startsWith("goal") ? "event" : place;
}

/** The JSON that was typed; none for an empty text, undefined where it is no JSON. */
export function payloadOf({ payload }: Pick<DraftArm, "payload">): unknown {
  if (payload.trim() === "") return null;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
