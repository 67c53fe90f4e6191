/** An arm that is added to an experiment that goes on, while its owner writes it down. */

import type { Schemas } from "../api/client";
import { type Faults, KEY_HELP, payloadOf } from "./draft";
import { freeKey, isKey, keyOf } from "./key";

export type { Faults };

export interface DraftAddition {
  name: string;
  /** Empty: the one that follows from the name. */
  key: string;
  /** JSON as it was typed. */
  payload: string;
  reason: string;
}

/** What the appliance gets; `taken` are the keys of the arms that are there. */
export function addedArm(draft: DraftAddition, taken: readonly string[]): Schemas["AddedArm"] {
  const wanted = keyOf(draft.name);
  return {
    key: draft.key || (wanted && freeKey(wanted, taken)),
    name: draft.name.trim(),
    payload: payloadOf(draft),
    reason: draft.reason.trim(),
  };
}

/** What can be seen to be wrong before the appliance is asked. */
export function faultsOfAddition(draft: DraftAddition, taken: readonly string[]): Faults {
  const { key } = addedArm(draft, taken);
  const faults: Record<string, string> = {};
  if (draft.name.trim() === "") faults.name = "Say what visitors get.";
  else if (key === "") faults.key = `No key follows from this name: write one. ${KEY_HELP}`;
  else if (!isKey(key)) faults.key = KEY_HELP;
  else if (taken.includes(key)) faults.key = `Another arm has the key ${key} already.`;
  if (payloadOf(draft) === undefined) faults.payload = "This is not JSON.";
  return faults;
}
