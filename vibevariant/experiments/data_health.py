"""Whether what came in can be trusted: goals that fell silent, robots, what was sent twice, and what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.observations import HourCount, Observations
from vibevariant.experiments.tallies import HOUR
from vibevariant.stats.delay import DelayCurve, delay_curve, delay_difference, delay_note
from vibevariant.stats.silence import Arrivals, silence

WEEK_HOURS = 7 * 24
SHORTEST_PAST = 24
"""Hours. What an hour or two brought says nothing about a week: it is taken as a day's."""

MOSTLY_AT_ONCE = 0.9
"""Where this share of conversions comes within the first hour, there is nothing worth waiting for."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long the goal has not been reached.

    Args:
        last_seen_ms: start of the last hour in which it was; None if it never was.
        visitors_since: first exposed after that hour.
        expected: conversions that they would have brought at the rate before.
        probability: of so long a silence although nothing changed, at most.
        is_silent: it is below 1 in 1,000.
    """

    last_seen_ms: int | None
    visitors_since: int
    expected: float
    probability: float
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Delay:
    """How late conversions come.

    Args:
        median_hours, slow_hours: within which half of them and 95 % come; None while that is not known.
        arms: by arm, what its visitors are worth when each counts for the share of conversions that had the time to
            arrive, and the rate by that: provisional. The allocation reckons with them.
    """

    median_hours: float | None
    slow_hours: float | None
    arms: tuple[LateArm, ...]


@dataclass(frozen=True, slots=True)
class LateArm:
    """One arm, late conversions allowed for."""

    key: str
    effective_visitors: float
    rate: float | None


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What came in, and what to know about it.

    Args:
        silence: of the goal; None before the first visitor.
        arrivals: events and exposures counted, and what was left out as robots' or as sent twice.
        share_left_out: of all that came in.
        delay: None where conversions come at once, or nothing is known of it.
        unreached: goals of the experiment that nobody has ever reached.
        notes: sentences.
    """

    silence: Silence | None
    arrivals: Arrivals
    share_left_out: float | None
    delay: Delay | None
    unreached: tuple[str, ...]
    notes: tuple[str, ...]


def data_health(experiment: Experiment, observed: Observations, goal: ExperimentGoal) -> DataHealth:
    """Judges what was counted."""
    curve = delay_curve(observed.delays, goal.window_hours)
    reached = {tally.goal_id for tally in observed.tallies if tally.conversions}
    visitors = any(tally.exposed for tally in observed.tallies)
    return DataHealth(
        silence=_silence(observed.hours),
        arrivals=observed.arrivals,
        share_left_out=observed.arrivals.share_left_out,
        delay=_delay(experiment, observed, curve),
        unreached=tuple(each.key for each in experiment.goals if visitors and each.id not in reached),
        notes=tuple(_notes(experiment, observed, goal)),
    )


def visitors_per_week(hours: Sequence[HourCount], started_at: int | None, now: int) -> float | None:
    """First exposures a week, as of late: of the last seven days, or of as many as there were."""
    if started_at is None or not hours:
        return None
    this_hour = now // HOUR
    first = max(this_hour - WEEK_HOURS + 1, started_at // HOUR)
    seen = sum(each.exposed for each in hours if first <= each.hour <= this_hour)
    span = max(this_hour - first + 1, SHORTEST_PAST)
    return WEEK_HOURS * seen / span if seen else None


def _silence(hours: Sequence[HourCount]) -> Silence | None:
    if not any(each.exposed for each in hours):
        return None
    found = silence([each.exposed for each in hours], [each.conversions for each in hours])
    return Silence(
        None if found.last_seen is None else hours[found.last_seen].hour * HOUR,
        found.since,
        found.expected,
        found.probability,
        found.is_silent,
    )


def _delay(experiment: Experiment, observed: Observations, curve: DelayCurve) -> Delay | None:
    if curve.reason is not None or curve.masses[0] >= MOSTLY_AT_ONCE:
        return None
    arms = []
    for arm, counts in zip(experiment.arms, observed.delays, strict=True):
        effective = curve.effective_visitors(counts.ages)
        converted = sum(counts.delays)
        arms.append(LateArm(arm.key, effective, min(1.0, converted / effective) if effective else None))
    return Delay(curve.quantile(0.5), curve.quantile(0.95), tuple(arms))


def _notes(experiment: Experiment, observed: Observations, goal: ExperimentGoal) -> list[str]:
    notes = []
    if goal.window_hours is None and observed.delays:
        control = experiment.control
        for arm in experiment.arms:
            if arm is not control:
                differs = delay_difference(observed.delays[control.index], observed.delays[arm.index])
                note = delay_note(differs, control.name, arm.name)
                if note is not None:
                    notes.append(note)
    matured = observed.matured.get(goal.id)
    if matured is not None:
        waiting = sum(tally.exposed for tally in observed.tallies) - sum(tally.exposed for tally in matured)
        if waiting:
            notes.append(
                f"{waiting:,} visitor{'s' * (waiting != 1)} may still reach '{goal.key}' within its window: they are "
                f"counted in the table, and become evidence when it closes."
            )
    return notes
