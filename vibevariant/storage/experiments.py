"""Experiments in the database: written whole or not at all, read whole into the catalog."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vibevariant.errors import KeyTaken, NotFound
from vibevariant.experiments.experiment import (
    Allocation,
    Condition,
    Element,
    Experiment,
    ExperimentGoal,
    Status,
    Variant,
)
from vibevariant.experiments.priors import prior_of, written
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database

_FORGET = (
    "lesson", "readings", "decisions", "posterior", "tallies", "conversion_hours", "conversion_delays", "conversions",
    "assignments", "allocations", "experiment_goals", "variants", "elements", "experiment",
)  # fmt: skip


class Experiments:
    """Every experiment of every project."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def all(self) -> list[Experiment]:
        """Every experiment with its elements, goals and allocations, oldest first."""
        return await self._read(self._database.reader, None)

    async def _read(self, connection: Connection, id_: int | None) -> list[Experiment]:
        """Every experiment, or the one of this number."""

        async def rows(query: str) -> list[Any]:
            return [row async for row in getattr(self._queries, query)(connection, id=id_)]

        variants: dict[tuple[int, int], list[Variant]] = defaultdict(list)
        for home, element, key, name, is_control, payload in await rows("variants"):
            value = None if payload is None else json.loads(payload)
            variants[home, element].append(Variant(key, name, bool(is_control), value))
        elements: dict[int, list[Element]] = defaultdict(list)
        for home, position, key, name in await rows("elements"):
            elements[home].append(Element(key, name, tuple(variants[home, position])))
        goals: dict[int, list[ExperimentGoal]] = defaultdict(list)
        for home, *goal in await rows("experiment_goals"):
            goals[home].append(ExperimentGoal(*goal))
        allocations: dict[int, list[Allocation]] = defaultdict(list)
        for home, number, weights, traffic, enrolling, *rest in await rows("allocations"):
            allocation = Allocation(number, tuple(json.loads(weights)), traffic, bool(enrolling), *rest)
            allocations[home].append(allocation)
        return [
            _experiment(row, elements[row[0]], goals[row[0]], allocations[row[0]])
            for row in await rows("experiments")
        ]

    async def insert(self, experiment: Experiment) -> int:
        """Stores a new experiment with its elements, variants and goals, all or nothing, and gives its number.

        A goal the project knows by its key keeps its event and its window. Raises KeyTaken when the project has the
        experiment's key already.
        """

        async def work(connection: Connection) -> int:
            id_ = await self._queries.insert_experiment(connection, **_columns(experiment))
            if id_ is None:
                raise KeyTaken(
                    f"This project already has an experiment called '{experiment.key}'.",
                    field="key", hint="Choose another key, or delete the other experiment first.",
                )  # fmt: skip
            for position, element in enumerate(experiment.elements):
                await self._queries.insert_element(
                    connection, experiment_id=id_, position=position, key=element.key, name=element.name
                )
                await self._insert_variants(connection, id_, position, element, 0)
            for position, goal in enumerate(experiment.goals):
                goal_id = await self._goal(connection, experiment, goal)
                await self._queries.insert_experiment_goal(
                    connection, experiment_id=id_, goal_id=goal_id, role=goal.role, position=position
                )
            for allocation in experiment.allocations:
                await self._insert_allocation(connection, id_, allocation)
            return int(id_)

        return await self._database.write(work)

    async def _insert_variants(
        self, connection: Connection, id_: int, position: int, element: Element, known: int
    ) -> None:
        """Stores the variants of an element from the first one on that is not known yet."""
        for place, variant in enumerate(element.variants[known:], start=known):
            await self._queries.insert_variant(
                connection, experiment_id=id_, element=position, position=place,
                key=variant.key, name=variant.name, is_control=int(variant.is_control),
                payload=None if variant.payload is None else json.dumps(variant.payload),
            )  # fmt: skip

    async def _goal(self, connection: Connection, experiment: Experiment, goal: ExperimentGoal) -> int:
        known = await self._queries.find_goal(connection, project_id=experiment.project_id, key=goal.key)
        if known is None:
            return int(
                await self._queries.insert_goal(
                    connection, project_id=experiment.project_id, key=goal.key, event=goal.event,
                    window_hours=goal.window_hours, created_at=experiment.created_at,
                )
            )  # fmt: skip
        if known[1] != goal.event:
            raise KeyTaken(
                f"The goal '{goal.key}' of this project already counts the event '{known[1]}', not '{goal.event}'.",
                field="goals", hint="Use that event, or give this goal another key.",
            )  # fmt: skip
        if known[2] != goal.window_hours:
            raise KeyTaken(
                f"The goal '{goal.key}' of this project already counts events {_within(known[2])}, "
                f"not {_within(goal.window_hours)}.",
                field="goals", hint="Use that window, or give this goal another key.",
            )  # fmt: skip
        return int(known[0])

    async def _insert_allocation(self, connection: Connection, id_: int, allocation: Allocation) -> None:
        await self._queries.insert_allocation(
            connection, experiment_id=id_, number=allocation.number, weights=json.dumps(allocation.weights),
            traffic=allocation.traffic, enrolling=int(allocation.enrolling), started_at=allocation.started_at,
            cause=allocation.cause, actor=allocation.actor, reason=allocation.reason,
        )  # fmt: skip

    async def change(self, id_: int, step: Callable[[Experiment], Experiment]) -> Experiment:
        """Takes one step in an experiment's life, from what is stored now. Raises NotFound when it is gone."""

        async def work(connection: Connection) -> Experiment:
            return (await self._step(connection, id_, step))[1]

        return await self._database.write(work)

    async def step(self, connection: Connection, id_: int, step: Callable[[Experiment], Experiment]) -> bool:
        """The same within an open transaction; whether it made a new allocation."""
        before, after = await self._step(connection, id_, step)
        return len(after.allocations) > len(before.allocations)

    async def _step(
        self, connection: Connection, id_: int, step: Callable[[Experiment], Experiment]
    ) -> tuple[Experiment, Experiment]:
        found = await self._read(connection, id_)
        if not found:
            raise NotFound("This experiment was deleted meanwhile.")
        before = found[0]
        after = step(before)
        await self._queries.update_experiment(connection, **(_columns(after) | {"id": id_}))
        for position, element in enumerate(after.elements):
            await self._insert_variants(
                connection, id_, position, element, len(before.elements[position].variants)
            )
        for allocation in after.allocations[len(before.allocations) :]:
            await self._insert_allocation(connection, id_, allocation)
        return before, after

    async def delete(self, id_: int) -> None:
        """Deletes an experiment with its assignments and tallies; the events stay, they are the project's."""

        async def work(connection: Connection) -> None:
            for kind in _FORGET:
                await getattr(self._queries, f"forget_{kind}")(connection, id=id_)

        await self._database.write(work)


def _within(window_hours: int | None) -> str:
    return "however late" if window_hours is None else f"within {window_hours} hours of the exposure"


def _columns(experiment: Experiment) -> dict[str, Any]:
    return {
        "project_id": experiment.project_id,
        "key": experiment.key,
        "name": experiment.name,
        "description": experiment.description,
        "type": experiment.type,
        "mode": experiment.mode,
        "dropped": json.dumps(experiment.dropped),
        "status": experiment.status.value,
        "source": experiment.source,
        "targeting": json.dumps([[c.attribute, c.operator, c.value] for c in experiment.targeting]),
        "weights": json.dumps(experiment.weights),
        "traffic": experiment.traffic,
        "created_at": experiment.created_at,
        "started_at": experiment.started_at,
        "ended_at": experiment.ended_at,
        "winner": experiment.winner,
        "prior": json.dumps(written(experiment.prior)),
    }


def _experiment(
    row: Any, elements: list[Element], goals: list[ExperimentGoal], allocations: list[Allocation]
) -> Experiment:
    (id_, project_id, key, name, description, type_, mode, status, source, targeting, weights, *rest) = row
    traffic, created_at, started_at, ended_at, winner, prior, dropped = rest
    return Experiment(
        id=id_, project_id=project_id, key=key, name=name, description=description, type=type_, mode=mode,
        status=Status(status), source=source, elements=tuple(elements), goals=tuple(goals),
        targeting=tuple(Condition(*condition) for condition in json.loads(targeting)),
        weights=tuple(json.loads(weights)), traffic=traffic, created_at=created_at, started_at=started_at,
        ended_at=ended_at, winner=winner, allocations=_filled(allocations, weights), prior=prior_of(json.loads(prior)),
        dropped=tuple(json.loads(dropped)),
    )  # fmt: skip


def _filled(allocations: list[Allocation], weights: str) -> tuple[Allocation, ...]:
    """The allocations with the weight 0 for every arm that came after them."""
    arms = len(json.loads(weights))
    return tuple(
        replace(each, weights=each.weights + (0,) * (arms - len(each.weights))) for each in allocations
    )
