"""One arm in the results: what was counted, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vibevariant.experiments.experiment import WHOLE, Experiment
from vibevariant.experiments.goals import from_micros
from vibevariant.stats.aipw import Counterfactual
from vibevariant.stats.reading import ArmReading, Reading


class Events(NamedTuple):
    """Events of the goal, and the sum of their values in millionths."""

    events: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class Posterior:
    """The Beta posterior of an arm's rate, on its own; `at_most` is what the rate is below with 95 % probability."""

    alpha: float
    beta: float
    mean: float
    interval_95: tuple[float, float]
    at_most: float


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: what was counted, and what it says.

    `weight` is the share of newcomers who get this arm now; nobody gets one that was `dropped`. `events` and `value` add
    up over all matching events. `primary_conversion_rate` is the raw rate, `had_all_seen` the rate had every visitor
    been shown this arm, adjusted for time, and `rate` the one of them to show (`Rates`), with its interval.
    """

    key: str
    name: str
    is_control: bool
    variants: dict[str, str]
    weight: float
    dropped: bool
    exposed: int
    conversions: int
    primary_event_count: int
    primary_unique_users: int
    primary_conversion_rate: float | None
    rate: float | None
    rate_95: tuple[float, float] | None
    value: float
    posterior: Posterior
    p_best: float
    expected_loss: float
    p_best_calibrated: float
    expected_loss_calibrated: float
    had_all_seen: Counterfactual


def arm_results(
    experiment: Experiment,
    reading: Reading,
    had_all_seen: Sequence[Counterfactual],
    method: Literal["raw", "adjusted"],
    events: Mapping[int, Events],
) -> tuple[ArmResult, ...]:
    """The arms in their order; `events` are by arm, none where there were none."""
    return tuple(
        _arm(experiment, index, arm, mean, method, events.get(index, Events()))
        for index, (arm, mean) in enumerate(zip(reading.arms, had_all_seen, strict=True))
    )


def _arm(
    experiment: Experiment,
    index: int,
    reading: ArmReading,
    had_all_seen: Counterfactual,
    method: Literal["raw", "adjusted"],
    events: Events,
) -> ArmResult:
    arm = experiment.arms[index]
    known = reading.posterior
    adjusted = method == "adjusted"
    return ArmResult(
        key=arm.key,
        name=arm.name,
        is_control=arm.is_control,
        variants=dict(arm.variants),
        weight=experiment.weights[index] / WHOLE,
        dropped=arm.key in experiment.dropped,
        exposed=reading.exposed,
        conversions=reading.conversions,
        primary_event_count=events.events,
        primary_unique_users=reading.conversions,
        primary_conversion_rate=reading.rate,
        rate=had_all_seen.mean if adjusted else reading.rate,
        rate_95=had_all_seen.interval_95 if adjusted else reading.interval_95,
        value=from_micros(events.value),
        posterior=Posterior(known.alpha, known.beta, known.mean, reading.interval_95, reading.at_most),
        p_best=reading.p_best,
        expected_loss=reading.expected_loss,
        p_best_calibrated=reading.p_best_calibrated,
        expected_loss_calibrated=reading.expected_loss_calibrated,
        had_all_seen=had_all_seen,
    )
