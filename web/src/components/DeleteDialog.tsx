import { useLocation } from "wouter";
import { type ExperimentDetails, useDeleteExperiment } from "../api/experiment";
import { counted } from "../lib/numbers";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Fault } from "./Notice";

export function DeleteDialog({
  experiment,
  onClose,
}: {
  experiment: ExperimentDetails;
  onClose: () => void;
}) {
  const [, navigate] = useLocation();
  const remove = useDeleteExperiment(experiment);
  const { exposed } = experiment.stats.summary;
  return (
    <Dialog title={`Delete “${experiment.name}”?`} onClose={onClose}>
      <div className="flex max-w-[70ch] flex-col gap-2">
        <p>
          Gone for good are its results, its history, and which arm{" "}
          {exposed === 1 ? "its visitor" : `each of its ${counted(exposed, "visitor")}`} had.{" "}
          <strong className="font-semibold">This cannot be undone.</strong>
        </p>
        <p>
          {experiment.status === "running" || experiment.winner !== null
            ? "From now on your site shows everybody the control. "
            : ""}
          The events your site sent stay: they belong to the project.
        </p>
        {remove.isError && <Fault fault={remove.error} what="The experiment was not deleted." />}
      </div>
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button
          kind="harm"
          busy={remove.isPending}
          onClick={() => remove.mutate(undefined, { onSuccess: () => navigate("/experiments") })}
        >
          Delete it
        </Button>
      </div>
    </Dialog>
  );
}
