"""A transaction is one hop: a write runs through on the writer's thread, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from vibevariant.errors import StorageError
from vibevariant.storage.connection import Connection
from vibevariant.storage.sqlite_writer import SqliteWriter


async def test_a_write_that_waits_for_something_else_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")

    async def impatient(connection: Connection) -> None:
        await connection.execute_fetchall("create table half (a bigint)")
        await asyncio.sleep(0)

    try:
        with pytest.raises(RuntimeError, match="not its connection"):
            await writer.transaction(impatient)
        left = await writer.run(lambda c: c.execute_fetchall("select name from sqlite_master"))
        assert list(left) == []
    finally:
        await writer.close()


async def test_an_acknowledged_write_is_synced_and_in_the_log_of_the_file(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")
    try:
        await writer.transaction(lambda c: c.execute_fetchall("create table kept (a bigint)"))
        [(mode,)] = await writer.run(lambda c: c.execute_fetchall("pragma journal_mode"))
        [(level,)] = await writer.run(lambda c: c.execute_fetchall("pragma synchronous"))
        assert (mode, level) == ("wal", 2)  # 2 is full: a commit comes back after its sync
        with closing(sqlite3.connect(tmp_path / "v.db")) as other:
            other.execute("select a from kept")
    finally:
        await writer.close()


async def test_a_writer_that_cannot_open_its_file_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(StorageError):
        await SqliteWriter.open(tmp_path / "nowhere" / "v.db")
    assert threading.active_count() == before


async def test_writes_run_one_after_the_other_on_one_thread(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")
    threads: set[int] = set()

    async def where(connection: Connection) -> None:
        threads.add(threading.get_ident())
        assert connection.in_transaction

    try:
        await asyncio.gather(*(writer.transaction(where) for _ in range(20)))
    finally:
        await writer.close()
    assert len(threads) == 1
    assert threading.get_ident() not in threads
