"""One arm against the control: calibrated, for everybody, and by every other way of reading, for statisticians."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.stats.aipw import Counterfactual, conversion_batches, counterfactual_difference
from vibevariant.stats.confidence_sequence import anytime_interval
from vibevariant.stats.drift import TrafficMix, traffic_mix
from vibevariant.stats.evidence import AllocationCounts, LiftPosterior, evidence, strata
from vibevariant.stats.fixed_sample import FixedSample, fixed_sample
from vibevariant.stats.health import MOST_EVIDENCE
from vibevariant.stats.lift_quantiles import LEVELS, LiftQuantiles
from vibevariant.stats.quantiles import quantiles_of


@dataclass(frozen=True, slots=True)
class Difference:
    """The rate of the arm less that of the baseline, as counted; None while one of them has no visitors.

    Args:
        newcombe_95: the interval to be shown; the others are there for comparison.
        wald_has_no_width: the textbook interval claims to know the difference exactly, which nobody does.
    """

    estimate: float | None
    newcombe_95: tuple[float, float] | None
    agresti_caffo_95: tuple[float, float] | None
    wald_95: tuple[float, float] | None
    wald_has_no_width: bool


@dataclass(frozen=True, slots=True)
class LiftLevels:
    """Changes that the true one is below with these probabilities ("0.5": the median).

    Args:
        relative: of the rate, .12 being 12 % more; rates taken as independent, which allows absurd lifts.
        absolute: the same, as a difference of rates.
        calibrated: the relative change that may be said aloud.
    """

    relative: dict[str, float]
    absolute: dict[str, float]
    calibrated: dict[str, float]


@dataclass(frozen=True, slots=True)
class ArmEvidence:
    """How strongly conversions speak for a difference, valid however often one looks.

    Args:
        e_value: 20 is proof between two arms; `log_e` is its logarithm.
        lift_95_anytime: relative lifts not excluded at this look or an earlier one; None for a side without an end.
    """

    e_value: float
    log_e: float
    lift_95_anytime: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """One arm against its baseline, the control.

    Args:
        difference: of the raw rates, which mislead where the weights changed.
        had_all_seen: how much more had everyone seen the arm, than had everyone seen the baseline; adjusted for time.
        p_better: calibrated chance that its rate is the higher one.
        significant: p_value below .05; holds for one look at a number of visitors fixed beforehand.
        few_expected: some expected count is below 5, so that z and chi-squared are rough guides: see Barnard's.
        reasons: for each number that is None, why.
        traffic_mix: whether the plain and the time-adjusted comparison differ.
    """

    arm: str
    baseline: str
    difference: Difference
    had_all_seen: Counterfactual
    lift: LiftLevels
    p_better: float
    z_score: float | None
    p_value: float | None
    significant: bool
    chi2: float | None
    chi2_p: float | None
    chi2_yates: float | None
    chi2_yates_p: float | None
    fisher_p: float | None
    barnard_p: float | None
    few_expected: bool
    reasons: dict[str, str]
    evidence: ArmEvidence
    traffic_mix: TrafficMix


def compare_with_control(
    arms: Sequence[str],
    control: int,
    arm: int,
    allocations: Sequence[AllocationCounts],
    *,
    matured: Sequence[AllocationCounts],
    lift: LiftPosterior,
    calibrated: dict[str, float],
    independent: LiftQuantiles,
) -> ArmComparison:
    """Say how an arm differs from the control.

    Args:
        allocations: everything that was counted.
        matured: what of it is evidence.
        lift: what is known of the log of the ratio of its rate to the control's; `calibrated` are its levels.
        independent: the lift of this arm, rates taken as independent.
    """
    exposed_a, exposed_b = (sum(counts[1][each] for counts in allocations) for each in (control, arm))
    conversions_a, conversions_b = (sum(counts[2][each] for counts in allocations) for each in (control, arm))
    classical = fixed_sample(conversions_a, exposed_a, conversions_b, exposed_b)
    return ArmComparison(
        arm=arms[arm],
        baseline=arms[control],
        difference=Difference(
            estimate=conversions_b / exposed_b - conversions_a / exposed_a
            if exposed_a and exposed_b
            else None,
            newcombe_95=classical.newcombe_95,
            agresti_caffo_95=classical.agresti_caffo_95,
            wald_95=classical.wald_95,
            wald_has_no_width=classical.wald_has_no_width,
        ),
        had_all_seen=counterfactual_difference(conversion_batches(allocations), control, arm),
        lift=LiftLevels(
            relative=_by_level(independent.levels, independent.relative),
            absolute=_by_level(independent.levels, independent.absolute),
            calibrated=calibrated,
        ),
        p_better=lift.p_better,
        z_score=classical.z.z_score,
        p_value=classical.z.p_value,
        significant=classical.z.significant,
        chi2=classical.chi_squared.statistic,
        chi2_p=classical.chi_squared.p_value,
        chi2_yates=classical.yates.statistic,
        chi2_yates_p=classical.yates.p_value,
        fisher_p=classical.fisher.p_value,
        barnard_p=classical.barnard.p_value,
        few_expected=classical.few_expected,
        reasons=_reasons(classical),
        evidence=arm_evidence(matured, control, arm),
        traffic_mix=traffic_mix(allocations, control, arm),
    )


def arm_evidence(allocations: Sequence[AllocationCounts], control: int, arm: int) -> ArmEvidence:
    """The evidence of a difference between an arm and the control, and the lifts that it does not exclude."""
    seen = strata(allocations, control, arm)
    log_e = evidence(seen)
    low, high = anytime_interval(seen, log_e=log_e)
    return ArmEvidence(
        e_value=math.exp(min(log_e, MOST_EVIDENCE)),
        log_e=log_e,
        lift_95_anytime=(low if low is None else math.expm1(low), high if high is None else math.expm1(high)),
    )


def lift_levels(lifts: Sequence[LiftPosterior]) -> list[dict[str, float]]:
    """For each lift, the relative changes that the true one is below, by their probabilities."""
    changes = np.expm1(quantiles_of(lifts, LEVELS)).tolist() if lifts else []
    return [_by_level(LEVELS, of_one) for of_one in changes]


def _by_level(levels: Sequence[float], values: Sequence[float]) -> dict[str, float]:
    return {f"{level:g}": value for level, value in zip(levels, values, strict=True)}


def _reasons(classical: FixedSample) -> dict[str, str]:
    undefined = {
        "z_score": classical.z.reason,
        "chi2": classical.chi_squared.reason,
        "chi2_yates": classical.yates.reason,
        "fisher_p": classical.fisher.reason,
        "barnard_p": classical.barnard.reason,
        "difference": None if classical.newcombe_95 is not None else "no visitors",
    }
    return {name: reason for name, reason in undefined.items() if reason is not None}
