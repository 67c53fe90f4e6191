"""The catalog in force: read from the database after each change, and swapped in whole."""

from __future__ import annotations

import asyncio

from vibevariant.experiments.catalog import Catalog
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.projects import Projects


class LiveCatalog:
    """Holds the snapshot that every door reads; `reload` after a change makes the next one."""

    def __init__(self, projects: Projects, experiments: Experiments) -> None:
        self._projects = projects
        self._experiments = experiments
        self._reading = asyncio.Lock()
        self.current = Catalog()

    async def reload(self) -> Catalog:
        """Reads the catalog anew; one reader at a time, so that an older snapshot never replaces a newer one."""
        async with self._reading:
            self.current = Catalog.of(await self._projects.all(), await self._experiments.all())
        return self.current
