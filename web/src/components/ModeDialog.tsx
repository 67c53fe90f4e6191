import { useState } from "react";
import type { ExperimentDetails } from "../api/experiment";
import { useStep } from "../api/lifecycle";
import { MODES, type Mode, modeName } from "../lib/modes";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Fault } from "./Notice";
import { SharingChoice } from "./SharingChoice";

interface ModeDialogProps {
  experiment: ExperimentDetails;
  mode: Mode;
  onClose: () => void;
}

/** Changes what the visitors of an adaptive experiment are spent on. */
export function ModeDialog({ experiment, mode, onClose }: ModeDialogProps) {
  const [chosen, setChosen] = useState(mode);
  const step = useStep(experiment);
  return (
    <Dialog title="Who gets what" onClose={onClose}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          step.mutate({ to: "mode", mode: chosen }, { onSuccess: onClose });
        }}
        className="flex flex-col gap-4"
      >
        <SharingChoice value={chosen} among={MODES} hidden onChange={setChosen} />
        <p className="max-w-[70ch]">
          Whoever is in stays where they are; the shares of newcomers follow at the next look at the results.
        </p>
        {step.isError && <Fault fault={step.error} what={`It stays at ${modeName(mode)}.`} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={step.isPending} disabled={chosen === mode}>
            {chosen === mode ? `Stay with ${modeName(mode)}` : `Change to ${modeName(chosen)}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
