import { useState } from "react";
import { Refused } from "../api/client";
import type { ExperimentDetails } from "../api/experiment";
import { useStep } from "../api/lifecycle";
import { addedArm, type DraftAddition, type Faults, faultsOfAddition } from "../lib/addition";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { More } from "./More";
import { Fault } from "./Notice";
import { ReasonField } from "./ReasonField";
import { TextField } from "./TextField";

interface AddArmDialogProps {
  experiment: ExperimentDetails;
  onClose: () => void;
}

/** Takes one more arm into an experiment that goes on. */
export function AddArmDialog({ experiment, onClose }: AddArmDialogProps) {
  const [draft, setDraft] = useState<DraftAddition>({ name: "", key: "", payload: "", reason: "" });
  const [found, setFound] = useState<Faults>({});
  const step = useStep(experiment);
  const change = (part: Partial<DraftAddition>) => setDraft((last) => ({ ...last, ...part }));
  const taken = experiment.arms.map((arm) => arm.key);
  const arm = addedArm(draft, taken);
  // What the appliance says of a field stands at the field, the rest below them all.
  const refused = step.error instanceof Refused ? step.error.faults : {};
  const faults = { ...refused, ...found };
  const elsewhere = step.isError && !["name", "key", "payload"].some((place) => place in refused);
  const submit = () => {
    step.reset();
    const wrong = faultsOfAddition(draft, taken);
    setFound(wrong);
    if (Object.keys(wrong).length === 0) step.mutate({ to: "add", arm }, { onSuccess: onClose });
  };
  return (
    <Dialog title="Add another variant" onClose={onClose}>
      <form
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          submit();
        }}
        className="flex flex-col gap-4"
      >
        <p className="max-w-[70ch]">
          Of newcomers it gets an even share at first. Whoever is in stays where they are. Teach your site to
          show it before you add it.
        </p>
        <div className="flex flex-col gap-1">
          <Field
            label="What do visitors get?"
            name="name"
            maxLength={200}
            value={draft.name}
            fault={faults.name}
            onChange={(event) => change({ name: event.target.value })}
          />
          <More title="Key and payload" open={"key" in faults || "payload" in faults}>
            <Field
              label="Key"
              name="key"
              help="What your site's code calls it. Left empty, it follows from the name."
              placeholder={arm.key}
              maxLength={64}
              autoCapitalize="none"
              spellCheck={false}
              value={draft.key}
              fault={faults.key}
              onChange={(event) => change({ key: event.target.value })}
            />
            <TextField
              label="Payload"
              name="payload"
              help="Any JSON that your site gets with the arm. May stay empty."
              value={draft.payload}
              fault={faults.payload}
              onChange={(event) => change({ payload: event.target.value })}
            />
          </More>
        </div>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        {elsewhere && <Fault fault={step.error} what="It was not added." />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={step.isPending}>
            Add it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
