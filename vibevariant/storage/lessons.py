"""Lessons in the database: one for each finished experiment, gone with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from vibevariant.experiments.lessons import Lesson
from vibevariant.stats.effect_correlation import EffectPair
from vibevariant.stats.signal_weights import SignalWeights
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database


class Lessons:
    """What finished experiments have taught their projects."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def of_project(self, project_id: int) -> list[Lesson]:
        """Every lesson of a project."""
        return [from_columns(row) for row in await self._database.rows("lessons_of", project_id=project_id)]

    async def save(self, connection: Connection, lesson: Lesson) -> None:
        """Keeps a lesson within an open transaction, in place of an earlier one of the same experiment."""
        await self._queries.save_lesson(connection, **to_columns(lesson))

    async def forget(self, connection: Connection, experiment_id: int) -> None:
        """Unlearns an experiment within an open transaction."""
        await self._queries.forget_lesson(connection, id=experiment_id)


def to_columns(lesson: Lesson) -> dict[str, Any]:
    """The lesson as it is kept."""
    return {
        "experiment_id": lesson.experiment_id,
        "event": lesson.event,
        "ended_at": lesson.ended_at,
        "log_marginals": json.dumps(lesson.log_marginals),
        "arms": json.dumps(lesson.arms),
        "weights": json.dumps(astuple(lesson.weights)),
        "pairs": json.dumps([astuple(pair) for pair in lesson.pairs]),
    }


def from_columns(row: Sequence[Any]) -> Lesson:
    """The lesson that was kept, from its columns in the same order."""
    experiment_id, event, ended_at, log_marginals, arms, weights, pairs = row
    mean, precision, conversions = json.loads(weights)
    return Lesson(
        experiment_id=experiment_id,
        event=event,
        ended_at=ended_at,
        log_marginals=tuple(json.loads(log_marginals)),
        arms=tuple((converted, exposed) for converted, exposed in json.loads(arms)),
        weights=SignalWeights(tuple(mean), tuple(tuple(line) for line in precision), conversions),
        pairs=tuple(EffectPair(*pair) for pair in json.loads(pairs)),
    )
