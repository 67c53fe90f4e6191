"""The database: one connection that writes through the group commit, two that read, and the named queries."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosql
import aiosqlite

from vibevariant.errors import StorageError
from vibevariant.storage.connection import Connection, Write
from vibevariant.storage.group_commit import Apply, GroupCommit
from vibevariant.storage.migrate import migrate
from vibevariant.storage.sqlite import (
    OneHop,
    ProcessLock,
    check_version,
    faults_in_our_words,
    open_reader,
)
from vibevariant.storage.sqlite_writer import SqliteWriter

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")


def load_queries() -> Any:
    """Every query of storage/sql by its name. aiosql carries no types, so the rooms above type what they read."""
    folder = Path(str(resources.files("vibevariant.storage") / "sql"))
    # aiosql's protocol of an adapter is written for its own, which return coroutines of rows
    return aiosql.from_path(folder, OneHop, mandatory_parameters=False)  # type: ignore[arg-type]


class Database:
    """An open, migrated database. Close it in a `finally`: an open connection keeps the process alive."""

    def __init__(
        self,
        path: Path,
        lock: ProcessLock,
        writer: SqliteWriter,
        reader: aiosqlite.Connection,
        lookup: aiosqlite.Connection,
        queue_limit: int,
        migrated: list[int],
    ) -> None:
        self.path = path
        self.queries: Any = load_queries()
        self.reader = reader
        self._lookup = lookup  # apart from the reader, so that a visitor never waits behind a long report
        self.migrated = migrated
        """The migrations that ran when it was opened."""
        self._writer = writer
        self._lock = lock
        self._closed = False
        self._commits = GroupCommit(writer.transaction, queue_limit)

    @classmethod
    async def open(cls, path: Path, *, now: int, queue_limit: int = 10_000) -> Self:
        """Opens the file (made when missing), migrates it, and keeps every other process out."""
        check_version()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = ProcessLock(path.with_name(path.name + ".lock"))
            lock.acquire()
        except OSError as fault:
            raise StorageError(
                f"The data directory {path.parent} cannot be used ({fault.strerror}).",
                hint="Name another with --data-dir, or check who owns it.",
            ) from fault
        opened: list[SqliteWriter | aiosqlite.Connection] = []
        try:
            with faults_in_our_words(path):
                path.touch(mode=0o600)  # noqa: ASYNC240 - nothing is served yet, so nobody is held up
                writer = await SqliteWriter.open(path)
                opened.append(writer)
                migrated = await writer.run(lambda connection: migrate(connection, now))
                reader = await open_reader(path)
                opened.append(reader)
                lookup = await open_reader(path)
                opened.append(lookup)
            return cls(path, lock, writer, reader, lookup, queue_limit, migrated)
        except BaseException:
            for connection in opened:
                await connection.close()
            lock.release()
            raise

    async def write(self, work: Write[T]) -> T:
        """Runs work in a transaction on the write connection and answers after the commit."""
        result: T = await self._commits.submit(_run_each, work)
        return result

    async def write_together(self, apply: Apply[Item, Result], item: Item, size: int = 1) -> Result:
        """Hands an item to a write that takes many callers' items at once."""
        return await self._commits.submit(apply, item, size)

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        """The rows of a named query, read outside any write."""
        with faults_in_our_words(self.path):
            return [row async for row in getattr(self.queries, query)(self.reader, **parameters)]

    async def row(self, query: str, **parameters: Any) -> Any:
        """The one row or value of a named query (marked ^ or $), or None."""
        with faults_in_our_words(self.path):
            return await getattr(self.queries, query)(self._lookup, **parameters)

    async def ping(self) -> None:
        """Returns when the database answers."""
        with faults_in_our_words(self.path):
            await self._lookup.execute_fetchall("select count(*) from projects")

    @property
    def waiting(self) -> int:
        """How many facts wait for their commit."""
        return self._commits.waiting

    async def close(self) -> None:
        """Commits what waits, folds the log into the file and lets go of it. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._commits.close()
        finally:
            for connection in (
                self.reader,
                self._lookup,
            ):  # first: an open one keeps the log from being folded in
                await connection.close()
            try:
                await self._writer.close()
            finally:
                self._lock.release()


async def _run_each(connection: Connection, works: Sequence[Write[Any]]) -> list[Any]:
    return [await work(connection) for work in works]
