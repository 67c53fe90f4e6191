import { useId, useState } from "react";
import type { ExperimentDetails } from "../api/experiment";
import type { ArmResult, Results, Together } from "../api/results";
import { best, combinationsCaption, depth, grid, pairsIn, ranked } from "../lib/elements";
import { unbroken } from "../lib/numbers";
import { partsOf } from "../lib/parts";
import { readArm } from "../lib/reading";
import { Button } from "./Button";
import { PairBadge } from "./PairBadge";

/** Combinations in a list before it is unfolded. */
const FIRST = 8;
/** How much of a cell's colour is the accent, at most: so much keeps its letters at 4.5:1 and more. */
const DEEPEST = 38;

/** The least widths of the map, in rem: what its row heads and each of its columns need on a phone. */
const HEADS = 3.75;
const COLUMN = 4.75;

interface CombinationsProps {
  experiment: ExperimentDetails;
  results: Results;
  together: readonly Together[];
}

/** All combinations: of two elements as a map, of more as a list with the likeliest best first. */
export function Combinations({ experiment, results, together }: CombinationsProps) {
  const id = useId();
  const map = grid(experiment, results);
  return (
    <figure aria-labelledby={id} className="flex flex-col gap-3">
      {map === undefined ? (
        <List experiment={experiment} results={results} together={together} />
      ) : (
        <HeatMap map={map} results={results} together={together} />
      )}
      <figcaption id={id} className="max-w-[70ch] text-sm text-soft">
        {unbroken(combinationsCaption(results))}
        {map !== undefined && " The deeper the colour, the higher the rate."}
      </figcaption>
    </figure>
  );
}

interface HeatMapProps {
  map: NonNullable<ReturnType<typeof grid>>;
  results: Results;
  together: readonly Together[];
}

function HeatMap({ map: { first, second, rows }, results, together }: HeatMapProps) {
  return (
    <section
      aria-label={`${first.name} and ${second.name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table
        className="w-full table-fixed border-separate border-spacing-1 text-sm tabular-nums"
        style={{ minWidth: `${HEADS + COLUMN * second.variants.length}rem` }}
      >
        <caption className="sr-only">
          Rates of ‘{results.goal}’ by {first.name} and {second.name}
        </caption>
        <thead>
          <tr className="text-left align-bottom text-soft [&>*]:p-1 [&>*]:font-[450]">
            <td className="w-15 sm:w-32" />
            <th scope="colgroup" colSpan={second.variants.length}>
              {second.name}
            </th>
          </tr>
          <tr className="text-left align-bottom [&>*]:p-1 [&>*]:wrap-anywhere">
            <th scope="col" className="font-[450] text-soft">
              {first.name}
            </th>
            {second.variants.map((variant) => (
              <th key={variant.key} scope="col" className="font-semibold">
                {variant.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, cells }) => (
            <tr key={row.key}>
              <th scope="row" className="px-1 py-2 text-left align-top font-semibold wrap-anywhere">
                {row.name}
              </th>
              {cells.map(({ column, arm }) => (
                <Cell key={column.key} arm={arm} results={results} together={together} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CellProps {
  arm: ArmResult | undefined;
  results: Results;
  together: readonly Together[];
}

function Cell({ arm, results, together }: CellProps) {
  if (arm === undefined) return <td />;
  const { rate, conversions, visitors } = readArm(arm, results);
  const isBest = arm.key === best(results)?.key;
  const share = DEEPEST * depth(arm.rate, results.arms);
  return (
    <td
      className={`rounded-lg p-1 align-top sm:p-2 ${isBest ? "outline-2 -outline-offset-2 outline-accent" : ""}`}
      style={{ background: `color-mix(in srgb, var(--accent) ${share.toFixed(0)}%, var(--sunken))` }}
    >
      {arm.exposed === 0 ? (
        "nobody yet"
      ) : (
        <>
          <span className="block text-base font-semibold">{rate}</span>
          <span className="block text-xs">
            {conversions} of {visitors}
          </span>
        </>
      )}
      {isBest && <span className="block text-xs font-semibold">best so far</span>}
      {arm.dropped && <span className="block text-xs">dropped</span>}
      {pairsIn(arm.variants, together).map((pair) => (
        <span key={pair.name} className="mt-1 block">
          <PairBadge pair={pair} small />
        </span>
      ))}
    </td>
  );
}

function List({ experiment, results, together }: CombinationsProps) {
  const [all, setAll] = useState(false);
  const arms = ranked(results.arms);
  const top = best(results);
  return (
    <>
      <ol aria-label="Combinations, the likeliest best first" className="flex flex-col tabular-nums">
        {(all ? arms : arms.slice(0, FIRST)).map((arm) => {
          const { rate, conversions, visitors, chance } = readArm(arm, results);
          return (
            <li
              key={arm.key}
              className="grid grid-cols-2 gap-x-6 gap-y-1 border-line border-b py-3 last:border-0 sm:grid-cols-[1fr_9rem_9rem]"
            >
              <span
                className={`col-span-2 wrap-anywhere sm:col-span-1 ${arm.key === top?.key ? "font-semibold" : ""}`}
              >
                {partsOf(experiment, arm.variants).map(({ element, variant }) => (
                  <span key={element} className="mr-3 inline-block">
                    <span className="text-sm text-soft">{element}:</span> {variant}
                  </span>
                ))}
                {arm.dropped && <span className="text-xs text-wait">dropped</span>}
                <span className="mt-1 flex flex-wrap gap-1 empty:hidden">
                  {pairsIn(arm.variants, together).map((pair) => (
                    <PairBadge key={pair.name} pair={pair} />
                  ))}
                </span>
              </span>
              <span>
                <span className="font-semibold">{rate}</span>
                <span className="block text-xs text-soft">
                  {conversions} of {visitors}
                </span>
              </span>
              <span>
                {chance}
                <span className="block text-xs text-soft">chance of being best</span>
              </span>
            </li>
          );
        })}
      </ol>
      {arms.length > FIRST && (
        <Button className="self-start" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the likeliest" : `Show all ${arms.length}`}
        </Button>
      )}
    </>
  );
}
