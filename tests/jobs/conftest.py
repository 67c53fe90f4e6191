"""The refresh job and the example loader over a real SQLite file, with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.storage.conftest import START, Storage, open_storage
from vibevariant.jobs.load_examples import ExampleLoader
from vibevariant.jobs.reader import Reader
from vibevariant.jobs.refresh_posteriors import RefreshPosteriors
from vibevariant.storage.changes import Changes
from vibevariant.storage.leases import Leases
from vibevariant.storage.observer import Observer
from vibevariant.storage.posteriors import Posteriors


@dataclass
class Jobs:
    """The jobs with all they work on."""

    storage: Storage
    clock: FakeClock
    posteriors: Posteriors
    observer: Observer
    refresh: RefreshPosteriors
    examples: ExampleLoader


def jobs_over(storage: Storage, clock: FakeClock) -> Jobs:
    posteriors, observer = Posteriors(storage.database), Observer(storage.database, storage.ledger)
    refresh = RefreshPosteriors(
        storage.database, storage.catalog, storage.experiments, storage.ledger, posteriors, observer,
        Changes(storage.database), Leases(storage.database), Reader(), clock,
    )  # fmt: skip
    examples = ExampleLoader(
        storage.projects, storage.experiments, storage.catalog, storage.ledger, refresh, clock
    )
    return Jobs(storage, clock, posteriors, observer, refresh, examples)


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[Jobs]:
    storage = await open_storage(tmp_path / "vibevariant.db")
    opened = jobs_over(storage, FakeClock(START))
    try:
        yield opened
    finally:
        await opened.refresh.finish()
        await storage.database.close()
