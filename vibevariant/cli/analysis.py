"""The shape of an analysis in JSON."""

from __future__ import annotations

from typing import Any

from vibevariant.stats.analysis import Analysis, PairAnalysis
from vibevariant.stats.lift_quantiles import LEVELS
from vibevariant.stats.reading import ArmReading


def described(analysis: Analysis) -> dict[str, Any]:
    """What `analyze` writes for one experiment."""
    ratio = analysis.sample_ratio
    return {
        "arms": [_arm(arm) for arm in analysis.arms],
        "comparisons": [_pair(pair) for pair in analysis.pairs],
        "overall": {
            "chi2": analysis.overall.statistic, "df": analysis.overall.df, "p_value": analysis.overall.p_value,
            "reason": analysis.overall.reason,
        },
        "sample_ratio": {
            "expected": ratio.expected, "chi2": ratio.chi2, "p_value": ratio.p_value, "log_e": ratio.log_e,
            "reason": None,
        }
        if analysis.planned
        else {
            "expected": None, "chi2": None, "p_value": None, "log_e": None,
            "reason": "no weights were given: the observed shares stand in for them",
        },
        "decision": {
            "status": analysis.decision.status, "arm": analysis.decision.arm, "sentence": analysis.decision.sentence,
            "reasons": [analysis.decision.reason], "action": analysis.decision.action,
        },
    }  # fmt: skip


def _arm(arm: ArmReading) -> dict[str, Any]:
    return {
        "key": arm.key,
        "visitors": arm.exposed,
        "conversions": arm.conversions,
        "posterior": {
            "alpha": arm.posterior.alpha, "beta": arm.posterior.beta, "mean": arm.posterior.mean,
            "interval_95": arm.interval_95,
        },
        "p_best": arm.p_best,
        "expected_loss": arm.expected_loss,
        "p_best_calibrated": arm.p_best_calibrated,
        "expected_loss_calibrated": arm.expected_loss_calibrated,
    }  # fmt: skip


def _pair(pair: PairAnalysis) -> dict[str, Any]:
    classical, comparison = pair.classical, pair.comparison
    return {
        "arm": comparison.arm,
        "baseline": comparison.control,
        "difference": {
            "estimate": comparison.difference, "newcombe_95": classical.newcombe_95,
            "agresti_caffo_95": classical.agresti_caffo_95, "wald_95": classical.wald_95,
        },
        "lift": {
            "relative": _levels(pair.independent.relative),
            "absolute": _levels(pair.independent.absolute),
            "calibrated": _levels(pair.calibrated),
        },
        "p_better_calibrated": comparison.p_better,
        "z_score": classical.z.z_score,
        "p_value": classical.z.p_value,
        "chi2": classical.chi_squared.statistic,
        "chi2_p": classical.chi_squared.p_value,
        "chi2_yates": classical.yates.statistic,
        "chi2_yates_p": classical.yates.p_value,
        "fisher_p": classical.fisher.p_value,
        "barnard_p": classical.barnard.p_value,
        "few_expected": classical.few_expected,
        "evidence": {
            "e_value": comparison.e_value, "log_e": comparison.log_e, "lift_95_anytime": pair.lift_95_anytime,
        },
    }  # fmt: skip


def _levels(values: tuple[float, ...]) -> dict[str, float]:
    return {str(level): value for level, value in zip(LEVELS, values, strict=True)}
