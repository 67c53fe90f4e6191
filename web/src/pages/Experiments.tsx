import { Link } from "wouter";
import { useRemoveExamples } from "../api/examples";
import { useExperiments } from "../api/experiments";
import { useProjects } from "../api/projects";
import { Button, buttonLook } from "../components/Button";
import { Emptiness } from "../components/Emptiness";
import { ExperimentCard } from "../components/ExperimentCard";
import { Fault } from "../components/Notice";
import { Page } from "../components/Page";
import { Waiting } from "../components/Waiting";
import { type Group, groupsOf } from "../lib/listing";

/** Every experiment: what runs, what it says, who gets what. */
export function ExperimentsPage() {
  const experiments = useExperiments();
  const projects = useProjects();
  const fault = experiments.error ?? projects.error;
  const known = experiments.data !== undefined && projects.data !== undefined;
  const groups = known ? groupsOf(projects.data, experiments.data) : [];
  const own = groups.filter((group) => !group.project.example);
  return (
    <Page
      title="Experiments"
      aside={
        own.length > 0 && (
          <Link href="/experiments/new" className={buttonLook("primary")}>
            New experiment
          </Link>
        )
      }
    >
      {fault !== null && <Fault fault={fault} what="This list is not up to date." />}
      {!known && fault === null && <Waiting what="Looking at your experiments …" />}
      {known && own.length === 0 && (
        <Emptiness sentence="Show some visitors another headline, and see which one brings more of them where you want them.">
          <Link href="/experiments/new" className={buttonLook("primary")}>
            Make an experiment
          </Link>
        </Emptiness>
      )}
      {groups.map((group) => (
        <Listing
          key={group.project.key}
          group={group}
          named={own.length > 1}
          now={experiments.dataUpdatedAt}
        />
      ))}
    </Page>
  );
}

function Listing({ group, named, now }: { group: Group; named: boolean; now: number }) {
  const { project, experiments } = group;
  const title = project.example ? "Examples" : project.name;
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <header
        className={
          project.example
            ? "mt-6 flex flex-wrap items-center justify-between gap-x-4 gap-y-2"
            : named
              ? "mt-2"
              : "sr-only"
        }
      >
        <div>
          <h2>{title}</h2>
          {project.example && (
            <p className="max-w-[60ch] text-sm text-soft">
              To look around in: six of a news site as they were recorded, and a small one that runs.
            </p>
          )}
        </div>
        {project.example && <RemoveExamples />}
      </header>
      <ul className="flex flex-col gap-4">
        {experiments.map((experiment) => (
          <ExperimentCard key={experiment.key} experiment={experiment} now={now} />
        ))}
      </ul>
    </section>
  );
}

function RemoveExamples() {
  const remove = useRemoveExamples();
  return (
    <div className="flex flex-col gap-2">
      <Button busy={remove.isPending} onClick={() => remove.mutate()}>
        Remove the examples
      </Button>
      {remove.isError && <Fault fault={remove.error} what="They are still there." />}
    </div>
  );
}
