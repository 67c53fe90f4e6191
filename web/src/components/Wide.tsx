import { type ReactNode, useId } from "react";
import { FORMULAS, type FormulaName } from "../lib/formulas";
import { More } from "./More";

interface WideProps {
  caption: string;
  /** Its name is only heard: what stands above it says the same. */
  hidden?: boolean;
  /** Each column's plain name, and the term of the trade beneath it. */
  heads: readonly (readonly [string, string])[];
  rows: readonly { id: string; cells: readonly ReactNode[] }[];
  /** Every column as wide as the next, so that tables below each other stand in line. */
  even?: boolean;
  /** Where its numbers come from. */
  formulas?: readonly FormulaName[];
}

/** A table that is wider than a phone: it scrolls sideways in its own place, and its first column stays. */
export function Wide({ caption, hidden = false, heads, rows, even = false, formulas = [] }: WideProps) {
  const id = useId();
  return (
    <div>
      {/* Beside the table and not its caption, which would be as wide and run out of a phone. */}
      <h3 id={id} className={hidden ? "sr-only" : "pb-1 text-sm"}>
        {caption}
      </h3>
      <section
        aria-labelledby={id}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-128 overflow-auto"
      >
        <table
          aria-labelledby={id}
          className={`w-full text-left text-sm tabular-nums ${even ? "min-w-176 table-fixed" : "[&_td]:whitespace-nowrap"}`}
        >
          <thead>
            <tr className="border-line border-b">
              {heads.map(([plain, term]) => (
                <th
                  key={plain + term}
                  scope="col"
                  className="py-2 pr-4 align-top font-[450] text-soft last:pr-0"
                >
                  <span className={`block ${even ? "" : "min-w-22"}`}>{plain}</span>
                  {term !== "" && <span className="block text-xs">{term}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, cells: [first, ...cells] }) => (
              <tr key={id} className="border-line border-b last:border-0">
                <th
                  scope="row"
                  className={`sticky left-0 bg-card py-2 pr-4 text-left align-top ${typeof first === "string" ? "font-semibold" : "font-[450]"}`}
                >
                  <div className="w-max max-w-32 wrap-anywhere sm:max-w-64">{first}</div>
                </th>
                {cells.map((cell, index) => (
                  <td key={heads[index + 1]?.join("")} className="py-2 pr-4 align-top last:pr-0">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {formulas.length > 0 && <Sources of={formulas} about={caption} />}
    </div>
  );
}

/** The formulas of some numbers and where they are from, one click away. */
export function Sources({ of, about }: { of: readonly FormulaName[]; about: string }) {
  return (
    <More title="Formulas and sources">
      <dl aria-label={`Formulas: ${about}`} className="max-w-[70ch] text-sm [&>dd]:mb-3 [&>dt]:font-semibold">
        {of.map((each) => {
          const { name, formula, source } = FORMULAS[each];
          return (
            <div key={each} className="contents [&>dd:last-child]:mb-3">
              <dt className="font-semibold">{name}</dt>
              <dd className="wrap-anywhere">{formula}</dd>
              <dd className="mb-3 text-soft">{source}</dd>
            </div>
          );
        })}
      </dl>
    </More>
  );
}
