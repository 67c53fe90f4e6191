import type { Results } from "../api/results";
import { chance, change, exact, rate } from "../lib/numbers";
import { More } from "./More";

/** The numbers of the trade, each beside its plain name. The decision rests on none of the classical tests. */
export function Statistics({ results }: { results: Results }) {
  const { chi_squared, sample_ratio, comparisons, arms } = results;
  const name = (key: string) => arms.find((arm) => arm.key === key)?.name ?? key;
  return (
    <div className="rounded-card border border-line bg-card px-4 py-2 sm:px-6">
      <More title="For statisticians">
        <Wide
          caption="Each arm against the control"
          heads={[
            ["Arm", ""],
            ["Change in conversions", "calibrated lift: median, 95 % interval"],
            ["Chance of being better", "calibrated, pairwise"],
            ["Evidence of a difference", "e-value; may be looked at any time"],
            ["Difference of the rates", "Newcombe, 95 % interval"],
            ["One look at the end", "z-test: z, p-value"],
          ]}
          rows={comparisons.map((one) => [
            name(one.arm),
            `${change(one.lift.median)} (${change(one.lift.interval_95[0])} to ${change(one.lift.interval_95[1])})`,
            chance(one.p_better),
            exact(one.e_value),
            one.difference === null
              ? (one.reason ?? "")
              : `${points(one.difference)}${one.newcombe_95 === null ? "" : ` (${points(one.newcombe_95[0])} to ${points(one.newcombe_95[1])})`}`,
            one.reason ?? `${exact(one.z_score)}, ${exact(one.p_value)}`,
          ])}
        />
        <Wide
          caption="Each arm on its own"
          heads={[
            ["Arm", ""],
            ["What is known of its rate", "posterior: Beta(α, β)"],
            ["Most likely around", "posterior mean"],
            ["Chance of being best, for the shares", "rates taken as independent"],
            ["Conversions lost by visitor", "expected loss, rates taken as independent"],
          ]}
          rows={arms.map((arm) => [
            arm.name,
            `Beta(${exact(arm.posterior.alpha)}, ${exact(arm.posterior.beta)})`,
            rate(arm.posterior.mean),
            chance(arm.p_best),
            exact(arm.expected_loss),
          ])}
        />
        <dl className="mt-2 grid max-w-[70ch] gap-x-6 gap-y-2 text-sm tabular-nums sm:grid-cols-[1fr_auto] [&>dd]:mb-2 sm:[&>dd]:mb-0 [&>dt]:text-soft">
          <dt>Whether the arms differ at all, for one look at the end (chi-squared test)</dt>
          <dd>
            {chi_squared.reason ??
              `χ² = ${exact(chi_squared.statistic)}, ${chi_squared.df} df, p = ${exact(chi_squared.p_value)}`}
          </dd>
          <dt>The fewest conversions a cell of that test expects; below 5 its p is rough</dt>
          <dd>{exact(chi_squared.smallest_expected)}</dd>
          <dt>Evidence that visitors are not split as planned (sample ratio: log of the e-value)</dt>
          <dd>{exact(sample_ratio.log_e)}</dd>
          <dt>The same for one look at the end (chi-squared test of the sample ratio)</dt>
          <dd>
            {sample_ratio.chi2 === null
              ? "no visitors"
              : `χ² = ${exact(sample_ratio.chi2)}, p = ${exact(sample_ratio.p_value)}`}
          </dd>
        </dl>
        <p className="max-w-[70ch] text-sm text-soft">
          The decision rests on the evidence and on the calibrated numbers. The classical tests promise
          something for one look only, at a number of visitors fixed beforehand; they stand here for
          comparison with other tools.
        </p>
      </More>
    </div>
  );
}

function points(difference: number): string {
  return `${change(difference).replace(" %", "")} points`;
}

interface WideProps {
  caption: string;
  heads: readonly (readonly [string, string])[];
  rows: readonly (readonly string[])[];
}

function Wide({ caption, heads, rows }: WideProps) {
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table className="w-full min-w-[48rem] text-left text-sm tabular-nums">
        <caption className="pb-2 text-left font-semibold">{caption}</caption>
        <thead>
          <tr className="border-line border-b">
            {heads.map(([plain, term]) => (
              <th key={plain} scope="col" className="py-2 pr-4 align-top font-[450] text-soft">
                {plain}
                <span className="block text-xs">{term}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...cells]) => (
            <tr key={first} className="border-line border-b last:border-0">
              <th scope="row" className="py-2 pr-4 font-semibold">
                {first}
              </th>
              {cells.map((cell, index) => (
                <td key={heads[index + 1]?.[0]} className="py-2 pr-4">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
