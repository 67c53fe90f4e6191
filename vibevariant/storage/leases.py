"""Leases: work that one process does at a time, however many share the database."""

from __future__ import annotations

from typing import Any

from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database


class Leases:
    """Who may do which work, and until when.

    Times come from whoever asks. Clocks may differ by as long as a lease lasts; one that ends later than that must have
    been taken when somebody's clock was wrong, and holds nobody up.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries: Any = database.queries

    async def take(self, name: str, holder: str, now: int, for_ms: int) -> bool:
        """Whether the work is this holder's from now on, for so long: nobody else has it, or it ran out."""
        return await self._database.write(lambda connection: self.keep(connection, name, holder, now, for_ms))

    async def keep(self, connection: Connection, name: str, holder: str, now: int, for_ms: int) -> bool:
        """The same within an open transaction, so that what is stored in it is stored by the holder or not at all."""
        taken = await self._queries.take_lease(
            connection, name=name, holder=holder, now=now, expires_at=now + for_ms, latest=now + 2 * for_ms
        )
        return taken is not None

    async def release(self, name: str, holder: str) -> None:
        """Lets somebody else have it at once. Of a lease that is another's by now, nothing changes."""

        async def work(connection: Connection) -> None:
            await self._queries.release_lease(connection, name=name, holder=holder)

        await self._database.write(work)
