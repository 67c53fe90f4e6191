"""What every allocation and every change of mind was made from, so that it can be made again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from vibevariant.errors import StorageError
from vibevariant.experiments.basis import Basis, basis_from
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database


@dataclass(frozen=True, slots=True)
class KeptReading:
    """One reading that something came of.

    Args:
        engine: the version of the statistics that read it.
        allocation: the number of the allocation that it made; None where it changed only the decision.
        outcome: what came of it, in the very letters that were stored.
    """

    experiment_id: int
    at: int
    engine: int
    allocation: int | None
    basis: Basis
    outcome: str


class Readings:
    """The readings behind the history of every experiment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def save(self, connection: Connection, reading: KeptReading) -> None:
        """Keeps a reading within an open transaction."""
        await self._queries.save_reading(
            connection, experiment_id=reading.experiment_id, at=reading.at, engine=reading.engine,
            allocation=reading.allocation, basis=json.dumps(asdict(reading.basis), separators=(",", ":")),
            outcome=reading.outcome,
        )  # fmt: skip

    async def of(self, experiment_id: int) -> list[KeptReading]:
        """All that are kept of one experiment, oldest first."""
        rows = await self._database.rows("readings_of", experiment_id=experiment_id)
        return [
            KeptReading(experiment_id, at, engine, allocation, _basis(basis, at), outcome)
            for at, engine, allocation, basis, outcome in rows
        ]


def _basis(written: str, at: int) -> Basis:
    try:
        return basis_from(json.loads(written))
    except (ValueError, LookupError, TypeError) as fault:
        raise StorageError(
            f"What the reading of {at} was made from cannot be read: {fault}.",
            hint="The row was changed from outside; restore a backup of the database.",
        ) from fault
