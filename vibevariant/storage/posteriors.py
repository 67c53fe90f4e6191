"""What each refresh read and concluded, and the history of its decisions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database


@dataclass(frozen=True, slots=True)
class Posterior:
    """The last refresh of an experiment. `digest` tells whether anything has changed since; `reading` is JSON."""

    experiment_id: int
    refreshed_at: int
    digest: str
    reading: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PastDecision:
    """What was decided from some time on."""

    at: int
    status: str
    reason: str
    arm: str | None
    sentence: str


class Posteriors:
    """The readings that allocations were made from."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def all(self) -> dict[int, Posterior]:
        """The last reading of every experiment that has one."""
        return {row[0]: _posterior(row) for row in await self._database.rows("posteriors")}

    async def of(self, experiment_id: int) -> Posterior | None:
        """The last reading of one experiment."""
        row = await self._database.row("posterior", experiment_id=experiment_id)
        return None if row is None else _posterior(row)

    async def save(self, connection: Connection, posterior: Posterior) -> bool:
        """Keeps a reading within an open transaction, and its decision where it differs from the last one.

        Gives whether it does.
        """
        await self._queries.save_posterior(
            connection, experiment_id=posterior.experiment_id, refreshed_at=posterior.refreshed_at,
            digest=posterior.digest, reading=json.dumps(posterior.reading),
        )  # fmt: skip
        decision = posterior.reading["decision"]
        last = await self._queries.last_decision(connection, experiment_id=posterior.experiment_id)
        changed: bool = last != (decision["status"], decision["reason"], decision["arm"])
        if changed:
            await self._queries.insert_decision(
                connection, experiment_id=posterior.experiment_id, at=posterior.refreshed_at,
                status=decision["status"], reason=decision["reason"], arm=decision["arm"],
                sentence=decision["sentence"],
            )  # fmt: skip
        return changed

    async def history(self, experiment_id: int) -> list[PastDecision]:
        """Each change of mind, oldest first."""
        return [
            PastDecision(*row)
            for row in await self._database.rows("decisions_of", experiment_id=experiment_id)
        ]


def _posterior(row: Any) -> Posterior:
    experiment_id, refreshed_at, digest, reading = row
    return Posterior(experiment_id, refreshed_at, digest, json.loads(reading))
