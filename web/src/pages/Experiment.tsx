import { type ReactNode, useMemo, useState } from "react";
import { Link } from "wouter";
import { useAllocations } from "../api/allocations";
import { useDecisions } from "../api/decisions";
import { useDensities } from "../api/densities";
import { type Asked, type ExperimentDetails, isGone, useExperiment } from "../api/experiment";
import { useStep } from "../api/lifecycle";
import { useResults } from "../api/results";
import { Actions } from "../components/Actions";
import { Arms } from "../components/Arms";
import { buttonLook } from "../components/Button";
import { DensitiesFigure } from "../components/DensitiesFigure";
import { Details } from "../components/Details";
import { EarlySigns } from "../components/EarlySigns";
import { Elements } from "../components/Elements";
import { ExperimentDialog, type Question } from "../components/ExperimentDialog";
import { FirstVisitor } from "../components/FirstVisitor";
import { GoalChoice } from "../components/GoalChoice";
import { Goals } from "../components/Goals";
import { Health } from "../components/Health";
import { History } from "../components/History";
import { HowLong } from "../components/HowLong";
import { Moment } from "../components/Moment";
import { Fault } from "../components/Notice";
import { Page } from "../components/Page";
import { Pill, StatusPill } from "../components/Pill";
import { Recommendation } from "../components/Recommendation";
import { Statistics } from "../components/Statistics";
import { ValueCard } from "../components/ValueCard";
import { Waiting } from "../components/Waiting";
import { WhoSawWhat } from "../components/WhoSawWhat";
import { armLooks } from "../lib/arms";
import { history } from "../lib/history";
import { steps } from "../lib/series";

/** One experiment: what to do, why, and everything that is known. */
export function ExperimentPage({ project, experimentKey }: { project: string; experimentKey: string }) {
  const asked = { project, key: experimentKey };
  const found = useExperiment(asked);
  if (found.data !== undefined && !isGone(found.error)) {
    return <Shown asked={asked} experiment={found.data} fault={found.error} />;
  }
  if (found.error === null) {
    return (
      <Page title={asked.key}>
        <Waiting what="Looking at the counts…" />
      </Page>
    );
  }
  return (
    <Page title={isGone(found.error) ? "There is no such experiment" : asked.key}>
      {isGone(found.error) ? (
        <p>
          Nothing is called ‘{asked.key}’ in the project ‘{asked.project}’. It was deleted, or the address is
          mistyped.
        </p>
      ) : (
        <Fault fault={found.error} what="The experiment cannot be shown." />
      )}
      <p>
        <Link href="/experiments" className={buttonLook()}>
          All experiments
        </Link>
      </p>
    </Page>
  );
}

interface ShownProps {
  asked: Asked;
  experiment: ExperimentDetails;
  /** The last look failed: what is shown is what was known before. */
  fault: Error | null;
}

function Shown({ asked, experiment, fault }: ShownProps) {
  const [goal, setGoal] = useState<string>();
  const [question, setQuestion] = useState<Question>();
  const step = useStep(asked);
  const found = useResults(asked, experiment, goal);
  const results = found.results ?? experiment.stats;
  const curves = useDensities(asked, results);
  const allocations = useAllocations(asked, experiment);
  const decisions = useDecisions(asked, experiment);
  const looks = useMemo(() => armLooks(experiment.arms), [experiment.arms]);
  // The last refresh may know more than this look: it also counts warnings of the look before.
  const primary = results.goal === experiment.stats.goal;
  const decision =
    primary && experiment.decision?.status === "broken" ? experiment.decision : results.decision;
  const judged = useMemo(() => ({ ...results, decision }), [results, decision]);
  const now = results.read_at;
  const series = steps(allocations.data ?? [], {
    arms: experiment.arms.map((arm) => arm.key),
    until: experiment.ended_at ?? now,
    imported: experiment.source === "imported",
  });
  const seen = experiment.stats.summary.exposed > 0;
  const undecided = decision.status === "collecting" || decision.status === "keep testing";
  const { early, values } = results;
  const signs = early !== null && <EarlySigns early={early} arms={results.arms} looks={looks} />;
  return (
    <Page
      title={experiment.name}
      quiet
      aside={
        <Actions
          experiment={experiment}
          busy={step.isPending ? step.variables.to : undefined}
          onStep={step.mutate}
          onComplete={() => setQuestion({ what: "complete" })}
        />
      }
    >
      <Since experiment={experiment} paused={series.at(-1)?.from} now={now} />
      {step.isError && <Fault fault={step.error} what="That did not work." />}
      {fault !== null && <Fault fault={fault} what="These numbers are not fresh." />}
      {seen && <GoalChoice goals={experiment.goals} chosen={goal ?? results.goal} onChoose={setGoal} />}
      {found.fault !== null && (
        <Fault fault={found.fault} what="The results for this goal cannot be shown." />
      )}
      {seen ? (
        <Recommendation
          experiment={experiment}
          results={judged}
          decision={decision}
          onComplete={() => setQuestion({ what: "complete" })}
          onDrop={(arm) => setQuestion({ what: "drop", arm })}
        />
      ) : (
        <FirstVisitor experiment={experiment} />
      )}
      {early?.leads && signs}
      <Arms
        experiment={experiment}
        results={judged}
        looks={looks}
        onStep={(what, arm) => setQuestion({ what, arm })}
        onAdd={() => setQuestion({ what: "add" })}
      />
      {seen && <Elements experiment={experiment} results={judged} />}
      {undecided && <HowLong forecast={results.forecast} />}
      {seen && <DensitiesFigure results={judged} curves={curves.data} looks={looks} />}
      {curves.error !== null && <Fault fault={curves.error} what="The hills cannot be drawn." />}
      {seen && series.length > 0 && (
        <WhoSawWhat
          experiment={experiment}
          results={experiment.stats}
          allocations={allocations.data ?? []}
          steps={series}
          looks={looks}
        />
      )}
      {values !== null && <ValueCard values={values} results={judged} looks={looks} />}
      {seen && <Goals results={judged} looks={looks} />}
      {early !== null && !early.leads && signs}
      {seen && <Health experiment={experiment} results={judged} />}
      {seen && <Statistics results={results} />}
      {experiment.started_at !== null && (
        <History entries={history(experiment, allocations.data ?? [], decisions.data ?? [])} now={now} />
      )}
      <Details
        experiment={experiment}
        onMode={() => setQuestion({ what: "mode" })}
        onDelete={() => setQuestion({ what: "delete" })}
      />
      {question !== undefined && (
        <ExperimentDialog
          question={question}
          experiment={experiment}
          looks={looks}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </Page>
  );
}

interface SinceProps {
  experiment: ExperimentDetails;
  /** When the running pause began. */
  paused: number | undefined;
  now: number;
}

/** Its status and since when, its type, and where it belongs. */
function Since({ experiment, paused, now }: SinceProps) {
  const { status, created_at, started_at, ended_at, type, example, project } = experiment;
  const since: Record<typeof status, ReactNode> = {
    draft: (
      <>
        made <Moment at={created_at} now={now} />
      </>
    ),
    running: (
      <>
        started <Moment at={started_at ?? created_at} now={now} />
      </>
    ),
    paused: (
      <>
        paused <Moment at={paused ?? now} now={now} />
      </>
    ),
    completed: (
      <>
        ended <Moment at={ended_at ?? now} now={now} />
      </>
    ),
  };
  return (
    <p className="-mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">
      <StatusPill status={status} />
      {example && <Pill>Example data</Pill>}
      <span>{since[status]}</span>
      <span>{type === "ab_test" ? "A/B test" : "Several elements at once"}</span>
      <span>in {project}</span>
    </p>
  );
}
