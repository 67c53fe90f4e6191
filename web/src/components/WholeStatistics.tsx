import type { ReactNode } from "react";
import type { Results } from "../api/results";
import type { FormulaName } from "../lib/formulas";
import { chance, change, count, exact } from "../lib/numbers";
import { opinions } from "../lib/verdicts";
import { Flag } from "./ComparisonStatistics";
import { Sources, Wide } from "./Wide";

/** All arms together: the tests of the whole, the split, what was assumed, and what the decision rests on. */
export function WholeStatistics({ results }: { results: Results }) {
  const { overall, sample_ratio: split, prior, situation, health, forecast } = results;
  const silence = health.silence;
  return (
    <>
      <Facts title="All arms together" formulas={["chiSquared", "sampleRatio"]}>
        <Fact what="Whether the arms differ at all, for one look at the end (chi-squared test)">
          {overall.reason ??
            `χ² = ${exact(overall.chi2)}, ${exact(overall.df)} df, p = ${exact(overall.p_value)}`}
        </Fact>
        <Fact what="The fewest conversions a cell of that test expects">
          {exact(overall.smallest_expected)} {overall.few_expected && <Flag>below 5: its p is rough</Flag>}
        </Fact>
        <Fact what="Evidence that visitors are not split as planned (sample ratio: log e)">
          {exact(split.log_e)}
        </Fact>
        <Fact what="The same for one look at the end (chi-squared test of the sample ratio)">
          {split.chi2 === null ? "no visitors" : `χ² = ${exact(split.chi2)}, p = ${exact(split.p_value)}`}
        </Fact>
      </Facts>
      <Facts title="What the decision rests on" formulas={["eValue", "calibrated", "forecast", "silence"]}>
        <Fact what="Likely gain of the leader (10 % to 90 %, calibrated)">
          {situation.gain === null ? "–" : `${change(situation.gain[0])} to ${change(situation.gain[1])}`}
        </Fact>
        <Fact what="Evidence over the control and the runner-up (log e)">
          {situation.rivals.length === 0
            ? "nobody to compare"
            : situation.rivals.map((rival) => exact(rival.log_e)).join(" and ")}
        </Fact>
        <Fact what="Width of what is known of the lift, by what was assumed of it">
          {exact(situation.interval_ratio)}
        </Fact>
        <Fact what="Chance that the difference is below 5 % either way">
          {chance(situation.p_negligible)}
        </Fact>
        <Fact what="Full weeks so far">{count(situation.full_weeks)}</Fact>
        {forecast?.p_answer != null && (
          <Fact what={`Chance of a clear answer within ${forecast.weeks.join(", ")} weeks`}>
            {forecast.p_answer.map(exact).join(", ")}
          </Fact>
        )}
        {silence !== null && (
          <Fact what="Chance of so long a silence of the goal though nothing changed, at most">
            {exact(Math.min(1, silence.probability))}
          </Fact>
        )}
      </Facts>
      <Facts title="What was assumed beforehand" formulas={["prior", "spread"]}>
        <Fact what={`Prior of each arm’s rate (${prior.kind})`}>
          Beta({exact(prior.alpha)}, {exact(prior.beta)})
        </Fact>
        <Fact what="Spread of arms’ log rates that is expected">{exact(prior.spread)}</Fact>
        <Fact what="Finished experiments it was learned from">{count(prior.experiments)}</Fact>
      </Facts>
      <Wide
        caption="The same counts, read by three who expected different things"
        formulas={["verdicts"]}
        heads={[
          ["Reader", ""],
          ["Verdict", ""],
          ["Chance of the arm that leads", "calibrated"],
        ]}
        rows={opinions(results).map(({ reader, who, says, chance }) => ({
          id: reader,
          cells: [who, says, chance],
        }))}
      />
    </>
  );
}

interface FactsProps {
  title: string;
  formulas: readonly FormulaName[];
  children: ReactNode;
}

/** Numbers that stand alone, each after its plain words. */
export function Facts({ title, formulas, children }: FactsProps) {
  return (
    <div>
      <h3 className="text-sm">{title}</h3>
      <dl className="mt-1 grid max-w-[80ch] gap-x-6 text-sm tabular-nums sm:grid-cols-[1fr_auto] [&>dd]:mb-2 sm:[&>dd]:mb-1 sm:[&>dd]:text-right [&>dt]:text-soft">
        {children}
      </dl>
      <Sources of={formulas} about={title} />
    </div>
  );
}

export function Fact({ what, children }: { what: string; children: ReactNode }) {
  return (
    <>
      <dt>{what}</dt>
      <dd>{children}</dd>
    </>
  );
}
