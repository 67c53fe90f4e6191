"""A refresh that is cut short leaves every experiment as it was or as it shall be, and the next one goes on."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.appliance import environment
from tests.clock import FakeClock
from tests.jobs.conftest import Jobs, jobs_over
from tests.jobs.test_reader import PATIENCE, lives
from tests.jobs.test_refresh_posteriors import visit
from tests.storage.conftest import START, open_storage
from vibevariant.clock import Clock

MANY = 40
FAULTY = "create trigger faulty before insert on allocations when new.number > 1 begin select raise(abort, 'cut'); end"


async def test_a_fault_in_the_middle_of_publishing_leaves_nothing_half_done_and_loses_no_news(
    jobs: Jobs,
) -> None:
    project = await jobs.storage.project()
    hero = await jobs.storage.experiment(project, mode="balanced")
    fixed = await jobs.storage.experiment(project, "fixed")
    for experiment in (hero, fixed):
        await visit(jobs, experiment, 0, 60, 1, experiment.key)
        await visit(jobs, experiment, 1, 60, 12, experiment.key)
    news = jobs.storage.ledger.news[hero.id]
    with closing(sqlite3.connect(jobs.storage.database.path)) as connection:
        connection.execute(FAULTY)  # the reading and the decision are stored before the allocation
    assert await jobs.refresh.all() == 1
    assert jobs.refresh.report.last_error is not None
    assert await jobs.posteriors.of(hero.id) is None
    assert await jobs.posteriors.history(hero.id) == []
    assert (await jobs.storage.experiments.all())[0] == hero
    assert jobs.storage.ledger.news[hero.id] == news
    assert await jobs.posteriors.of(fixed.id) is not None
    with closing(sqlite3.connect(jobs.storage.database.path)) as connection:
        connection.execute("drop trigger faulty")
    assert await jobs.refresh.soon() == 1
    assert jobs.refresh.report.last_error is None
    assert len((await jobs.storage.experiments.all())[0].allocations) == 2


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.01)


def reader_of(pid: int) -> int | None:
    """The process that reads for this one."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except FileNotFoundError:
        return None
    for child in {*children, *(each for thread in threads for each in thread)}:
        try:
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        except FileNotFoundError:
            continue
    return None


def read_of(folder: Path) -> int:
    with closing(
        sqlite3.connect(f"file:{folder}/vibevariant.db?mode=ro", uri=True, timeout=30)
    ) as connection:
        (count,) = connection.execute("select count(*) from posteriors").fetchone()
    return int(count)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Experiments that are to be read, each of which will get a new allocation."""
    storage = await open_storage(tmp_path / "data" / "vibevariant.db")
    try:
        jobs, project = jobs_over(storage, FakeClock(START)), await storage.project()
        for number in range(MANY):
            made = await storage.experiment(project, f"e{number}", mode="balanced")
            await visit(jobs, made, 0, 60, 1, f"{number}")
            await visit(jobs, made, 1, 60, 12, f"{number}")
    finally:
        await storage.database.close()
    return tmp_path / "data"


@pytest.fixture(params=["module", "console script"])
def serving(request: pytest.FixtureRequest, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real program over them, as it is started by its module and by its console script."""
    script = Path(sys.executable).with_name("vibevariant")
    assert script.exists()  # setting up for the tests installs it
    words = [str(script)] if request.param == "console script" else [sys.executable, "-m", "vibevariant"]
    words += ["serve", "--port", "0", "--data-dir", str(folder), "--refresh-seconds", "0.3"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    with process:
        yield process
        if process.poll() is None:
            process.kill()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
async def test_killed_in_the_middle_it_goes_on_and_its_reader_ends_with_it(
    folder: Path, serving: subprocess.Popen[bytes]
) -> None:
    until(lambda: reader_of(serving.pid) and read_of(folder) >= 1)
    reader = reader_of(serving.pid)
    serving.send_signal(signal.SIGKILL)
    assert serving.wait(PATIENCE) == -signal.SIGKILL
    assert reader is not None
    until(lambda: not lives(reader))
    assert b"broke down" not in (folder / "log").read_bytes()
    cut = read_of(folder)
    assert 1 <= cut < MANY
    storage = await open_storage(folder / "vibevariant.db")
    jobs = jobs_over(storage, Clock())  # type: ignore[arg-type]
    try:
        for each in storage.catalog.current.experiments:
            posterior = await jobs.posteriors.of(each.id)
            assert len(each.allocations) == (1 if posterior is None else 2)
            assert len(await jobs.posteriors.history(each.id)) == (posterior is not None)
            assert each.weights == each.allocations[-1].weights
        jobs.refresh._holder = leased(folder)  # its lease would run out by itself, in a while
        await jobs.refresh.all()
        after = await storage.experiments.all()
        assert [[allocation.number for allocation in each.allocations] for each in after] == [[1, 2]] * MANY
        assert len({each.weights for each in after}) == 1
    finally:
        await jobs.refresh.finish()
        await storage.database.close()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
async def test_stopped_in_the_middle_it_ends_with_the_experiment_it_is_at_and_frees_its_turn(
    folder: Path, serving: subprocess.Popen[bytes]
) -> None:
    until(lambda: reader_of(serving.pid) and read_of(folder) >= 1)
    reader = reader_of(serving.pid)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(PATIENCE) == 0
    assert reader is not None
    assert not lives(reader)
    assert 1 <= read_of(folder) < MANY
    assert leased(folder) == ""
    log = (folder / "log").read_bytes()
    assert b"broke down" not in log
    assert b"Traceback" not in log


def leased(folder: Path) -> str:
    """Who may refresh now; empty when anybody may."""
    with closing(sqlite3.connect(folder / "vibevariant.db")) as connection:
        rows = connection.execute("select holder from leases").fetchall()
    return rows[0][0] if rows else ""
