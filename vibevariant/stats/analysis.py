"""A reading with everything that statisticians want beside it, as one object: what `/results` and `analyze` carry."""

from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.aipw import Counterfactual, counterfactual_rate
from vibevariant.stats.arm_comparison import ArmComparison, compare_with_control, lift_levels
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.frequentist import chi_squared
from vibevariant.stats.lift_quantiles import lift_quantiles_over
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.ranking import Ranking
from vibevariant.stats.reading import Reading
from vibevariant.stats.sensitivity import PriorSensitivity, prior_sensitivity


@dataclass(frozen=True, slots=True)
class Overall:
    """The chi-squared test of whether all arms share one rate, for one look; without numbers, the reason why.

    Args:
        smallest_expected: the smallest count that any cell would have if they did; below 5 p_value is a rough guide.
    """

    chi2: float | None
    df: int | None
    p_value: float | None
    reason: str | None
    smallest_expected: float | None
    few_expected: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """What stands beside a reading.

    Args:
        comparisons: of each other arm with the control.
        had_all_seen: for each arm, conversions per visitor had everyone seen it, adjusted for time.
        sensitivity: the verdicts under a sceptical, a neutral and the project's own prior.
    """

    comparisons: tuple[ArmComparison, ...]
    overall: Overall
    had_all_seen: tuple[Counterfactual, ...]
    sensitivity: PriorSensitivity


def analyse(
    reading: Reading,
    ranking: Ranking,
    allocations: Sequence[AllocationCounts],
    *,
    matured: Sequence[AllocationCounts] | None = None,
    spread_prior: SpreadPrior = BEFORE_HISTORY,
) -> Analysis:
    """Put beside a reading what else its counts say.

    Args:
        ranking: that the reading rests on.
        allocations, matured, spread_prior: as they were read.
    """
    counted = allocations if matured is None else matured
    keys = [arm.key for arm in reading.arms]
    control = next(place for place, arm in enumerate(reading.arms) if arm.is_control)
    others = [arm for arm in range(len(keys)) if arm != control]
    independent = lift_quantiles_over(
        reading.arms[control].posterior, [reading.arms[arm].posterior for arm in others]
    )
    lifts = [ranking.posterior.lift(control, arm) for arm in others]
    overall = chi_squared([arm.conversions for arm in reading.arms], [arm.exposed for arm in reading.arms])
    return Analysis(
        comparisons=tuple(
            compare_with_control(
                keys, control, arm, allocations,
                matured=counted, lift=lift, calibrated=levels, independent=alone,
            )
            for arm, lift, levels, alone in zip(others, lifts, lift_levels(lifts), independent, strict=True)
        ),
        overall=Overall(
            overall.statistic, overall.df, overall.p_value, overall.reason, overall.smallest_expected,
            overall.is_rough,
        ),
        had_all_seen=tuple(counterfactual_rate(allocations, arm) for arm in range(len(keys))),
        sensitivity=prior_sensitivity(
            counted, ranking.running, keys, spread_prior, posterior=ranking.posterior
        ),
    )  # fmt: skip
