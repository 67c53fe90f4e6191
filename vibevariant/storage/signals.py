"""Signals in the database: what visitors did short of converting, read from the stored events."""

from __future__ import annotations

from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.goals import from_micros
from vibevariant.experiments.signals import (
    CLICK,
    FORM_START,
    FORM_SUBMIT,
    SCROLL,
    TIME,
    SeenVisitor,
    grouped,
)
from vibevariant.stats.engagement import VisitorSignals
from vibevariant.storage.database import Database
from vibevariant.storage.tallies import FOREVER

MOST_VISITORS = 5_000
"""Signals matter while conversions are few. By the time that more visitors have come, conversions speak for themselves."""


class Signals:
    """What visitors did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def signals_of(self, experiment: Experiment, goal: ExperimentGoal) -> list[VisitorSignals]:
        """Of the first visitors who were shown an arm: what each did from then to the end, and whether the goal was reached.

        A goal that the experiment does not count has no conversions to tell by, and so no signals either.
        """
        if all(each.id != goal.id for each in experiment.goals):
            return []
        rows = await self._database.rows(
            "signals_of", experiment_id=experiment.id, goal_id=goal.id, most=MOST_VISITORS,
            ended_at=FOREVER if experiment.ended_at is None else experiment.ended_at,
            form_start=FORM_START, form_submit=FORM_SUBMIT, click=CLICK, scroll=SCROLL, seconds=TIME,
        )  # fmt: skip
        return grouped(
            SeenVisitor(
                arm, allocation, bool(converted), form, clicks, from_micros(scroll), from_micros(seconds)
            )
            for arm, allocation, converted, form, clicks, scroll, seconds in rows
        )
