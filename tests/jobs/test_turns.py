"""Of several refreshes on one database one does the work; the others lose no news over it, and take over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.jobs.conftest import Jobs, jobs_over
from tests.jobs.test_refresh_posteriors import visit
from vibevariant.jobs.reader import Reader
from vibevariant.jobs.reading import Answer, Question
from vibevariant.jobs.refresh_posteriors import LEASE, LEASE_MS
from vibevariant.storage.leases import Leases
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog

SECOND = 1_000


@pytest.fixture
async def other(jobs: Jobs) -> AsyncIterator[Jobs]:
    """Another node: the same database and clock, and a catalog and a ledger of its own."""
    catalog = LiveCatalog(jobs.storage.projects, jobs.storage.experiments)
    ledger = Ledger(jobs.storage.database, lambda: catalog.current)
    node = jobs_over(replace(jobs.storage, catalog=catalog, ledger=ledger), jobs.clock)
    yield node
    await node.refresh.finish()


async def test_one_refreshes_and_the_other_keeps_its_news_for_its_turn(jobs: Jobs, other: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await other.storage.catalog.reload()
    await visit(jobs, hero, 0, 20, 1)
    assert await jobs.refresh.all() == 1
    await visit(other, hero, 1, 20, 3)
    news = other.storage.ledger.news[hero.id]
    assert news > 0
    for _ in range(3):
        assert await other.refresh.all() == await other.refresh.soon() == 0
    assert other.storage.ledger.news[hero.id] == news
    assert other.refresh.report.last_error is None
    jobs.clock.advance(seconds=LEASE_MS // SECOND)
    assert await other.refresh.soon() == 1
    assert other.storage.ledger.news[hero.id] == 0
    await visit(jobs, hero, 1, 20, 3, "more")
    assert await jobs.refresh.all() == 0  # it is the other's turn now


async def test_whose_turn_it_is_sees_what_came_in_elsewhere(jobs: Jobs, other: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await other.storage.catalog.reload()
    await visit(jobs, hero, 0, 20, 1)
    assert await jobs.refresh.all() == 1
    await visit(other, hero, 1, 20, 3)
    assert await jobs.refresh.all() == 1
    assert await other.refresh.soon() == 0  # it was read, and nothing is left to do
    assert other.storage.ledger.news[hero.id] == 0


async def test_a_turn_lasts_for_as_long_as_there_is_something_to_read(jobs: Jobs, other: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await other.storage.catalog.reload()
    for number in range(5):
        await visit(jobs, hero, number % 2, 5, 1, f"{number}")
        assert await other.refresh.all() == 1
        jobs.clock.advance(seconds=LEASE_MS // SECOND - 1)
        await visit(jobs, hero, number % 2, 5, 1, f"later {number}")
        assert await jobs.refresh.all() == 0


async def test_a_clean_stop_gives_the_turn_away_at_once(jobs: Jobs, other: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await other.storage.catalog.reload()
    await visit(jobs, hero, 0, 20, 1)
    assert await jobs.refresh.all() == 1
    await visit(other, hero, 1, 20, 3)
    await jobs.refresh.finish()
    assert await other.refresh.soon() == 1


async def test_whose_turn_runs_out_while_it_reads_publishes_nothing(jobs: Jobs) -> None:
    class Held(Reader):
        """Waits before it reads, until it is let go."""

        def __init__(self) -> None:
            super().__init__()
            self.asked, self.go = asyncio.Event(), asyncio.Event()

        async def read(self, question: Question, *, many: bool) -> Answer:
            self.asked.set()
            await self.go.wait()
            return await super().read(question, many=many)

    hero = await jobs.storage.experiment(await jobs.storage.project(), mode="balanced")
    await visit(jobs, hero, 0, 60, 1)
    await visit(jobs, hero, 1, 60, 12)
    news = jobs.storage.ledger.news[hero.id]
    reader = Held()
    jobs.refresh._reader = reader
    run = asyncio.create_task(jobs.refresh.all())
    await reader.asked.wait()
    jobs.clock.advance(seconds=LEASE_MS // SECOND)
    leases = Leases(jobs.storage.database)
    assert await leases.take(LEASE, "another", jobs.clock.now_ms(), LEASE_MS)
    reader.go.set()
    assert await run == 0
    assert await jobs.posteriors.of(hero.id) is None
    [stored] = await jobs.storage.experiments.all()
    assert len(stored.allocations) == 1
    assert jobs.storage.ledger.news[hero.id] == news
    await leases.release(LEASE, "another")
    assert await jobs.refresh.all() == 1


async def test_an_idle_appliance_writes_nothing(jobs: Jobs) -> None:
    hero = await jobs.storage.experiment(await jobs.storage.project())
    await visit(jobs, hero, 0, 20, 1)
    await visit(jobs, hero, 1, 20, 1)
    await jobs.refresh.all()

    async def written() -> int:
        """A number that changes with every commit of another connection."""
        ((version,),) = await jobs.storage.database.reader.execute_fetchall("pragma data_version")
        return int(version)

    before = await written()
    for _ in range(5):
        jobs.clock.advance(seconds=600)
        assert await jobs.refresh.all() == await jobs.refresh.soon() == 0
    assert await written() == before
    await visit(jobs, hero, 0, 1, 0, "proof that it can differ")
    assert await written() != before
