import type { Results } from "../api/results";
import { chance, exact, rate, rateRange } from "../lib/numbers";
import { hadAllSeen } from "../lib/statistics";
import { Wide } from "./Wide";

/** Each arm on its own, and its chances by both ways of reckoning. */
export function ArmStatistics({ arms }: Pick<Results, "arms">) {
  return (
    <Wide
      caption="Each arm on its own"
      formulas={["posterior", "independent", "calibrated", "hadAllSeen"]}
      heads={[
        ["Arm", ""],
        ["What is known of its rate", "posterior"],
        ["Most likely around", "posterior mean"],
        ["Range", "95 %, equal-tailed"],
        ["At most", "95 % quantile"],
        ["Chance of being best", "calibrated"],
        ["Share of conversions lost", "expected loss, calibrated"],
        ["Chance of being best, for the shares", "rates independent"],
        ["Rate lost", "expected loss, rates independent"],
        ["Had all seen it", "adjusted for time, 95 % interval"],
      ]}
      rows={arms.map((arm) => ({
        id: arm.key,
        cells: [
          arm.name,
          `Beta(${exact(arm.posterior.alpha)}, ${exact(arm.posterior.beta)})`,
          rate(arm.posterior.mean),
          rateRange(arm.posterior.interval_95),
          rate(arm.posterior.at_most),
          chance(arm.p_best_calibrated),
          exact(arm.expected_loss_calibrated),
          chance(arm.p_best),
          exact(arm.expected_loss),
          hadAllSeen(arm),
        ],
      }))}
    />
  );
}
