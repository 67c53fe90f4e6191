"""From empty and from any half-way point to the schema of this version; never from a newer one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vibevariant.errors import DatabaseTooNew
from vibevariant.storage.migrate import Migration, migrate, migrations, statements
from vibevariant.storage.sqlite import open_connection

MADE = [
    "create table one (a bigint);\ncreate table two (b bigint);\n",
    "alter table one add column c bigint;\n",
]
STEPS = [Migration(number, f"m{number}", sql) for number, sql in enumerate(MADE, start=1)]


def tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        return {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}


async def test_an_empty_database_gets_every_entity(tmp_path: Path) -> None:
    connection = await open_connection(tmp_path / "v.db", writes=True)
    try:
        assert await migrate(connection, 1) == [m.number for m in migrations()]
        assert await migrate(connection, 2) == []
    finally:
        await connection.close()
    entities = {"events", "experiments", "visitors", "projects", "users", "goals", "assignments", "tallies"}
    assert entities <= tables(tmp_path / "v.db")


async def test_only_what_is_missing_runs(tmp_path: Path) -> None:
    connection = await open_connection(tmp_path / "v.db", writes=True)
    try:
        assert await migrate(connection, 1, STEPS[:1]) == [1]
        assert await migrate(connection, 2, STEPS) == [2]
        columns = {row[1] for row in await connection.execute_fetchall("pragma table_info(one)")}
    finally:
        await connection.close()
    assert columns == {"a", "c"}


async def test_a_newer_schema_is_refused_and_untouched(tmp_path: Path) -> None:
    connection = await open_connection(tmp_path / "v.db", writes=True)
    try:
        await migrate(connection, 1, STEPS)
        with pytest.raises(DatabaseTooNew, match=r"schema 2.*knows up to 1"):
            await migrate(connection, 2, STEPS[:1])
        await connection.execute_fetchall("select a, c from one")
    finally:
        await connection.close()


async def test_a_failing_statement_leaves_the_schema_of_the_last_whole_migration(tmp_path: Path) -> None:
    broken = [STEPS[0], Migration(2, "broken", "create table three (d bigint);\nselect 1 from nowhere;\n")]
    connection = await open_connection(tmp_path / "v.db", writes=True)
    try:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await migrate(connection, 1, broken)
        assert tables(tmp_path / "v.db") == {"migrations", "one", "two"}
        assert await migrate(connection, 1, STEPS) == [2]
    finally:
        await connection.close()


KILLED = """
import asyncio, os, signal, sys
from vibevariant.storage import migrate as module
from vibevariant.storage.sqlite import open_connection
async def main(path, at):
    connection = await open_connection(path, writes=True)
    real, calls = connection.execute_fetchall, 0
    async def counting(*arguments):
        nonlocal calls
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1
        return await real(*arguments)
    connection.execute_fetchall = counting
    await module.migrate(connection, 1)
    await connection.close()
    print(calls)
import pathlib
asyncio.run(main(pathlib.Path(sys.argv[1]), int(sys.argv[2])))
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
