"""One arm against the control: as counted, for statisticians, and calibrated, for everybody."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.evidence import AllocationCounts, LiftPosterior, evidence, strata
from vibevariant.stats.frequentist import Undefined, newcombe_interval, two_proportion_z_test
from vibevariant.stats.health import MOST_EVIDENCE
from vibevariant.stats.hierarchical import Hierarchical


@dataclass(frozen=True, slots=True)
class Lift:
    """Relative change in conversions, .12 being 12 % more: median and the intervals that hold 80 % and 95 %."""

    median: float
    interval_80: tuple[float, float]
    interval_95: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """One arm against the control.

    Args:
        difference: of the two rates as counted, with its Newcombe interval and the two-proportion z-test; `reason`
            says why the test has no numbers.
        lift, p_better: calibrated.
        log_e, e_value: evidence of a difference, valid however often one looks.
    """

    arm: str
    control: str
    difference: float | None
    newcombe_95: tuple[float, float] | None
    z_score: float | None
    p_value: float | None
    significant: bool
    reason: Undefined | None
    lift: Lift
    p_better: float
    log_e: float
    e_value: float


def compare_with_control(
    arms: Sequence[str],
    control: int,
    arm: int,
    allocations: Sequence[AllocationCounts],
    posterior: Hierarchical | None = None,
) -> ArmComparison:
    """Say how an arm differs from the control.

    Args:
        posterior: of all arms; without one, the one before any history.
    """
    exposed_a, exposed_b = (sum(counts[1][each] for counts in allocations) for each in (control, arm))
    conversions_a, conversions_b = (sum(counts[2][each] for counts in allocations) for each in (control, arm))
    test = two_proportion_z_test(conversions_a, exposed_a, conversions_b, exposed_b)
    lift = (posterior or Hierarchical(allocations, len(arms))).lift(control, arm)
    log_e = evidence(strata(allocations, control, arm))
    return ArmComparison(
        arm=arms[arm],
        control=arms[control],
        difference=conversions_b / exposed_b - conversions_a / exposed_a if exposed_a and exposed_b else None,
        newcombe_95=newcombe_interval(conversions_a, exposed_a, conversions_b, exposed_b),
        z_score=test.z_score,
        p_value=test.p_value,
        significant=test.significant,
        reason=test.reason,
        lift=Lift(
            median=relative_change(lift, 0.5),
            interval_80=(relative_change(lift, 0.1), relative_change(lift, 0.9)),
            interval_95=(relative_change(lift, 0.025), relative_change(lift, 0.975)),
        ),
        p_better=lift.p_better,
        log_e=log_e,
        e_value=math.exp(min(log_e, MOST_EVIDENCE)),
    )


def relative_change(lift: LiftPosterior, q: float) -> float:
    """The relative change that the true one is below with probability q."""
    return math.expm1(lift.quantile(q))
