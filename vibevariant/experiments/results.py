"""Results: the counts of an experiment, what they say of its arms, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import WHOLE, Experiment, ExperimentGoal, Status
from vibevariant.experiments.goals import from_micros
from vibevariant.experiments.tallies import Tally
from vibevariant.stats.allocation import thompson_weights, worth_publishing
from vibevariant.stats.decision import Decision
from vibevariant.stats.frequentist import ChiSquared
from vibevariant.stats.health import SampleRatio
from vibevariant.stats.lift import ArmComparison
from vibevariant.stats.reading import ArmReading, read


@dataclass(frozen=True, slots=True)
class Summary:
    """All arms together."""

    exposed: int
    conversions: int
    conversion_rate: float | None


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

    `weight` is the share of newcomers who get this arm now. `events` and `value` add up over all matching events.
    """

    key: str
    name: str
    is_control: bool
    variants: dict[str, str]
    weight: float
    exposed: int
    conversions: int
    primary_event_count: int
    primary_unique_users: int
    primary_conversion_rate: float | None
    value: float
    posterior: Posterior
    p_best: float
    expected_loss: float
    p_best_calibrated: float
    expected_loss_calibrated: float


@dataclass(frozen=True, slots=True)
class Results:
    """What is known of an experiment for one goal, of the visitors first exposed from `first_ms` to `end_ms`."""

    experiment: str
    status: Status
    goal: str
    event: str
    allocation: int | None
    read_at: int
    first_ms: int | None
    end_ms: int | None
    summary: Summary
    arms: tuple[ArmResult, ...]
    comparisons: tuple[ArmComparison, ...]
    chi_squared: ChiSquared
    sample_ratio: SampleRatio
    decision: Decision


def results(
    experiment: Experiment,
    tallies: Sequence[Tally],
    *,
    now: int,
    goal: ExperimentGoal | None = None,
    first_ms: int | None = None,
    end_ms: int | None = None,
    sample_ratio_log_e_before: float = 0.0,
) -> Results:
    """Reads an experiment's tallies for one goal (the primary one unless named).

    `now` decides how many weeks it has run; one that has ended is read as at its end. A sample ratio that was off
    at the look before too alarms sooner.
    """
    goal = goal or experiment.primary_goal
    counts = _Counts(len(experiment.arms))
    for tally in tallies:
        counts.add(tally, goal.id)
    reading = read(
        [arm.key for arm in experiment.arms],
        experiment.control.index,
        [
            (allocation.weights, counts.exposed[allocation.number], counts.conversions[allocation.number])
            for allocation in experiment.allocations
        ],
        goal=goal.key,
        started_ms=experiment.started_at,
        now_ms=now if experiment.ended_at is None else min(now, experiment.ended_at),
        sample_ratio_log_e_before=sample_ratio_log_e_before,
        ended=experiment.ended_at is not None,
    )
    exposed = sum(arm.exposed for arm in reading.arms)
    conversions = sum(arm.conversions for arm in reading.arms)
    return Results(
        experiment=experiment.key,
        status=experiment.status,
        goal=goal.key,
        event=goal.event,
        allocation=experiment.allocation.number if experiment.allocation else None,
        read_at=now,
        first_ms=first_ms,
        end_ms=end_ms,
        summary=Summary(exposed, conversions, conversions / exposed if exposed else None),
        arms=tuple(
            _arm(experiment, index, arm, counts.events[index], counts.value[index])
            for index, arm in enumerate(reading.arms)
        ),
        comparisons=reading.comparisons,
        chi_squared=reading.chi_squared,
        sample_ratio=reading.sample_ratio,
        decision=reading.decision,
    )


class _Counts:
    """Tallies gathered by allocation, and events by arm."""

    def __init__(self, arms: int) -> None:
        self.exposed: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
        self.conversions: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
        self.events = [0] * arms
        self.value = [0] * arms

    def add(self, tally: Tally, goal_id: int) -> None:
        self.exposed[tally.allocation][tally.arm] += tally.exposed
        if tally.goal_id == goal_id:
            self.conversions[tally.allocation][tally.arm] += tally.conversions
            self.events[tally.arm] += tally.events
            self.value[tally.arm] += tally.value


def _arm(experiment: Experiment, index: int, reading: ArmReading, events: int, value: int) -> ArmResult:
    arm = experiment.arms[index]
    return ArmResult(
        key=arm.key,
        name=arm.name,
        is_control=arm.is_control,
        variants=dict(arm.variants),
        weight=experiment.weights[index] / WHOLE,
        exposed=reading.exposed,
        conversions=reading.conversions,
        primary_event_count=events,
        primary_unique_users=reading.conversions,
        primary_conversion_rate=reading.rate,
        value=from_micros(value),
        posterior=Posterior(
            reading.posterior.alpha,
            reading.posterior.beta,
            reading.posterior.mean,
            reading.interval_95,
            reading.at_most,
        ),
        p_best=reading.p_best,
        expected_loss=reading.expected_loss,
        p_best_calibrated=reading.p_best_calibrated,
        expected_loss_calibrated=reading.expected_loss_calibrated,
    )


def next_weights(experiment: Experiment, read: Results) -> tuple[int, ...] | None:
    """The weights that follow from a reading, or None when those in force should stay.

    Only a running adaptive experiment moves, and a broken one is frozen: its counts cannot be trusted. Small moves
    are not published, so that the allocations stay few.
    """
    if (
        experiment.mode != "adaptive"
        or experiment.status is not Status.RUNNING
        or experiment.source == "imported"
    ):
        return None
    if read.decision.status == "broken" or not read.summary.exposed:
        return None
    weights = thompson_weights([arm.p_best for arm in read.arms])
    return weights if worth_publishing(experiment.weights, weights) else None
