import type { ExperimentDetails } from "../api/experiment";
import { modeName, sharingOf, sharingText } from "../lib/modes";
import { percent } from "../lib/numbers";
import { date } from "../lib/time";
import { Button } from "./Button";
import { More } from "./More";

interface DetailsProps {
  experiment: ExperimentDetails;
  onMode: () => void;
  onDelete: () => void;
}

/** What an experiment is made of, and the way to be rid of it. */
export function Details({ experiment, onMode, onDelete }: DetailsProps) {
  const { key, description, elements, goals, traffic, targeting, created_at } = experiment;
  const { mode, status, source } = experiment;
  return (
    <div className="rounded-card border border-line bg-card px-4 py-2 sm:px-6">
      <More title="More about this experiment">
        {description !== "" && <p className="max-w-[70ch] wrap-anywhere">{description}</p>}
        <dl className="grid max-w-[70ch] gap-x-6 gap-y-1 sm:grid-cols-[10rem_1fr] [&>dd]:mb-2 [&>dd]:wrap-anywhere sm:[&>dd]:mb-0 [&>dt]:text-soft">
          <dt>Key</dt>
          <dd>{key}</dd>
          <dt>Made</dt>
          <dd>{date(created_at)}</dd>
          <dt>Shares</dt>
          <dd className="flex flex-wrap items-center gap-x-4">
            {mode === null ? "fixed: " : `adaptive, ${modeName(mode)}: `}
            {sharingText(sharingOf(experiment)).short}
            {mode !== null && status !== "completed" && source === "live" && (
              <Button onClick={onMode}>Change…</Button>
            )}
          </dd>
          <dt>Traffic</dt>
          <dd>{percent(traffic)} of visitors take part</dd>
          <dt>{goals.length === 1 ? "Goal" : "Goals"}</dt>
          <dd>{goals.map((goal) => `${goal.key} (${goal.role}, event ‘${goal.event}’)`).join("; ")}</dd>
          {elements.map((element) => (
            <div key={element.key} className="contents [&>dd]:mb-2 sm:[&>dd]:mb-0 [&>dt]:text-soft">
              <dt>{element.name}</dt>
              <dd>{element.variants.map((variant) => variant.name).join(", ")}</dd>
            </div>
          ))}
          {targeting.length > 0 && (
            <>
              <dt>Only visitors with</dt>
              <dd>
                {targeting
                  .map((rule) => `${rule.attribute} ${rule.operator} ${JSON.stringify(rule.value)}`)
                  .join("; ")}
              </dd>
            </>
          )}
        </dl>
        <p>
          <Button kind="harm" onClick={onDelete}>
            Delete…
          </Button>
        </p>
      </More>
    </div>
  );
}
