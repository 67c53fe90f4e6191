"""From empty and from any half-way point to the schema of this version; never from a newer one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from vibevariant.errors import DatabaseTooNew
from vibevariant.storage.migrate import Migration, migrate, migrations, statements
from vibevariant.storage.sqlite_writer import SqliteWriter

MADE = [
    "create table one (a bigint);\ncreate table two (b bigint);\n",
    "alter table one add column c bigint;\n",
]
STEPS = [Migration(number, f"m{number}", sql) for number, sql in enumerate(MADE, start=1)]


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}


async def test_an_empty_database_gets_every_entity(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")
    try:
        assert await writer.run(lambda c: migrate(c, 1)) == [m.number for m in migrations()]
        assert await writer.run(lambda c: migrate(c, 2)) == []
    finally:
        await writer.close()
    entities = {"events", "experiments", "visitors", "projects", "users", "goals", "assignments", "tallies"}
    assert entities <= tables(tmp_path / "v.db")


async def test_only_what_is_missing_runs(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")
    try:
        assert await writer.run(lambda c: migrate(c, 1, STEPS[:1])) == [1]
        assert await writer.run(lambda c: migrate(c, 2, STEPS)) == [2]
        columns = {row[1] for row in await writer.run(lambda c: c.execute_fetchall("pragma table_info(one)"))}
    finally:
        await writer.close()
    assert columns == {"a", "c"}


async def test_a_newer_schema_is_refused_and_untouched(tmp_path: Path) -> None:
    writer = await SqliteWriter.open(tmp_path / "v.db")
    try:
        await writer.run(lambda c: migrate(c, 1, STEPS))
        with pytest.raises(DatabaseTooNew, match=r"schema 2.*knows up to 1"):
            await writer.run(lambda c: migrate(c, 2, STEPS[:1]))
        await writer.run(lambda c: c.execute_fetchall("select a, c from one"))
    finally:
        await writer.close()


async def test_a_failing_statement_leaves_the_schema_of_the_last_whole_migration(tmp_path: Path) -> None:
    broken = [STEPS[0], Migration(2, "broken", "create table three (d bigint);\nselect 1 from nowhere;\n")]
    writer = await SqliteWriter.open(tmp_path / "v.db")
    try:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await writer.run(lambda c: migrate(c, 1, broken))
        assert tables(tmp_path / "v.db") == {"migrations", "one", "two"}
        assert await writer.run(lambda c: migrate(c, 1, STEPS)) == [2]
    finally:
        await writer.close()


KILLED = """
import asyncio, os, pathlib, signal, sys
from vibevariant.storage.migrate import migrate
from vibevariant.storage.sqlite_writer import SqliteWriter
calls = 0
class Counting:
    def __init__(self, connection):
        self.connection = connection
    @property
    def in_transaction(self):
        return self.connection.in_transaction
    async def execute_fetchall(self, *arguments):
        global calls
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1
        return await self.connection.execute_fetchall(*arguments)
async def main():
    writer = await SqliteWriter.open(pathlib.Path(sys.argv[1]))
    await writer.run(lambda connection: migrate(Counting(connection), 1))
    await writer.close()
    print(calls)
asyncio.run(main())
"""


def run_killed(path: Path, at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(at)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def test_a_migration_killed_at_any_statement_is_done_at_the_next_start(tmp_path: Path) -> None:
    whole = run_killed(tmp_path / "whole.db", -1)
    calls = int(whole.stdout)
    for at in {1, 2, 3, calls // 2, calls - 2, calls - 1}:
        path = tmp_path / f"killed-{at}.db"
        assert run_killed(path, at).returncode == -signal.SIGKILL
        assert run_killed(path, -1).returncode == 0
        assert tables(path) == tables(tmp_path / "whole.db")


def test_statements_are_told_apart_whatever_stands_in_strings_and_comments() -> None:
    script = "-- a; comment\ncreate table a (b text default ';');\n\ninsert into a values ('x;y')\n  ;\n-- the end; \n"
    found = list(statements(script))
    assert len(found) == 2
    assert found[1].startswith("insert")
