import { Flag, Pause, Play } from "lucide-react";
import type { ExperimentDetails } from "../api/experiment";
import type { Step } from "../api/lifecycle";
import { Button } from "./Button";

interface ActionsProps {
  experiment: ExperimentDetails;
  /** The step that is under way. */
  busy: Step["to"] | undefined;
  onStep: (step: Step) => void;
  onComplete: () => void;
}

/** What may be done with an experiment of its status. */
export function Actions({ experiment, busy, onStep, onComplete }: ActionsProps) {
  const { status, source } = experiment;
  // A history that was recorded elsewhere lets nobody in: it has nothing to start or to pause.
  const live = source === "live";
  const goesOn = status === "running" || status === "paused";
  if (status === "completed" || (!live && !goesOn)) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {live && status !== "running" && (
        <Button kind="primary" busy={busy === "start"} onClick={() => onStep({ to: "start" })}>
          <Play aria-hidden size={18} />
          {status === "draft" ? "Start" : "Go on"}
        </Button>
      )}
      {live && status === "running" && (
        <Button busy={busy === "pause"} onClick={() => onStep({ to: "pause" })}>
          <Pause aria-hidden size={18} />
          Pause
        </Button>
      )}
      {goesOn && (
        <Button onClick={onComplete}>
          <Flag aria-hidden size={18} />
          Complete…
        </Button>
      )}
    </div>
  );
}
