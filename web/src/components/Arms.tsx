import type { ExperimentDetails, Status } from "../api/experiment";
import type { ArmResult, Results } from "../api/results";
import type { ArmLook } from "../lib/arms";
import { partsOf } from "../lib/parts";
import { type ArmReading, frequencies, isBroken, leading, readArm } from "../lib/reading";
import { ArmName } from "./ArmName";
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
}

/** The arms, each with its counts, its rate and how sure that is. */
export function Arms({ experiment, results, looks }: ArmsProps) {
  const share = SHARES[experiment.source === "imported" ? "imported" : experiment.status];
  const leader = isBroken(results) || results.summary.conversions === 0 ? undefined : leading(results);
  const told = frequencies(results);
  const rows = results.arms.map((arm) => ({
    arm,
    reading: readArm(arm, results),
    name: <ArmName arm={arm} look={looks.get(arm.key)} parts={partsOf(experiment, arm.variants)} />,
    best: arm.key === leader?.key,
  }));
  return (
    <Card title="Arms" aside={<span className="text-sm text-soft">Goal: ‘{results.goal}’</span>}>
      {told !== "" && <p className="mb-4 max-w-[70ch]">{told}</p>}
      <Table rows={rows} results={results} share={share} />
      <Cards rows={rows} results={results} share={share} />
      {results.summary.exposed > 0 && (
        <p className="mt-4 max-w-[70ch] text-sm text-soft">{explanation(results)}</p>
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
}

interface RowsProps {
  rows: Row[];
  results: Results;
  share: string;
}

function Table({ rows, results, share }: RowsProps) {
  return (
    <table className="hidden w-full text-sm tabular-nums md:table">
      <caption className="sr-only">The arms with their counts for ‘{results.goal}’</caption>
      <thead>
        <tr className="border-line border-b text-soft [&>th]:py-2 [&>th]:pr-0 [&>th]:pl-4 [&>th]:text-right [&>th]:align-bottom [&>th]:font-[450] [&>th:first-child]:pl-0 [&>th:first-child]:text-left">
          <th scope="col">Arm</th>
          <th scope="col">Visitors</th>
          <th scope="col">Reached ‘{results.goal}’</th>
          <th scope="col">Rate</th>
          <th scope="col">Likely range</th>
          <th scope="col">Chance of being best</th>
          <th scope="col">{share}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ arm, reading, name, best }) => (
          <tr
            key={arm.key}
            className="border-line border-b last:border-0 [&>td]:py-3 [&>td]:pl-4 [&>td]:whitespace-nowrap [&>td]:text-right [&>td]:align-baseline"
          >
            <th scope="row" className="py-3 text-left align-baseline font-[450]">
              {name}
            </th>
            <td>{reading.visitors}</td>
            <td>{reading.conversions}</td>
            <td className="font-semibold">{reading.rate}</td>
            <td className="text-soft">{reading.range}</td>
            <td className={best ? "font-semibold" : ""}>{reading.chance}</td>
            <td>{reading.share}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The same on a narrow page: a piece of a list for every arm. */
function Cards({ rows, results, share }: RowsProps) {
  return (
    <ul className="flex flex-col tabular-nums md:hidden">
      {rows.map(({ arm, reading, name, best }) => (
        <li key={arm.key} className="border-line border-b py-4 first:pt-0 last:border-0 last:pb-0">
          {name}
          <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-sm [&>dd]:text-right [&>dt]:text-soft">
            <dt>Reached ‘{results.goal}’</dt>
            <dd>
              {reading.conversions} of {reading.visitors}
            </dd>
            {arm.exposed > 0 && (
              <>
                <dt>Rate</dt>
                <dd className="font-semibold">{reading.rate}</dd>
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
        </li>
      ))}
    </ul>
  );
}

function explanation(results: Results): string {
  const range = "The true rate lies in the likely range with 95 % probability.";
  if (isBroken(results)) {
    return `${range} Who is best is not said while visitors are not split as planned: the rates may be off.`;
  }
  return `${range} The chance of being best may be looked at as often as you like.`;
}
