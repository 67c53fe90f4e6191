"""The connection that writes, on a thread of its own: a whole transaction takes one hop there and back.

A write is a coroutine that waits for its connection alone, so that the same one runs on any database. Here the
connection answers at once, and the coroutine runs through on the writer's thread without ever waiting. A hop for each
statement, as between an event loop and a connection's thread, would cost more than the statements.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from vibevariant.storage.connection import Write
from vibevariant.storage.sqlite import WRITER_PRAGMAS, faults_in_our_words

T = TypeVar("T")


class _AtOnce:
    """A connection that answers before anybody could wait."""

    def __init__(self, sqlite: sqlite3.Connection) -> None:
        self._sqlite = sqlite

    async def execute_fetchall(self, sql: str, parameters: Any = (), /) -> list[Any]:
        return self._sqlite.execute(sql, parameters).fetchall()

    @property
    def in_transaction(self) -> bool:
        return self._sqlite.in_transaction


class SqliteWriter:
    """One connection, one thread, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")
        self._sqlite: sqlite3.Connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """An open writer. Close it in a `finally`: its thread keeps the process alive."""
        writer = cls(path)
        try:
            await asyncio.get_running_loop().run_in_executor(writer._thread, writer._open)
        except BaseException:
            writer._thread.shutdown()
            raise
        return writer

    def _open(self) -> None:
        with faults_in_our_words(self._path):
            self._sqlite = sqlite3.connect(self._path, isolation_level=None, cached_statements=256)
            try:
                for pragma in WRITER_PRAGMAS:
                    self._sqlite.execute(pragma)
            except BaseException:
                self._sqlite.close()
                raise

    async def run(self, work: Write[T]) -> T:
        """Runs work on the connection as it is, without a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    async def transaction(self, work: Write[T]) -> T:
        """Runs work in a transaction: all of it is stored and synced when this comes back, or nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    def _run(self, work: Write[T]) -> T:
        with faults_in_our_words(self._path):
            return _through(work(_AtOnce(self._sqlite)))

    def _transaction(self, work: Write[T]) -> T:
        with faults_in_our_words(self._path):
            self._sqlite.execute("begin immediate")
            try:
                result = _through(work(_AtOnce(self._sqlite)))
                self._sqlite.execute("commit")
            except BaseException:
                if self._sqlite.in_transaction:
                    self._sqlite.execute("rollback")
                raise
            return result

    async def close(self) -> None:
        """Folds the log into the file and lets go of it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        finally:
            self._thread.shutdown()

    def _close(self) -> None:
        try:
            self._sqlite.execute("pragma wal_checkpoint(truncate)")
        finally:
            self._sqlite.close()


def _through(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("A write waited for something that is not its connection.")
