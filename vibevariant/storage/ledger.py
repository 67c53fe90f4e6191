"""The ledger: assignments and events are recorded here, tallied in the same transaction, and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from cachetools import TTLCache

from vibevariant.errors import ExperimentGone
from vibevariant.experiments.assignment import Assignment
from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.observations import Observations
from vibevariant.experiments.tallies import HOUR, Tally
from vibevariant.storage.batch import Batch
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database
from vibevariant.storage.facts import Claim, Facts, NewEvent, Recorded, RobotVisit
from vibevariant.storage.observations import event_tallies_of, observations_of, tallies_of
from vibevariant.storage.statements import Statements
from vibevariant.storage.tallies import FOREVER

CACHE_SECONDS = 3600
"""A cached assignment never goes stale (it is for ever); the limit only frees the memory of visitors long gone."""


class Ledger:
    """Records facts through the group commit. `catalog` gives the snapshot in force when a batch is applied."""

    def __init__(
        self, database: Database, catalog: Callable[[], Catalog], cache_visitors: int = 100_000
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._cache: TTLCache[tuple[int, str], Assignment] = TTLCache(max(1, cache_visitors), CACHE_SECONDS)
        self.news: Counter[int] = Counter()
        """Facts by experiment since the last refresh took them."""

    async def claim_assignments(self, claims: Sequence[Claim]) -> list[Assignment]:
        """The assignment that stands for each claim, in order; known visitors are answered from memory.

        Raises ExperimentGone when an experiment was deleted meanwhile.
        """
        known = [self._known(claim) for claim in claims]
        missing = tuple(claim for claim, found in zip(claims, known, strict=True) if found is None)
        if missing:
            recorded = await self.record(Facts(claims=missing))
            fresh = iter(recorded.assignments)
            known = [found if found is not None else next(fresh) for found in known]
        standing = [found for found in known if found is not None]
        if len(standing) < len(claims):
            raise ExperimentGone
        return standing

    def _known(self, claim: Claim) -> Assignment | None:
        found = self._cache.get((claim.experiment_id, claim.visitor_id))
        if found is None or (claim.exposed_at is not None and found.exposed_at is None):
            return None
        return found

    async def record_events(self, events: Sequence[NewEvent]) -> tuple[bool, ...]:
        """Stores the events of one request; for each, whether it was new. Answers after the commit."""
        recorded = await self.record(Facts(events=tuple(events)))
        return recorded.inserted

    async def count_robot(self, visit: RobotVisit) -> None:
        """Counts what a robot asked for or sent, of which nothing is stored."""
        await self.record(Facts(robot=visit))

    async def record(self, facts: Facts) -> Recorded:
        """Stores claims and events of one request in one transaction, together with whoever else waits."""
        size = max(1, len(facts.claims) + len(facts.events))
        recorded = await self._database.write_together(self._apply, facts, size)
        self.news.update(recorded.experiments)
        for claim, assignment in zip(facts.claims, recorded.assignments, strict=True):
            if assignment is not None:
                self._cache[claim.experiment_id, claim.visitor_id] = assignment
        return recorded

    async def _apply(self, connection: Connection, items: Sequence[Facts]) -> list[Recorded]:
        batch = Batch(Statements(self._database.queries, connection), self._catalog())
        return await batch.apply(items)

    def known(self, experiment: Experiment, visitor_id: str) -> Assignment | None:
        """The stored assignment of a visitor where it is in memory, which it is for whoever came lately."""
        return self._cache.get((experiment.id, visitor_id))

    async def assignment(self, experiment: Experiment, visitor_id: str) -> Assignment | None:
        """The stored assignment of a visitor, if there is one."""
        found = self.known(experiment, visitor_id)
        if found is not None:
            return found
        row = await self._database.row(
            "one_assignment",
            project_id=experiment.project_id, visitor=visitor_id, experiment_id=experiment.id,
        )  # fmt: skip
        return None if row is None else Assignment(experiment.id, visitor_id, *row)

    def forget(self) -> None:
        """Empties the memory of assignments; the next answers come from the database."""
        self._cache.clear()

    async def tallies(
        self, experiment: Experiment, first_hour: int = 0, end_hour: int = FOREVER
    ) -> list[Tally]:
        """The tallies by arm, allocation and goal of those first exposed from one hour to another (not included)."""
        return await tallies_of(self._database, experiment, first_hour, end_hour)

    async def event_tallies(
        self,
        experiment: Experiment,
        name: str,
        goal_id: int,
        first_hour: int = 0,
        end_hour: int = FOREVER // HOUR,
    ) -> list[Tally]:
        """The same for any event by its name, counted from the stored events: slow where there are many."""
        return await event_tallies_of(self._database, experiment, name, goal_id, first_hour, end_hour)

    async def observations(
        self,
        experiment: Experiment,
        goal: ExperimentGoal,
        now: int,
        *,
        first_hour: int = 0,
        end_hour: int = FOREVER // HOUR,
    ) -> Observations:
        """All that a reading of one goal needs, of those first exposed from one hour to another (not included).

        The goal may be one of the experiment's or any event, by a goal made up for it.
        """
        return await observations_of(self._database, experiment, goal, now, first_hour, end_hour)

    async def recount(self, experiment: Experiment) -> bool:
        """Rebuilds all that is derived from the facts; whether it differed from what was kept."""

        async def rebuild(connection: Connection) -> bool:
            queries: Any = self._database.queries
            number = {"experiment_id": experiment.id}

            async def derived() -> list[list[Any]]:
                return [
                    [row async for row in getattr(queries, query)(connection, **number)]
                    for query in ("every_tally", "every_conversion_hour", "every_conversion_delay")
                ]

            kept = await derived()
            for kind in ("conversions", "tallies", "conversion_hours", "conversion_delays"):
                await getattr(queries, f"delete_{kind}")(connection, **number)
            ended_at = FOREVER if experiment.ended_at is None else experiment.ended_at
            for goal in experiment.goals:
                window = FOREVER if goal.window_hours is None else goal.window_hours * HOUR
                await queries.recount_conversions(
                    connection, **number, goal_id=goal.id, event=goal.event, ended_at=ended_at, window=window
                )
            for kind in ("exposed", "converted", "conversion_hours", "conversion_delays"):
                await getattr(queries, f"recount_{kind}")(connection, **number)
            return kept != await derived()

        return await self._database.write(rebuild)
