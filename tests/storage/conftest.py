"""A real, migrated SQLite file and the rooms above it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from vibevariant.experiments.catalog import Project
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lifecycle import start
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.projects import Projects

START = 1_760_000_000_000


@dataclass
class Storage:
    """The storage rooms over one database file."""

    database: Database
    projects: Projects
    experiments: Experiments
    catalog: LiveCatalog
    ledger: Ledger

    async def project(self, key: str = "site") -> Project:
        project = await self.projects.insert(key, key, is_example=False, now=START)
        await self.catalog.reload()
        return project

    async def experiment(self, project: Project, key: str = "hero", **definition: object) -> Experiment:
        """A running experiment with two arms and the goals signup (primary) and purchase."""
        settings: dict[str, object] = {
            "arms": [{"key": "control"}, {"key": "b"}],
            "goals": [{"key": "signup", "role": "primary"}, {"key": "purchase"}],
        }
        made = define(project_id=project.id, key=key, now=START, **(settings | definition))  # type: ignore[arg-type]
        id_ = await self.experiments.insert(start(made, START, "owner"))
        return (await self.catalog.reload()).experiment_by_id[id_]


async def open_storage(path: Path) -> Storage:
    database = await Database.open(path, now=START)
    projects, experiments = Projects(database), Experiments(database)
    catalog = LiveCatalog(projects, experiments)
    await catalog.reload()
    return Storage(database, projects, experiments, catalog, Ledger(database, lambda: catalog.current))


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = await open_storage(tmp_path / "data" / "vibevariant.db")
    try:
        yield opened
    finally:
        await opened.database.close()
