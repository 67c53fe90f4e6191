import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { Refused } from "../api/client";
import { useExperiments, useMakeExperiment } from "../api/experiments";
import { type Project, useProjects } from "../api/projects";
import { ArmFields } from "../components/ArmFields";
import { Button } from "../components/Button";
import { FaultList } from "../components/FaultList";
import { Field } from "../components/Field";
import { More } from "../components/More";
import { NoProject } from "../components/NoProject";
import { Fault } from "../components/Notice";
import { Page } from "../components/Page";
import { Select } from "../components/Select";
import { SharingChoice } from "../components/SharingChoice";
import { Waiting } from "../components/Waiting";
import { type Draft, draftKey, emptyDraft, type Faults, faultsOf, onForm, requestOf } from "../lib/draft";

/** Writes a new experiment down. */
export function NewExperimentPage() {
  const projects = useProjects();
  const own = projects.data?.filter((project) => !project.example);
  const first = own?.[0];
  return (
    <Page title="New experiment">
      {projects.isPending && <Waiting what="Looking at your projects …" />}
      {projects.isError && <Fault fault={projects.error} what="Your projects cannot be listed." />}
      {own !== undefined && first === undefined && <NoProject />}
      {own !== undefined && first !== undefined && <Form projects={own} first={first.key} />}
    </Page>
  );
}

function Form({ projects, first }: { projects: readonly Project[]; first: string }) {
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(() => emptyDraft(first));
  const [faults, setFaults] = useState<Faults>({});
  const [attempt, setAttempt] = useState(0);
  const make = useMakeExperiment();
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }));

  const refuse = (found: Faults) => {
    setFaults(found);
    setAttempt((number) => number + 1);
  };
  const submit = (start: boolean) => {
    make.reset();
    const found = faultsOf(draft);
    if (Object.keys(found).length > 0) return refuse(found);
    setFaults({});
    make.mutate(requestOf(draft, start), {
      onSuccess: ({ project, key }) => navigate(`/experiments/${project}/${key}`),
      onError: (fault) => refuse(faultsFrom(fault)),
    });
  };

  return (
    <form
      ref={form}
      noValidate
      className="flex max-w-2xl flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        submit(true);
      }}
    >
      <FaultList faults={faults} attempt={attempt} form={form} />
      {make.isError && Object.keys(faults).length === 0 && (
        <Fault fault={make.error} what="The experiment was not made." />
      )}
      {projects.length > 1 && (
        <Select
          label="Project"
          name="project"
          options={projects.map(({ key, name }) => ({ value: key, name }))}
          value={draft.project}
          onChange={(project) => change({ project })}
        />
      )}
      <div className="flex flex-col gap-1">
        <Field
          label="What do you try?"
          name="name"
          help="In a few words, for yourself."
          placeholder="Headline of the start page"
          maxLength={200}
          value={draft.name}
          fault={faults.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <More title="Key" open={faults.key !== undefined}>
          <Field
            label="Key of the experiment"
            name="key"
            help="What your site's code calls it. Left empty, it follows from the name. It stays for good."
            placeholder={draftKey(draft)}
            maxLength={64}
            autoCapitalize="none"
            spellCheck={false}
            value={draft.key}
            fault={faults.key}
            onChange={(event) => change({ key: event.target.value })}
          />
        </More>
      </div>
      <ArmFields arms={draft.arms} faults={faults} onChange={(arms) => change({ arms })} />
      <Goal draft={draft} fault={faults.event} onChange={(event) => change({ event })} />
      <SharingChoice value={draft.sharing} onChange={(sharing) => change({ sharing })} />
      <Field
        label="Visitors who take part, of every 100"
        name="traffic"
        type="number"
        inputMode="decimal"
        min={0}
        max={100}
        step="any"
        className="w-28"
        help="The others see your site as it is now, and are not counted."
        value={draft.traffic}
        fault={faults.traffic}
        onChange={(event) => change({ traffic: event.target.value })}
      />
      <div className="flex flex-wrap gap-3">
        <Button type="submit" kind="primary" busy={make.isPending}>
          Start now
        </Button>
        <Button disabled={make.isPending} onClick={() => submit(false)}>
          Save as draft
        </Button>
      </div>
    </form>
  );
}

interface GoalProps {
  draft: Draft;
  fault: string | undefined;
  onChange: (event: string) => void;
}

/** What counts as success. Names in use are proposed: a second spelling of one event would count apart. */
function Goal({ draft, fault, onChange }: GoalProps) {
  const experiments = useExperiments();
  const inUse = new Set(
    experiments.data
      ?.filter((one) => one.project === draft.project)
      .flatMap((one) => one.goals.map((goal) => goal.event)),
  );
  return (
    <>
      <Field
        label="What counts as success?"
        name="event"
        help="The name of an event that your site sends when it happens. Each visitor counts once, from the moment they were shown an arm."
        placeholder="signup"
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        list="events-in-use"
        value={draft.event}
        fault={fault}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id="events-in-use">
        {[...inUse].map((event) => (
          <option key={event} value={event} />
        ))}
      </datalist>
    </>
  );
}

/** What the appliance found, at the places of this form; without a place it speaks for the whole. */
function faultsFrom(fault: unknown): Faults {
  if (!(fault instanceof Refused)) return {};
  const found = Object.entries(fault.faults).map(([place, what]) => [onForm(place), what] as const);
  if (found.length === 1 && fault.hint !== undefined)
    return Object.fromEntries(found.map(([place, what]) => [place, `${what} ${fault.hint}`]));
  return Object.fromEntries(found);
}
