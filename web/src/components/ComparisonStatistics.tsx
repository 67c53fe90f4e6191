import { TriangleAlert } from "lucide-react";
import type { Results } from "../api/results";
import { chance, exact, points } from "../lib/numbers";
import {
  anytime,
  LEVEL_NAMES,
  LEVELS,
  levelOf,
  pointsRange,
  pValue,
  ratioOf,
  tested,
} from "../lib/statistics";
import { Wide } from "./Wide";

interface ComparisonStatisticsProps {
  comparisons: Results["comparisons"];
  name: (arm: string) => string;
}

/** Each arm against the control, by every way of reading. */
export function ComparisonStatistics({ comparisons, name }: ComparisonStatisticsProps) {
  if (comparisons.length === 0) return null;
  return (
    <>
      <Wide
        caption="Each arm against the control, at any time"
        formulas={["pBetter", "eValue", "anytime"]}
        heads={[
          ["Arm", ""],
          ["Chance of being better", "calibrated, pairwise"],
          ["Evidence of a difference", "e-value"],
          ["Its logarithm", "log e"],
          ["Lifts not excluded at any look", "95 %, relative"],
        ]}
        rows={comparisons.map(({ arm, p_better, evidence }) => ({
          id: arm,
          cells: [
            name(arm),
            chance(p_better),
            exact(evidence.e_value),
            exact(evidence.log_e),
            anytime(evidence.lift_95_anytime),
          ],
        }))}
      />
      <Wide
        caption="Quantiles of the lift: the true one is below, with this probability"
        formulas={["liftRelative", "liftCalibrated"]}
        heads={[
          ["Arm and probability", ""],
          ["Change in conversions", "calibrated: may be said aloud"],
          ["Change in conversions", "rates independent: small counts allow absurd ones"],
          ["Difference of the rates", "rates independent"],
        ]}
        rows={comparisons.flatMap(({ arm, lift }) =>
          LEVELS.map((level) => ({
            id: `${arm} ${level}`,
            cells: [
              <span key="name">
                <strong className="font-semibold">{name(arm)}</strong>{" "}
                <span className="text-soft">{LEVEL_NAMES[level]}</span>
              </span>,
              levelOf(lift.calibrated, level, "relative"),
              levelOf(lift.relative, level, "relative"),
              levelOf(lift.absolute, level, "points"),
            ],
          })),
        )}
      />
      <Wide
        caption="Difference of the rates, for one look at the end"
        formulas={["difference", "newcombe", "agrestiCaffo", "wald"]}
        heads={[
          ["Arm", ""],
          ["As counted", "percentage points"],
          ["The one to show", "Newcombe, 95 %"],
          ["Nearly the same", "Agresti-Caffo, 95 %"],
          ["The textbook’s, too narrow", "Wald, 95 %"],
        ]}
        rows={comparisons.map(({ arm, difference, reasons }) => {
          const why = reasons.difference;
          return {
            id: arm,
            cells: [
              name(arm),
              difference.estimate === null ? (why ?? "–") : points(difference.estimate),
              pointsRange(difference.newcombe_95, why),
              pointsRange(difference.agresti_caffo_95, why),
              difference.wald_has_no_width ? (
                <Flag key="wald">no width: it claims to know exactly, which nobody does</Flag>
              ) : (
                pointsRange(difference.wald_95, why)
              ),
            ],
          };
        })}
      />
      <Wide
        caption="Classical tests, for one look at the end"
        formulas={["zTest", "chiSquared", "yates", "fisher", "barnard"]}
        heads={[
          ["Arm", ""],
          ["z-test", "z, p-value"],
          ["p below .05", "for one look only"],
          ["Chi-squared test", "χ², p-value"],
          ["With Yates’ correction", "χ², p-value"],
          ["Fisher’s exact test", "p-value"],
          ["Barnard’s exact test", "p-value"],
          ["Expected counts", ""],
        ]}
        rows={comparisons.map((one) => ({
          id: one.arm,
          cells: [
            name(one.arm),
            tested(one.z_score, one.p_value, one.reasons.z_score),
            one.p_value === null ? "–" : one.significant ? "yes" : "no",
            tested(one.chi2, one.chi2_p, one.reasons.chi2),
            tested(one.chi2_yates, one.chi2_yates_p, one.reasons.chi2_yates),
            pValue(one.fisher_p, one.reasons.fisher_p),
            pValue(one.barnard_p, one.reasons.barnard_p),
            one.few_expected ? (
              <Flag key="few">some below 5: z and χ² are rough, see Barnard’s</Flag>
            ) : (
              "5 or more"
            ),
          ],
        }))}
      />
      <Wide
        caption="Whether time has to be adjusted for"
        formulas={["naiveRatio", "adjustedRatio", "mix", "hadAllSeen"]}
        heads={[
          ["Arm", ""],
          ["From the totals", "log of the ratio of rates, 95 %"],
          ["Within allocations", "the same, adjusted for time"],
          ["How far apart", "z"],
          ["Traffic mix", ""],
          ["Had all seen the one, less had all seen the other", "percentage points, 95 %"],
        ]}
        rows={comparisons.map(({ arm, traffic_mix: mix, had_all_seen: seen }) => ({
          id: arm,
          cells: [
            name(arm),
            ratioOf(mix.naive),
            ratioOf(mix.adjusted),
            exact(mix.z_score),
            mix.changed ? <Flag key="mix">changed: take the adjusted one</Flag> : "no change seen",
            seen.mean === null || seen.interval_95 === null
              ? (seen.reason ?? "–")
              : `${points(seen.mean)} (${pointsRange(seen.interval_95, undefined)})`,
          ],
        }))}
      />
    </>
  );
}

/** What to mind about a number, never by its colour alone. */
export function Flag({ children }: { children: string }) {
  return (
    <span className="inline-flex min-w-40 max-w-64 items-start gap-1 whitespace-normal text-wait">
      <TriangleAlert aria-hidden size={14} className="mt-0.5 shrink-0" />
      {children}
    </span>
  );
}
