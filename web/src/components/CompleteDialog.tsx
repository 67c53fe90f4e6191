import { useState } from "react";
import type { ExperimentDetails } from "../api/experiment";
import { useStep } from "../api/lifecycle";
import type { Results } from "../api/results";
import { type ArmLook, sameWord } from "../lib/arms";
import { count, counted } from "../lib/numbers";
import { ArmName } from "./ArmName";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Fault } from "./Notice";

interface CompleteDialogProps {
  experiment: ExperimentDetails;
  results: Results;
  looks: ReadonlyMap<string, ArmLook>;
  onClose: () => void;
}

/** Ends an experiment, with the arm that everyone gets from now on, or with none. */
export function CompleteDialog({ experiment, results, looks, onClose }: CompleteDialogProps) {
  const { decision } = results;
  const recommended = decision.status === "ship" ? decision.arm : null;
  const [winner, setWinner] = useState(recommended);
  const step = useStep(experiment);
  const complete = () => step.mutate({ to: "complete", winner }, { onSuccess: onClose });
  return (
    <Dialog title={`Complete “${experiment.name}”`} onClose={onClose}>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          complete();
        }}
        className="flex flex-col gap-4"
      >
        <fieldset className="flex flex-col">
          <legend className="mb-1 font-semibold">Which arm wins?</legend>
          <div className="flex max-h-[40vh] flex-col overflow-y-auto">
            {results.arms.map((arm) => (
              <Choice key={arm.key} chosen={winner === arm.key} onChoose={() => setWinner(arm.key)}>
                <ArmName arm={arm} look={looks.get(arm.key)} />{" "}
                <span className="text-sm text-soft tabular-nums">
                  {count(arm.conversions)} of {counted(arm.exposed, "visitor")}
                  {recommended === arm.key && ", recommended"}
                </span>
              </Choice>
            ))}
            <Choice chosen={winner === null} onChoose={() => setWinner(null)}>
              <span className="font-semibold">No winner</span>
            </Choice>
          </div>
        </fieldset>
        <div className="max-w-[70ch]">
          <p>{forVisitors(experiment, winner)}</p>
          <p className="mt-2">
            <strong className="font-semibold">This cannot be undone.</strong> Nothing more is counted, and a
            completed experiment cannot be started again; its results stay here.
          </p>
        </div>
        {step.isError && <Fault fault={step.error} what="The experiment was not completed." />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={step.isPending}>
            {winner === null ? "Complete without a winner" : "Complete with this winner"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function forVisitors({ source, arms }: ExperimentDetails, winner: string | null): string {
  if (source === "imported")
    return "It was recorded elsewhere: nothing changes for any visitor of your site.";
  const name = (key: string | undefined) => arms.find((arm) => arm.key === key)?.name ?? key;
  if (winner !== null) {
    return `From now on every visitor gets ${name(winner)}, also those who saw something else until today.`;
  }
  const control = arms.find((arm) => arm.is_control);
  const called = control === undefined || sameWord(control.name, "control") ? "" : ` (${control.name})`;
  return `From now on every visitor gets the control${called}, also those who saw something else until today.`;
}

interface ChoiceProps {
  chosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
}

function Choice({ chosen, onChoose, children }: ChoiceProps) {
  return (
    <label className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-0 rounded-card px-2 py-1.5 hover:bg-sunken">
      <input
        type="radio"
        name="winner"
        checked={chosen}
        onChange={onChoose}
        className="size-[18px] accent-accent"
      />
      {children}
    </label>
  );
}
