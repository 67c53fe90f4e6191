"""What a reading of an experiment rests on: what was counted of it, what its visitors did, and what the past teaches."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, replace

from cachetools import LRUCache

from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.lessons import History, Lesson
from vibevariant.experiments.observations import Observations
from vibevariant.storage.database import Database
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.lessons import Lessons
from vibevariant.storage.signals import Signals

MOST_CONVERSIONS = 200
"""Of the goal. With more of them conversions speak for themselves, and what else visitors did is not looked up."""

MOST_HISTORIES = 256
"""Kept in memory: experiments of one project that count the same goal share theirs."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The basis of a reading."""

    observations: Observations
    history: History


class Observer:
    """Looks up all of it, for the job and for the doors."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._ledger = ledger
        self.signals = Signals(database)
        self.lessons = Lessons(database)
        self._histories: LRUCache[Hashable, History] = LRUCache(MOST_HISTORIES)

    async def observe(
        self,
        experiment: Experiment,
        goal: ExperimentGoal,
        now: int,
        *,
        first_hour: int | None = None,
        end_hour: int | None = None,
        lessons: list[Lesson] | None = None,
    ) -> Observed:
        """The basis for one goal, of those first exposed from one hour to another (not included).

        Signals belong to the whole experiment, so a part of it has none.
        """
        hours = {
            name: hour
            for name, hour in (("first_hour", first_hour), ("end_hour", end_hour))
            if hour is not None
        }
        observations = await self._ledger.observations(experiment, goal, now, **hours)
        conversions = sum(tally.conversions for tally in observations.tallies if tally.goal_id == goal.id)
        if not hours and conversions <= MOST_CONVERSIONS:
            signals = await self.signals.signals_of(experiment, goal)
            observations = replace(observations, signals=signals)
        if lessons is None:
            lessons = await self.lessons.of_project(experiment.project_id)
        return Observed(observations, await self._history(lessons, experiment, goal))

    async def _history(self, lessons: list[Lesson], experiment: Experiment, goal: ExperimentGoal) -> History:
        """What the lessons say, worked out beside the loop: with a hundred of them it takes a while."""
        others = [lesson for lesson in lessons if lesson.experiment_id != experiment.id]
        key = (
            experiment.project_id, goal.event, experiment.prior, experiment.ended_at,
            tuple((lesson.experiment_id, lesson.ended_at) for lesson in others),
        )  # fmt: skip
        known = self._histories.get(key)
        if known is None:
            known = await asyncio.to_thread(History.of, others, experiment, goal)
            self._histories[key] = known
        return known
