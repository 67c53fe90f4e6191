"""Changes: whether there is anything new of experiments, looked up for many of them in two queries."""

from __future__ import annotations

import json
from collections.abc import Iterable

from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.tallies import Tally
from vibevariant.storage.database import Database


class Changes:
    """The counts as they are, and what the last refreshes knew of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tallies(self, experiments: Iterable[Experiment]) -> dict[int, list[Tally]]:
        """The tallies of each experiment by arm, allocation and goal."""
        found: dict[int, list[Tally]] = {experiment.id: [] for experiment in experiments}
        for id_, arm, allocation, goal_id, *sums in await self._database.rows(
            "tallies_of_many", rows=_numbers(found)
        ):
            found[id_].append(Tally(arm, allocation, goal_id, 0, "", *sums))
        return found

    async def digests(self, experiments: Iterable[Experiment]) -> dict[int, str]:
        """The digest of what the last refresh read, of each experiment that was ever refreshed."""
        numbers = _numbers(experiment.id for experiment in experiments)
        return dict(await self._database.rows("digests_of_many", rows=numbers))


def _numbers(ids: Iterable[int]) -> str:
    return json.dumps([[id_] for id_ in ids])
