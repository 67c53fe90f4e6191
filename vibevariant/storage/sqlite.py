"""What only SQLite needs: pragmas, the lock that keeps a second process out, and its faults in our words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import aiosqlite
from aiosql.adapters.aiosqlite import AioSQLiteAdapter

from vibevariant.errors import Conflict, DatabaseLocked, DiskFull, StorageError
from vibevariant.storage.connection import Connection

OLDEST_SQLITE = (3, 38, 0)
"""`->>` came with 3.38; `returning` and `update … from` are older."""

IDENTITY = "integer primary key autoincrement"
"""A number for each row; `autoincrement` so that the number of a deleted experiment never comes back."""

WRITER_PRAGMAS = (
    "pragma journal_mode = wal",
    # An acknowledgement means the facts survive a power cut: one sync for each group of writes.
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma busy_timeout = 5000",
    "pragma temp_store = memory",
    "pragma cache_size = -32000",
)
READER_PRAGMAS = ("pragma query_only = on", "pragma busy_timeout = 5000", "pragma cache_size = -8000")


class OneHop(AioSQLiteAdapter):
    """The aiosqlite adapter with one call of the connection for a query, where the stock one makes three.

    Each call of a connection that has its own thread is a hop there and back.
    """

    async def select(
        self, conn: Connection, _name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncIterator[Any]:
        for row in await conn.execute_fetchall(sql, parameters):
            yield row if record_class is None else record_class(*row)

    async def select_one(
        self, conn: Connection, _name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        for row in await conn.execute_fetchall(sql, parameters):
            return row if record_class is None else record_class(*row)
        return None

    async def select_value(self, conn: Connection, _name: str, sql: str, parameters: Any) -> Any:
        for row in await conn.execute_fetchall(sql, parameters):
            return row[0]
        return None

    async def insert_update_delete(self, conn: Connection, _name: str, sql: str, parameters: Any) -> None:
        await conn.execute_fetchall(sql, parameters)


class ProcessLock:
    """Held for as long as the process lives: two processes on one file would corrupt each other's tallies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        handle = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            handle.close()
            raise DatabaseLocked(
                f"Another VibeVariant (process {owner}) is already using {self._path.parent}.",
                hint="Stop it first, or start this one with another --data-dir.",
            ) from fault
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._file = handle

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def faults_in_our_words(path: Path) -> Iterator[None]:
    """Turns SQLite's faults into errors that say what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise DiskFull(
                f"The disk that holds {path} is full.", hint="Free some space; nothing was lost."
            ) from fault
        if code == sqlite3.SQLITE_IOERR:
            raise StorageError(f"The disk that holds {path} reports a fault: {fault}.") from fault
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise StorageError(
                f"{path} is not a VibeVariant database, or it is damaged ({fault}).",
                hint="Restore a backup, or start with another --data-dir.",
            ) from fault
        if code == sqlite3.SQLITE_CONSTRAINT:
            raise Conflict(
                "What this belongs to was deleted meanwhile, or somebody else was faster.",
                hint="Look again, then retry.",
            ) from fault
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StorageError(
                f"{path} cannot be written ({fault}).", hint="Check who owns the data directory."
            ) from fault
        raise


async def open_reader(path: Path) -> aiosqlite.Connection:
    """An open connection that only reads. Close it in a `finally`: its thread keeps the process alive."""
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        for pragma in READER_PRAGMAS:
            await connection.execute_fetchall(pragma)
    except BaseException:
        await connection.close()
        raise
    return connection


def check_version() -> None:
    """Refuses an SQLite too old for the queries."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StorageError(
            f"This Python carries SQLite {sqlite3.sqlite_version}; VibeVariant needs {wanted} or newer.",
            hint="Use a newer Python, or the VibeVariant executable, which carries its own.",
        )
