import { useState } from "react";
import { Link } from "wouter";
import { BASE } from "../api/client";
import { useExperiments, useMakeExperiment } from "../api/experiments";
import { allHeard, type Project, useActivity, useProjects } from "../api/projects";
import { Button, buttonLook } from "../components/Button";
import { Card } from "../components/Card";
import { Checks } from "../components/Checks";
import { Copy } from "../components/Copy";
import { Examples } from "../components/Examples";
import { More } from "../components/More";
import { NoProject } from "../components/NoProject";
import { Fault, Notice } from "../components/Notice";
import { Page } from "../components/Page";
import { Paste } from "../components/Paste";
import { Select } from "../components/Select";
import { Waiting } from "../components/Waiting";
import { HERO } from "../lib/snippet";
import { pasteable, trialOf } from "../lib/trials";

interface StartPageProps {
  /** The project and the experiment that the address names; none: the first that there is. */
  askedProject: string | undefined;
  askedExperiment: string | undefined;
}

/** What to paste into a site, and whether it works. */
export function StartPage({ askedProject, askedExperiment }: StartPageProps) {
  const projects = useProjects();
  const [chosen, setChosen] = useState(askedProject);
  const own = projects.data?.filter((project) => !project.example) ?? [];
  const project = own.find(({ key }) => key === chosen) ?? own[0];
  return (
    <Page
      title="Set up your site"
      aside={
        own.length > 1 && (
          <Select
            label="Project"
            className="min-w-48"
            options={own.map(({ key, name }) => ({ value: key, name }))}
            value={project?.key}
            onChange={setChosen}
          />
        )
      }
    >
      {projects.isPending && <Waiting what="Looking at your projects …" />}
      {projects.isError && <Fault fault={projects.error} what="Your projects cannot be listed." />}
      {project !== undefined && <Site key={project.key} project={project} asked={askedExperiment} />}
      {projects.isSuccess && project === undefined && <NoProject />}
      {projects.isSuccess && (
        <Card title="Look around first?">
          <Examples />
        </Card>
      )}
    </Page>
  );
}

function Site({ project, asked }: { project: Project; asked: string | undefined }) {
  const [chosen, setChosen] = useState(asked);
  const experiments = useExperiments();
  if (experiments.data === undefined)
    return experiments.isError ? (
      <Fault fault={experiments.error} what="Your experiments cannot be listed." />
    ) : (
      <Waiting what="Looking at your experiments …" />
    );
  const listed = pasteable(experiments.data, project.key);
  const experiment = listed.find(({ key }) => key === chosen) ?? listed[0];
  return (
    <>
      <Card title="1. Paste this">
        <div className="flex flex-col gap-4">
          {experiment === undefined ? (
            <FirstExperiment project={project.key} />
          ) : (
            listed.length > 1 && (
              <Select
                label="Experiment"
                options={listed.map(({ key, name, status }) => ({
                  value: key,
                  name: status === "running" ? name : `${name} (${status})`,
                }))}
                className="w-full sm:w-md"
                value={experiment.key}
                onChange={setChosen}
              />
            )
          )}
          {experiment?.status === "draft" && (
            <Notice tone="wait">
              “{experiment.name}” is a draft: nobody is assigned before you{" "}
              <Link href={`/experiments/${project.key}/${experiment.key}`}>start it</Link>.
            </Notice>
          )}
          {experiment?.status === "paused" && (
            <Notice tone="wait">“{experiment.name}” is paused: nobody new is let in.</Notice>
          )}
          <Paste
            place={{ base: BASE, token: project.token }}
            trial={experiment === undefined ? HERO : trialOf(experiment)}
          />
          <More title="The token alone">
            <p className="max-w-[70ch] text-soft">
              It is public: with it a site assigns visitors and sends events, and nothing else.
            </p>
            <Copy prose label="Project token" text={project.token} />
          </More>
        </div>
      </Card>
      <Card title="2. Open your site once">
        <Arrivals
          project={project.key}
          results={
            experiment === undefined ? "/experiments" : `/experiments/${project.key}/${experiment.key}`
          }
        />
      </Card>
    </>
  );
}

/** The lines below need an experiment to be about. */
function FirstExperiment({ project }: { project: string }) {
  const make = useMakeExperiment();
  const begin = () =>
    make.mutate({
      key: HERO.key,
      name: "Hero headline",
      arms: HERO.arms.map((key) => ({ key, name: key[0]?.toUpperCase() + key.slice(1) })),
      goals: [{ key: HERO.event, event: HERO.event }],
      project,
      start: true,
    });
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[70ch]">
        The lines below are about an experiment “{HERO.key}” with the arms {HERO.arms.join(" and ")}, and
        count {HERO.event}. There is none yet: make it with one click, or{" "}
        <Link href="/experiments/new">write your own</Link>.
      </p>
      {make.isError && <Fault fault={make.error} what="The experiment was not made." />}
      <div>
        <Button kind="primary" busy={make.isPending} onClick={begin}>
          Make this experiment
        </Button>
      </div>
    </div>
  );
}

function Arrivals({ project, results }: { project: string; results: string }) {
  const activity = useActivity(project);
  if (activity.data === undefined)
    return activity.isError ? (
      <Fault fault={activity.error} what="It cannot be seen what has arrived." />
    ) : (
      <Waiting what="Looking what has arrived …" />
    );
  return (
    <div className="flex flex-col gap-4">
      <Checks activity={activity.data} />
      {allHeard(activity.data) && (
        <div className="flex flex-wrap items-center gap-4">
          <p className="font-semibold">It works.</p>
          <Link href={results} className={buttonLook("primary")}>
            See what it says
          </Link>
        </div>
      )}
    </div>
  );
}
