"""Everything that can be said of counts alone, as one object: what `vibevariant analyze` prints for each experiment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.allocation import TEN_THOUSANDTHS, even_weights, to_ten_thousandths
from vibevariant.stats.confidence_sequence import anytime_interval
from vibevariant.stats.decision import Decision
from vibevariant.stats.evidence import AllocationCounts, strata
from vibevariant.stats.fixed_sample import FixedSample, fixed_sample
from vibevariant.stats.frequentist import ChiSquared
from vibevariant.stats.health import SampleRatio
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.lift import ArmComparison, relative_change
from vibevariant.stats.lift_quantiles import LEVELS, LiftQuantiles, lift_quantiles
from vibevariant.stats.posterior import FLAT, Beta
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.reading import ArmReading, read
from vibevariant.stats.situation import HOUR_MS


@dataclass(frozen=True, slots=True)
class PairAnalysis:
    """One arm against the control.

    Args:
        comparison: calibrated chance and lift, and the evidence.
        classical: the tests and intervals of a textbook.
        independent: quantiles of the lift, rates taken as independent.
        calibrated: the same quantiles of the relative lift that may be said aloud.
        lift_95_anytime: relative lifts not excluded, however often one looked; None for a side without an end.
    """

    comparison: ArmComparison
    classical: FixedSample
    independent: LiftQuantiles
    calibrated: tuple[float, ...]
    lift_95_anytime: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Analysis:
    """An experiment's counts, read.

    Args:
        planned: the weights were given. Where they were not, the observed shares stand in for them, and nothing can
            be said about whether visitors were split as planned.
    """

    arms: tuple[ArmReading, ...]
    pairs: tuple[PairAnalysis, ...]
    overall: ChiSquared
    sample_ratio: SampleRatio
    decision: Decision
    planned: bool


def analyse(
    arms: Sequence[str],
    control: int,
    allocations: Sequence[AllocationCounts],
    *,
    planned: bool = True,
    goal: str = "conversion",
    hours: float = 0.0,
    prior: Beta = FLAT,
    spread_prior: SpreadPrior = BEFORE_HISTORY,
) -> Analysis:
    """Read counts.

    Args:
        arms: their keys.
        control: which of them is the control.
        allocations: for each the weights in ten-thousandths, visitors and conversions of every arm.
        hours: how long the experiment has run: weekends may differ, so proof waits for a week.
        prior: of each arm's rate on its own.
        spread_prior: how far arms usually lie apart.
    """
    reading = read(
        arms, control, allocations, goal=goal, started_ms=0, now_ms=round(hours * HOUR_MS), prior=prior,
        spread_prior=spread_prior,
    )  # fmt: skip
    together = Hierarchical(allocations, len(arms), spread_prior)
    others = [arm for arm in range(len(arms)) if arm != control]
    return Analysis(
        arms=reading.arms,
        pairs=tuple(
            _pair(reading.arms, control, arm, comparison, allocations, together)
            for arm, comparison in zip(others, reading.comparisons, strict=True)
        ),
        overall=reading.chi_squared,
        sample_ratio=reading.sample_ratio,
        decision=reading.decision,
        planned=planned,
    )


def _pair(
    arms: Sequence[ArmReading],
    control: int,
    arm: int,
    comparison: ArmComparison,
    allocations: Sequence[AllocationCounts],
    together: Hierarchical,
) -> PairAnalysis:
    a, b = arms[control], arms[arm]
    lift = together.lift(control, arm)
    low, high = anytime_interval(strata(allocations, control, arm))
    return PairAnalysis(
        comparison=comparison,
        classical=fixed_sample(a.conversions, a.exposed, b.conversions, b.exposed),
        independent=lift_quantiles(a.posterior, b.posterior),
        calibrated=tuple(relative_change(lift, level) for level in LEVELS),
        lift_95_anytime=(low if low is None else math.expm1(low), high if high is None else math.expm1(high)),
    )


def observed_weights(exposed: Sequence[int]) -> tuple[int, ...]:
    """The shares of visitors that the arms got, in ten-thousandths; even ones without visitors.

    They stand in for weights that nobody has noted down: to read 2,000 and 1,000 visitors as an even split would make
    proof out of nothing. No arm that has visitors is left without a weight.
    """
    total = sum(exposed)
    if not total:
        return even_weights(len(exposed))
    least = 1 / TEN_THOUSANDTHS
    return to_ten_thousandths([max(shown / total, least) if shown else 0.0 for shown in exposed])
