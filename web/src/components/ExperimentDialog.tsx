import type { ExperimentDetails } from "../api/experiment";
import type { ArmLook, ArmStep } from "../lib/arms";
import { AddArmDialog } from "./AddArmDialog";
import { ArmDialog } from "./ArmDialog";
import { CompleteDialog } from "./CompleteDialog";
import { DeleteDialog } from "./DeleteDialog";
import { ModeDialog } from "./ModeDialog";

/** A question that the page of an experiment asks before it does something. */
export type Question = { what: "complete" | "delete" | "mode" | "add" } | { what: ArmStep; arm: string };

interface ExperimentDialogProps {
  question: Question;
  experiment: ExperimentDetails;
  looks: ReadonlyMap<string, ArmLook>;
  onClose: () => void;
}

export function ExperimentDialog({ question, experiment, looks, onClose }: ExperimentDialogProps) {
  switch (question.what) {
    case "complete":
      return (
        <CompleteDialog experiment={experiment} results={experiment.stats} looks={looks} onClose={onClose} />
      );
    case "delete":
      return <DeleteDialog experiment={experiment} onClose={onClose} />;
    case "mode":
      return (
        experiment.mode !== null && (
          <ModeDialog experiment={experiment} mode={experiment.mode} onClose={onClose} />
        )
      );
    case "add":
      return <AddArmDialog experiment={experiment} onClose={onClose} />;
    default:
      return <ArmDialog experiment={experiment} arm={question.arm} step={question.what} onClose={onClose} />;
  }
}
