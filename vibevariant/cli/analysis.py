"""The shape of an analysis in JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vibevariant.stats.analysis import Analysis
from vibevariant.stats.reading import ArmReading, Reading

NOT_PLANNED = {
    "expected": None, "observed": None, "chi2": None, "p_value": None, "log_e": None,
    "reason": "no weights were given: the observed shares stand in for them",
}  # fmt: skip


def described(reading: Reading, analysis: Analysis, *, planned: bool) -> dict[str, Any]:
    """What `analyze` writes for one experiment: what `/results` carries, with visitors for the exposed ones.

    Without `planned` weights nothing can be said about whether visitors were split as planned.
    """
    beside = asdict(analysis)
    return {
        "arms": [
            {**_arm(arm), "had_all_seen": mean}
            for arm, mean in zip(reading.arms, beside.pop("had_all_seen"), strict=True)
        ],
        **beside,
        "sample_ratio": {**asdict(reading.sample_ratio), "reason": None} if planned else NOT_PLANNED,
        "forecast": None if reading.forecast is None else asdict(reading.forecast),
        "decision": {**asdict(reading.decision), "reasons": [reading.decision.reason]},
        "situation": asdict(reading.situation),
    }


def _arm(arm: ArmReading) -> dict[str, Any]:
    return {
        "key": arm.key,
        "visitors": arm.exposed,
        "conversions": arm.conversions,
        "rate": arm.rate,
        "posterior": {
            "alpha": arm.posterior.alpha, "beta": arm.posterior.beta, "mean": arm.posterior.mean,
            "interval_95": arm.interval_95, "at_most": arm.at_most,
        },
        "p_best": arm.p_best,
        "expected_loss": arm.expected_loss,
        "p_best_calibrated": arm.p_best_calibrated,
        "expected_loss_calibrated": arm.expected_loss_calibrated,
    }  # fmt: skip
