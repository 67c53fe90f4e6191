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

from tests.storage.test_ledger import DERIVED
from vibevariant.errors import DatabaseTooNew
from vibevariant.storage.connection import Connection
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.migrate import Migration, migrate, migrations, statements
from vibevariant.storage.projects import Projects
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


HOUR = 3_600_000
LIVED_IN = f"""
insert into projects values (1, 'site', 'site', 'vv_proj_x', 0, 1);
insert into goals values (1, 1, 'signup', 'signup', 1), (2, 1, 'purchase', 'bought', 1);
insert into experiments values (1, 1, 'hero', 'hero', '', 'ab_test', 'fixed', 'running', 'live', '[]', '[5000, 5000]',
                                10000, 1, 1, null, null);
insert into elements values (1, 0, 'variant', 'Variant');
insert into element_variants values (1, 0, 0, 'control', 'control', 1, null), (1, 0, 1, 'b', 'b', 0, null);
insert into experiment_goals values (1, 1, 'primary', 0), (1, 2, 'secondary', 1);
insert into allocations values (1, 1, '[5000, 5000]', 10000, 1, 1, 'start', 'owner');
insert into visitors values (1, 1, 'ann', 1), (2, 1, 'bob', 1), (3, 1, 'cem', 1);
insert into assignments values (1, 1, 0, 1, 5000, 5, {HOUR}), (1, 2, 1, 1, 5000, 6, {HOUR + 9}), (1, 3, 1, 1, 5000, 7, null);
insert into events values (1, 'a', 1, null, 'signup', {4 * HOUR}, 9, null, null),
                          (1, 'b', 1, null, 'bought', {4 * HOUR}, 9, 5000000, null),
                          (1, 'c', 2, null, 'signup', {4 * HOUR + 8}, 9, null, null);
insert into conversions values (1, 1, 1, {4 * HOUR}, 1, 0), (1, 1, 2, {4 * HOUR}, 1, 5000000), (1, 2, 1, {4 * HOUR + 8}, 1, 0);
insert into tallies values (1, 0, 1, 0, 1, '', 1, 0, 0, 0), (1, 1, 1, 0, 1, '', 1, 0, 0, 0),
                           (1, 0, 1, 1, 1, '', 0, 1, 1, 0), (1, 0, 1, 2, 1, '', 0, 1, 1, 5000000),
                           (1, 1, 1, 1, 1, '', 0, 1, 1, 0);
"""
"""What 0001 kept of an experiment with three visitors."""


async def test_a_lived_in_database_keeps_everything_and_learns_when_conversions_happened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "v.db"
    writer = await SqliteWriter.open(path)

    def kept(columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(path)) as connection:
            return {
                table: sorted(
                    connection.execute(f"select {', '.join(names)} from {table}").fetchall(), key=repr
                )
                for table, names in columns.items()
            }

    try:
        await writer.run(lambda c: migrate(c, 1, migrations()[:1]))

        async def live(connection: Connection) -> None:
            for statement in statements(LIVED_IN):
                await connection.execute_fetchall(statement)

        await writer.run(live)
    finally:
        await writer.close()
    with closing(sqlite3.connect(path)) as connection:
        columns = {
            table: [row[1] for row in connection.execute(f"pragma table_info({table})")]
            for table in tables(path) - {"migrations", "sqlite_sequence"}
        }
    before = kept(columns)
    assert sum(map(len, before.values())) == 27

    database = await Database.open(path, now=2)
    try:
        assert database.migrated == [migration.number for migration in migrations()[1:]]
        catalog = LiveCatalog(Projects(database), Experiments(database))
        [hero] = (await catalog.reload()).experiments
        assert [goal.window_hours for goal in hero.goals] == [None, None]
        derived = {query: await database.rows(query, experiment_id=1) for query in DERIVED}
        assert derived["every_conversion_hour"] == [(1, 4, 2), (2, 4, 1)]
        assert derived["every_conversion_delay"] == [(1, 0, 3, 1), (1, 1, 2, 1), (2, 0, 3, 1)]
        assert not await Ledger(database, lambda: catalog.current).recount(hero)
        rows = await database.reader.execute_fetchall("select distinct segment from assignments")
        assert list(rows) == [("",)]
    finally:
        await database.close()
    assert kept(columns) == before
