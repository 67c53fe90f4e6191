import { Eye, EyeOff, Plus } from "lucide-react";
import type { ExperimentDetails, Status } from "../api/experiment";
import type { ArmResult, Results } from "../api/results";
import { type ArmLook, type ArmStep, armStep, isGoing } from "../lib/arms";
import { partsOf } from "../lib/parts";
import { type ArmReading, frequencies, isAdjusted, isBroken, leading, readArm } from "../lib/reading";
import { ArmName } from "./ArmName";
import { Button } from "./Button";
import { Card } from "./Card";

const SHARES: Record<Status | "imported", string> = {
  imported: "Share as planned",
  draft: "Newcomers, planned",
  running: "Newcomers now",
  paused: "Newcomers after the pause",
  completed: "Newcomers at the end",
};

interface ArmsProps {
  experiment: ExperimentDetails;
  results: Results;
  looks: ReadonlyMap<string, ArmLook>;
  onStep: (step: ArmStep, arm: string) => void;
  onAdd: () => void;
}

/** The arms, each with its counts, its rate and how sure that is, and what may be done with it. */
export function Arms({ experiment, results, looks, onStep, onAdd }: ArmsProps) {
  const share = SHARES[experiment.source === "imported" ? "imported" : experiment.status];
  const leader = isBroken(results) || results.summary.conversions === 0 ? undefined : leading(results);
  const told = frequencies(results);
  const rows = results.arms.map((arm) => ({
    arm,
    reading: readArm(arm, results),
    name: <ArmName arm={arm} look={looks.get(arm.key)} parts={partsOf(experiment, arm.variants)} />,
    best: arm.key === leader?.key,
    step: armStep(experiment, arm),
  }));
  const parts = { rows, results, share, onStep };
  return (
    <Card title="Arms" aside={<span className="text-sm text-soft">Goal: ‘{results.goal}’</span>}>
      {told !== "" && <p className="mb-4 max-w-[70ch]">{told}</p>}
      <Table {...parts} />
      <Cards {...parts} />
      {results.summary.exposed > 0 && (
        <p className="mt-4 max-w-[70ch] text-sm text-soft">{explanation(results)}</p>
      )}
      {results.rates.note !== null && (
        <p className="mt-2 max-w-[70ch] text-sm text-soft">{results.rates.note}</p>
      )}
      {experiment.type === "ab_test" && isGoing(experiment) && (
        <Button className="mt-4" onClick={onAdd}>
          <Plus aria-hidden size={18} />
          Add another variant…
        </Button>
      )}
    </Card>
  );
}

interface Row {
  arm: ArmResult;
  reading: ArmReading;
  name: React.ReactNode;
  /** Said to be the best as far as is known: its chance is set in bold. */
  best: boolean;
  step: ArmStep | undefined;
}

interface RowsProps {
  rows: Row[];
  results: Results;
  share: string;
  onStep: ArmsProps["onStep"];
}

function Table({ rows, results, share, onStep }: RowsProps) {
  const steps = rows.some(({ step }) => step !== undefined);
  return (
    <table className="hidden w-full text-sm tabular-nums md:table">
      <caption className="sr-only">The arms with their counts for ‘{results.goal}’</caption>
      <thead>
        <tr className="border-line border-b text-soft [&>th]:py-2 [&>th]:pr-0 [&>th]:pl-4 [&>th]:text-right [&>th]:align-bottom [&>th]:font-[450] [&>th:first-child]:pl-0 [&>th:first-child]:text-left">
          <th scope="col">Arm</th>
          <th scope="col">Visitors</th>
          <th scope="col">Reached ‘{results.goal}’</th>
          <th scope="col">{rateHead(results)}</th>
          <th scope="col">Likely range</th>
          <th scope="col">Chance of being best</th>
          <th scope="col">{share}</th>
          {steps && (
            <th scope="col">
              <span className="sr-only">What to do with it</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ arm, reading, name, best, step }) => (
          <tr
            key={arm.key}
            className="border-line border-b last:border-0 [&>td]:py-3 [&>td]:pl-4 [&>td]:whitespace-nowrap [&>td]:text-right [&>td]:align-baseline"
          >
            <th scope="row" className="py-3 text-left align-baseline font-[450]">
              {name}
              {arm.dropped && <Dropped />}
            </th>
            <td>{reading.visitors}</td>
            <td>{reading.conversions}</td>
            <td>
              <Rate reading={reading} />
            </td>
            <td className="text-soft">{reading.range}</td>
            <td className={best ? "font-semibold" : ""}>{reading.chance}</td>
            <td>{reading.share}</td>
            {steps && (
              <td className="w-11 py-0! pl-2!">
                {step !== undefined && <Stepper arm={arm} step={step} onStep={onStep} />}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The same on a narrow page: a piece of a list for every arm. */
function Cards({ rows, results, share, onStep }: RowsProps) {
  return (
    <ul className="flex flex-col tabular-nums md:hidden">
      {rows.map(({ arm, reading, name, best, step }) => (
        <li key={arm.key} className="border-line border-b py-4 first:pt-0 last:border-0 last:pb-0">
          {name}
          {arm.dropped && <Dropped />}
          <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-sm [&>dd]:text-right [&>dt]:text-soft">
            <dt>Reached ‘{results.goal}’</dt>
            <dd>
              {reading.conversions} of {reading.visitors}
            </dd>
            {arm.exposed > 0 && (
              <>
                <dt>{rateHead(results)}</dt>
                <dd>
                  <Rate reading={reading} />
                </dd>
              </>
            )}
            {reading.range !== "" && (
              <>
                <dt>Likely range</dt>
                <dd>{reading.range}</dd>
              </>
            )}
            {results.summary.exposed > 0 && (
              <>
                <dt>Chance of being best</dt>
                <dd className={best ? "font-semibold" : ""}>{reading.chance}</dd>
              </>
            )}
            <dt>{share}</dt>
            <dd>{reading.share}</dd>
          </dl>
          {step !== undefined && <Stepper arm={arm} step={step} onStep={onStep} wide />}
        </li>
      ))}
    </ul>
  );
}

/** The rate to show, with the counted one below it where that is another. */
function Rate({ reading: { rate, raw } }: { reading: ArmReading }) {
  return (
    <>
      <span className="font-semibold">{rate}</span>
      {raw !== undefined && <span className="block text-xs text-soft">raw: {raw}</span>}
    </>
  );
}

function Dropped() {
  return (
    <span className="mt-1 block pl-[22px] text-xs text-wait">dropped: its visitors see the control</span>
  );
}

const STEPS = {
  drop: { what: "Stop showing this", Sign: EyeOff },
  restore: { what: "Bring back", Sign: Eye },
};

interface StepperProps {
  arm: ArmResult;
  step: ArmStep;
  onStep: ArmsProps["onStep"];
  /** It says in words what it does; else its sign does, and its name for those who hear it. */
  wide?: boolean;
}

function Stepper({ arm, step, onStep, wide = false }: StepperProps) {
  const { what, Sign } = STEPS[step];
  const label = `${what}: ${arm.name}`;
  return (
    <Button
      aria-label={label}
      title={wide ? undefined : `${what}…`}
      className={wide ? "mt-3" : "w-11 border-transparent! px-0!"}
      onClick={() => onStep(step, arm.key)}
    >
      <Sign aria-hidden size={18} />
      {wide && `${what}…`}
    </Button>
  );
}

function rateHead(results: Results): string {
  return isAdjusted(results) ? "Rate, adjusted" : "Rate";
}

function explanation(results: Results): string {
  const range = isAdjusted(results)
    ? "Of 100 ranges like these, about 95 hold the true rate."
    : "The true rate lies in the likely range with 95 % probability.";
  if (isBroken(results)) {
    return `${range} Who is best is not said while visitors are not split as planned: the rates may be off.`;
  }
  return `${range} The chance of being best may be looked at as often as you like.`;
}
