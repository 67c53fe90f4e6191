"""Visits: a crowd comes to one experiment, assigned, counted and reallocated by the code that serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.experiments.allocation_scenario import AllocationScenario
from vibevariant.experiments.assignment import Enrolment, decide
from vibevariant.experiments.crowd import START, Crowd, Whole
from vibevariant.experiments.data_health import data_health
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lessons import History
from vibevariant.experiments.lifecycle import reallocate, start
from vibevariant.experiments.observations import HourCount, Observations
from vibevariant.experiments.results import Results, renew
from vibevariant.experiments.tallies import EXPOSED, HOUR, Tally
from vibevariant.stats.allocation import weights_in_mode, worth_publishing
from vibevariant.stats.decision import Decision, proof_needed
from vibevariant.stats.delay import DelayCounts
from vibevariant.stats.evidence import AllocationCounts, evidence_better, strata
from vibevariant.stats.steering import steering_chances

# A refresh whenever there is so much more of the whole traffic, and never after fewer visitors than that.
REFRESHES, FEWEST_BETWEEN = 200, 10
# How often the results are read on the way, at numbers of visitors that grow by the same share.
LOOKS = 20
NEVER = -1


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The chances by which visitors are steered after so many of them."""

    visitors: int
    p_best: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What `/results` would have said after so many visitors: each arm's chance of being best, and what to do."""

    visitors: int
    p_best: tuple[float, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Visits:
    """What became of a crowd.

    Args:
        experiment: as it is in the end, with all its allocations.
        arms, allocations, converted_at: of each visitor; `NEVER` for who did not convert in time.
        from_visitor: how many visitors had come before each allocation.
        looks: at the results; the last one is at the end, and is `results`.
    """

    scenario: AllocationScenario
    crowd: Crowd
    experiment: Experiment
    arms: Whole
    allocations: Whole
    converted_at: Whole
    from_visitor: tuple[int, ...]
    refreshed: tuple[Refreshed, ...]
    looks: tuple[Look, ...]
    results: Results

    @property
    def exposed(self) -> tuple[int, ...]:
        """Visitors of each arm."""
        return tuple(np.bincount(self.arms, minlength=len(self.experiment.arms)).tolist())

    @property
    def conversions(self) -> tuple[int, ...]:
        """Visitors of each arm who converted in time."""
        converted = self.arms[self.converted_at != NEVER]
        return tuple(np.bincount(converted, minlength=len(self.experiment.arms)).tolist())

    @property
    def leader(self) -> int:
        """The arm that is best as far as the results know."""
        return self.experiment.arms_by_key[self.results.situation.leader].index


def visit(
    scenario: AllocationScenario,
    seed: int,
    *,
    looks: int = LOOKS,
    advance: Callable[[int], object] = lambda _: None,
) -> Visits:
    """Lets all visitors of a scenario come to it, and renews the weights on the way as its mode asks for.

    Args:
        looks: how often the results are read on the way, about; the last time is at the end.
    """
    course = _Course(scenario, Crowd.of(scenario, seed))
    every = max(FEWEST_BETWEEN, scenario.visitors // REFRESHES)
    ends = [*range(every, scenario.visitors, every), scenario.visitors]
    read_at = _spread(ends, looks)
    came = 0
    for end in ends:
        course.let_in(came, end)
        if end in read_at:
            course.look(end)
        course.refresh(end)
        advance(end - came)
        came = end
    return course.ended()


def _spread(ends: Sequence[int], looks: int) -> set[int]:
    """Some of the refreshes, of which each comes after about the same share more visitors; the last one is the end.

    Round numbers are among them.
    """
    wanted = [*np.geomspace(ends[-1], ends[0], looks).tolist(), *(10**power for power in range(2, 7))]
    return {min(ends, key=lambda end: abs(end - want)) for want in wanted}


class _Course:
    """An experiment as its visitors come."""

    def __init__(self, scenario: AllocationScenario, crowd: Crowd) -> None:
        self._scenario = scenario
        self._crowd = crowd
        self._experiment = start(scenario.experiment(START), START, "owner")
        self._history = History.of((), self._experiment)
        self._arms, self._allocations = np.zeros((2, len(crowd)), np.int64)
        self._converted_at = np.full(len(crowd), NEVER)
        self._from_visitor = [0]
        self._refreshed: list[Refreshed] = []
        self._looks: list[Look] = []
        self._last: Results | None = None

    def let_in(self, first: int, end: int) -> None:
        """The next visitors come."""
        for number in range(first, end):
            enrolled = decide(self._experiment, self._crowd.visitor_id(number), {})
            assert isinstance(enrolled, Enrolment)
            self._arms[number] = enrolled.arm.index
            self._allocations[number] = enrolled.allocation.number
            converted_at = self._crowd.converted_at(number, enrolled.arm.index)
            if converted_at is not None:
                self._converted_at[number] = converted_at

    def refresh(self, came: int) -> None:
        """New weights, where they follow from what is known by now: those of `basis.next_weights`, without the reading
        around them that takes twenty times as long.
        """
        now = self._now(came)
        counts, design = self._counts(came, now), self._experiment.design
        p_best = steering_chances(
            counts, len(self._experiment.arms),
            prior=self._history.rate, effective=self._effective(came, now), design=design,
        )  # fmt: skip
        self._refreshed.append(Refreshed(came, p_best))
        mode = self._experiment.mode
        if mode == "fixed" or came == len(self._crowd):
            return
        weights = weights_in_mode(p_best, mode, came, harmed=self._harmed(counts))
        if worth_publishing(self._experiment.weights, weights):
            self._experiment = reallocate(
                self._experiment, weights, self._experiment.traffic, now, "refresh", "appliance"
            )
            self._from_visitor.append(came)

    def look(self, came: int) -> None:
        """Reads the results as they are by now."""
        now = self._now(came)
        before = 0.0 if self._last is None else self._last.sample_ratio.log_e
        self._last = read = renew(
            self._experiment, self._observations(came, now), self._history,
            now=now, sample_ratio_log_e_before=before,
        ).results  # fmt: skip
        chances = tuple(arm.p_best_calibrated for arm in read.arms)
        self._looks.append(Look(came, chances, read.decision))

    def ended(self) -> Visits:
        """What became of all of it."""
        assert self._last is not None
        return Visits(
            self._scenario, self._crowd, self._experiment, self._arms, self._allocations, self._converted_at,
            tuple(self._from_visitor), tuple(self._refreshed), tuple(self._looks), self._last,
        )  # fmt: skip

    def _now(self, came: int) -> int:
        """When the next visitor comes; after the last one, the end."""
        return int(self._crowd.at[came]) if came < len(self._crowd) else self._crowd.ends_at

    def _converted(self, came: int, now: int) -> Whole:
        """Which of those who have come are known to have converted."""
        at = self._converted_at[:came]
        return np.flatnonzero((at != NEVER) & (at <= now))

    def _cells(self, visitors: Whole) -> Whole:
        """So many of these visitors: shaped (allocations, arms)."""
        arms, allocations = len(self._experiment.arms), len(self._experiment.allocations)
        cells = (self._allocations[visitors] - 1) * arms + self._arms[visitors]
        return np.bincount(cells, minlength=allocations * arms).reshape(allocations, arms)

    def _counts(self, came: int, now: int) -> list[AllocationCounts]:
        exposed = self._cells(np.arange(came)).tolist()
        converted = self._cells(self._converted(came, now)).tolist()
        return [
            (allocation.weights, *counts)
            for allocation, *counts in zip(self._experiment.allocations, exposed, converted, strict=True)
        ]

    def _effective(self, came: int, now: int) -> list[float] | None:
        """What each arm's visitors are worth while conversions are still to come; None where they come at once."""
        if self._scenario.delay_hours is None:
            return None
        observed = self._observations(came, now)
        delay = data_health(self._experiment, observed, self._experiment.primary_goal).delay
        return None if delay is None else [arm.effective_visitors for arm in delay.arms]

    def _harmed(self, counts: Sequence[AllocationCounts]) -> set[int]:
        """Arms that are proven to be worse than the control."""
        control, enough = self._experiment.control.index, proof_needed(len(self._experiment.arms))
        others = [arm.index for arm in self._experiment.arms if arm.index != control]
        return {arm for arm in others if evidence_better(strata(counts, arm, control)) > enough}

    def _observations(self, came: int, now: int) -> Observations:
        """What an appliance would have counted."""
        goal = self._experiment.primary_goal.id
        converted = self._converted(came, now)
        tallies = []
        for number, (_, exposed, conversions) in enumerate(self._counts(came, now), start=1):
            for arm, (shown, reached) in enumerate(zip(exposed, conversions, strict=True)):
                tallies += [
                    Tally(arm, number, EXPOSED, 0, "", shown, 0, 0, 0),
                    Tally(arm, number, goal, 0, "", 0, reached, reached, 0),
                ]
        return Observations(
            tallies=tallies,
            hours=_hours(self._crowd.at[:came] // HOUR, self._converted_at[converted] // HOUR),
            delays=self._delays(came, now, converted),
        )

    def _delays(self, came: int, now: int, converted: Whole) -> list[DelayCounts]:
        """Visitors by age and conversions by delay; all visitors of an hour are as old as those of its middle."""
        hours = self._crowd.at[:came] // HOUR
        ages = np.maximum(0, (now - hours * HOUR - HOUR // 2) // HOUR)
        late = (self._converted_at[converted] - self._crowd.at[converted]) // HOUR
        return [
            DelayCounts(
                np.bincount(ages[self._arms[:came] == arm.index]).tolist(),
                np.bincount(late[self._arms[converted] == arm.index]).tolist(),
            )
            for arm in self._experiment.arms
        ]


def _hours(exposed: Whole, converted: Whole) -> list[HourCount]:
    first = int(exposed[0])
    last = int(max(exposed[-1], converted.max(initial=first)))
    shown = np.bincount(exposed - first, minlength=last - first + 1)
    reached = np.bincount(converted - first, minlength=last - first + 1)
    return [
        HourCount(first + hour, int(shown[hour]), int(reached[hour]))
        for hour in np.flatnonzero(shown + reached).tolist()
    ]
