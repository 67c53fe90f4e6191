"""One process, one file, faults in our words."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.conftest import START, Storage, open_storage
from tests.storage.test_ledger import claim, event
from vibevariant.errors import DatabaseLocked, DiskFull, StorageError
from vibevariant.storage.database import Database
from vibevariant.storage.facts import Facts


async def test_a_second_process_is_refused_by_name_and_let_in_when_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "v.db"
    script = (
        "import asyncio, sys, pathlib\nfrom vibevariant.storage.database import Database\n"
        "async def main():\n    held = await Database.open(pathlib.Path(sys.argv[1]), now=1)\n"
        "    print('open', flush=True)\n    sys.stdin.read()\n    import os; os._exit(0)\nasyncio.run(main())\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        with pytest.raises(DatabaseLocked, match=rf"process {first.pid}"):
            await Database.open(path, now=1)
    finally:
        first.communicate("")
    database = await Database.open(path, now=1)
    await database.close()


async def test_only_the_owner_of_the_process_can_read_the_data(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "data" / "v.db", now=1)
    try:
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "data" / "v.db").stat().st_mode) == 0o600
    finally:
        await database.close()


async def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    path.write_text("this is a letter to my aunt, long enough to be taken for a header of a file\n" * 20)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not a VibeVariant database"):
        await Database.open(path, now=1)
    assert path.read_bytes() == before


async def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match="cannot be used"):
        await Database.open(tmp_path / "data" / "v.db", now=1)


async def test_a_full_disk_refuses_the_write_loses_nothing_and_recovers(storage: Storage) -> None:
    """A limit on the size of files stands in for the disk: SQLite meets the same failing write."""
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = storage.database.path.with_name(storage.database.path.name + "-wal").stat().st_size
    big = tuple(event(hero, f"v{n}", "x" * 60, START) for n in range(5000))
    import signal

    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, unlimited[1]))
    try:
        with pytest.raises((DiskFull, StorageError)):
            await storage.ledger.record(Facts(events=big))
        stored = await storage.ledger.assignment(hero, "ann")
        assert stored is not None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        signal.signal(signal.SIGXFSZ, previous)
    recorded = await storage.ledger.record(Facts(events=big))
    assert all(recorded.inserted)


async def test_every_fact_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    first = await open_storage(path)
    hero = await first.experiment(await first.project())
    await first.ledger.claim_assignments([claim(hero, "ann", arm=1)])
    await first.ledger.record_events([event(hero, "ann", "signup", START + 1)])
    tallies = await first.ledger.tallies(hero)
    await first.database.close()
    assert not path.with_name("v.db-wal").exists() or path.with_name("v.db-wal").stat().st_size == 0
    second = await open_storage(path)
    try:
        again = second.catalog.current.experiments_of(hero.project_id)["hero"]
        assert again == hero
        assert await second.ledger.tallies(again) == tallies
        assert (await second.ledger.assignment(again, "ann")).arm == 1  # type: ignore[union-attr]
    finally:
        await second.database.close()


QUERIES_AND_THEIR_INDEX = [
    ("events_between", {"rows": "[[1,0,9]]"}, "events_by_visitor"),
    ("one_assignment", {"project_id": 1, "visitor": "a", "experiment_id": 1}, "sqlite_autoindex_assignments"),
    ("tallies_of", {"experiment_id": 1, "first_hour": 0, "end_hour": 9}, "sqlite_autoindex_tallies"),
    ("standing_conversions", {"rows": "[[1,1]]"}, "sqlite_autoindex_conversions"),
    ("secret_key", {"key_hash": "x"}, "sqlite_autoindex_secret_keys"),
    ("session_user", {"id_hash": "x", "now": 1}, "sqlite_autoindex_sessions"),
]


@pytest.mark.parametrize(("name", "parameters", "index"), QUERIES_AND_THEIR_INDEX)
async def test_a_query_of_the_hot_path_uses_its_index(
    storage: Storage, name: str, parameters: dict[str, object], index: str
) -> None:
    sql = getattr(storage.database.queries, name).sql
    with closing(sqlite3.connect(storage.database.path)) as connection:
        plan = " ".join(row[3] for row in connection.execute(f"explain query plan {sql}", parameters))
    assert index in plan
    assert "SCAN e " not in plan
    assert "SCAN a " not in plan
    assert "SCAN t " not in plan


async def test_the_rows_of_a_user_a_time_an_event_and_an_experiment_are_indexed(storage: Storage) -> None:
    with closing(sqlite3.connect(storage.database.path)) as connection:
        names = [row[1] for row in connection.execute("pragma index_list(events)")]
        indexed = {column[2] for name in names for column in connection.execute(f"pragma index_info({name})")}
        assignment_keys = [
            row[2] for row in connection.execute("pragma index_info(sqlite_autoindex_assignments_1)")
        ]
    assert {"visitor_id", "at", "name", "project_id"} <= indexed
    assert assignment_keys == ["experiment_id", "visitor_id"]


async def test_a_long_report_keeps_no_visitor_waiting(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    [given] = await storage.ledger.claim_assignments([claim(hero, "ann")])
    storage.ledger.forget()
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    report = asyncio.create_task(storage.database.reader.execute_fetchall(endless))
    try:
        async with asyncio.timeout(10):
            assert await storage.ledger.assignment(hero, "ann") == given
            await storage.ledger.claim_assignments([claim(hero, "bob")])
        assert not report.done()
    finally:
        await storage.database.reader.interrupt()
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            await report
