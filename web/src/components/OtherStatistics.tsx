import type { Results } from "../api/results";
import { SIGNALS } from "../lib/early";
import { liftOf } from "../lib/goals";
import { amount, chance, count, exact, more, rate, rateRange } from "../lib/numbers";
import { anytime, ratioOf } from "../lib/statistics";
import { Fact, Facts } from "./WholeStatistics";
import { Wide } from "./Wide";

interface OtherStatisticsProps {
  results: Results;
  name: (arm: string) => string;
}

/** What is known beside the conversions of the goal that is read; nothing where nothing is. */
export function OtherStatistics({ results, name }: OtherStatisticsProps) {
  return (
    <>
      <Kinds results={results} name={name} />
      <OtherGoals results={results} name={name} />
      <Value results={results} name={name} />
      <Late results={results} name={name} />
      <Engagement results={results} name={name} />
    </>
  );
}

function Kinds({ results: { segments, arms }, name }: OtherStatisticsProps) {
  if (segments === null) return null;
  const { adjusted, ratios } = segments;
  const few = adjusted.too_few.length === 0 ? "" : ` Too few to stand alone: ${adjusted.too_few.join(", ")}.`;
  return (
    <div className="flex flex-col gap-4">
      <Wide
        caption="Kinds of visitors: who converted, of who came"
        heads={[["Kind", ""], ...arms.map((arm) => [arm.name, ""] as const)]}
        rows={segments.segments.map(({ segment, exposed, conversions }) => ({
          id: segment,
          cells: [segment, ...exposed.map((n, arm) => `${count(conversions[arm] ?? 0)} of ${count(n)}`)],
        }))}
      />
      <Wide
        caption="Rates as if all arms had met the same mix of visitors"
        formulas={["segments"]}
        heads={[
          ["Arm", ""],
          ["Adjusted rate", "95 % interval"],
          ["Standard error", ""],
          ["Against the control", "log of the ratio of rates, 95 %"],
        ]}
        rows={arms.map((arm, place) => {
          const found = adjusted.rates[place];
          const ratio = ratios[arm.key];
          return {
            id: arm.key,
            cells: [
              name(arm.key),
              found === undefined || found.interval_95 === null
                ? "–"
                : `${rate(found.rate)} (${rateRange(found.interval_95)})`,
              exact(found?.standard_error ?? null),
              ratio === undefined ? "the control" : ratioOf(ratio),
            ],
          };
        })}
      />
      <p className="max-w-[70ch] text-sm text-soft">
        {adjusted.groups.length < 2
          ? "All kinds are weighed as one, which adjusts nothing."
          : `Weighed as ${count(adjusted.groups.length)} groups.`}
        {few}
      </p>
    </div>
  );
}

function OtherGoals({ results: { goals }, name }: OtherStatisticsProps) {
  if (goals.length === 0) return null;
  return (
    <Wide
      caption="Other goals, each arm against the control"
      formulas={["secondary", "eValue", "anytime", "liftCalibrated"]}
      heads={[
        ["Goal and arm", ""],
        ["Chance of being better", "calibrated"],
        ["Change", "calibrated lift: median, 95 %"],
        ["Evidence of a difference", "e-value"],
        ["Lifts not excluded at any look", "95 %, relative"],
        ["Evidence of being worse", "one-sided, log e"],
      ]}
      rows={goals.flatMap(({ key, arms }) =>
        arms.flatMap(({ arm, p_better, lift, evidence, log_e_worse }) =>
          evidence === null || p_better === null
            ? []
            : {
                id: `${key} ${arm}`,
                cells: [
                  `‘${key}’, ${name(arm)}`,
                  chance(p_better),
                  liftOf(lift),
                  exact(evidence.e_value),
                  anytime(evidence.lift_95_anytime),
                  exact(log_e_worse),
                ],
              },
        ),
      )}
    />
  );
}

function Value({ results: { values, arms }, name }: OtherStatisticsProps) {
  if (values === null) return null;
  const against = new Map(values.comparisons.map((lift) => [lift.arm, lift]));
  const range = (ends: readonly [number, number] | null | undefined, reason: string) =>
    ends == null ? reason : `${more(ends[0])} to ${more(ends[1])}`;
  return (
    <Wide
      caption="Value by visitor, each arm against the control"
      formulas={["value", "valueAlways"]}
      heads={[
        ["Arm", ""],
        ["By visitor", "mean, capped"],
        ["Standard error", ""],
        ["Buyers capped", ""],
        ["Difference from the control", "95 %, one look"],
        ["The same at every look", "95 %, about"],
        ["Chance of being better", "calibrated"],
        ["Change of the mean", "calibrated: median, 95 %"],
      ]}
      rows={arms.map((arm) => {
        const found = values.arms[arm.key];
        const lift = against.get(arm.key);
        const reason = lift?.reason ?? "–";
        return {
          id: arm.key,
          cells: [
            name(arm.key),
            amount(found?.mean ?? null),
            exact(found?.standard_error ?? null),
            count(found?.capped ?? 0),
            range(lift?.interval_95, reason),
            range(lift?.interval_always, reason),
            lift?.p_better == null ? "–" : chance(lift.p_better),
            liftOf(lift?.lift ?? null),
          ],
        };
      })}
    />
  );
}

function Late({ results: { health }, name }: OtherStatisticsProps) {
  if (health.delay === null) return null;
  return (
    <Wide
      caption="Late conversions allowed for"
      formulas={["delay"]}
      heads={[
        ["Arm", ""],
        ["Visitors it is worth", "effective"],
        ["Provisional rate", "conversions by these"],
      ]}
      rows={health.delay.arms.map((arm) => ({
        id: arm.key,
        cells: [name(arm.key), exact(arm.effective_visitors), rate(arm.rate)],
      }))}
    />
  );
}

function Engagement({ results: { early }, name }: OtherStatisticsProps) {
  if (early === null) return null;
  const weights = SIGNALS.map(
    ({ signal, name }) => `${name.toLowerCase()} ${exact(early.weights[signal] ?? 0)}`,
  );
  return (
    <div className="flex flex-col gap-4">
      <Wide
        caption="Early signs: no part of any decision"
        heads={[
          ["Arm", ""],
          ["Visitors", ""],
          ["Engagement", "index, in standard deviations of a visitor"],
          ["Chance of being best", "if the prior leant with the signs"],
        ]}
        rows={early.arms.map((arm) => ({
          id: arm.key,
          cells: [name(arm.key), count(arm.visitors), exact(arm.engagement), chance(arm.p_best)],
        }))}
      />
      <Facts title="How far to believe the signs" formulas={["engagement", "earlyRight"]}>
        <Fact what="How often such signs pick the better arm">
          {early.p_right === null ? "–" : chance(early.p_right)}
        </Fact>
        <Fact what="Correlation of arms’ effects on engagement and on conversions">
          {exact(early.correlation)}
        </Fact>
        <Fact what="Finished experiments that taught it">{count(early.experiments)}</Fact>
        <Fact what="Weights of the signals">{weights.join(", ")}</Fact>
      </Facts>
    </div>
  );
}
