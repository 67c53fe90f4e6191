import { useState } from "react";
import type { ExperimentDetails } from "../api/experiment";
import { useStep } from "../api/lifecycle";
import type { ArmStep } from "../lib/arms";
import { counted } from "../lib/numbers";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Fault } from "./Notice";
import { ReasonField } from "./ReasonField";

interface ArmDialogProps {
  experiment: ExperimentDetails;
  arm: string;
  step: ArmStep;
  onClose: () => void;
}

/** Stops showing an arm, or brings it back, with a line for the history of why. */
export function ArmDialog({ experiment, arm, step: to, onClose }: ArmDialogProps) {
  const [reason, setReason] = useState("");
  const step = useStep(experiment);
  const found = experiment.stats.arms.find((each) => each.key === arm);
  const name = found?.name ?? arm;
  const visitors = found?.exposed === 1 ? "its visitor" : `its ${counted(found?.exposed ?? 0, "visitor")}`;
  const drops = to === "drop";
  return (
    <Dialog title={drops ? `Stop showing “${name}”?` : `Bring “${name}” back?`} onClose={onClose}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          step.mutate({ to, arm, reason: reason.trim() }, { onSuccess: onClose });
        }}
        className="flex flex-col gap-4"
      >
        <p className="max-w-[70ch]">
          {drops
            ? `Only ${visitors} move: they see the control from now on. Nobody new gets it, and its share goes to the others. What was counted stays, and you can bring it back.`
            : `Only ${visitors} move: they see it again. Of newcomers it gets an even share at first.`}
        </p>
        <ReasonField value={reason} onChange={setReason} />
        {step.isError && (
          <Fault fault={step.error} what={drops ? "It is still shown." : "It was not brought back."} />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={drops ? "harm" : "primary"} busy={step.isPending}>
            {drops ? "Stop showing it" : "Bring it back"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
