"""The catalog in force: read from the database after each change, and swapped in whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.experiment import Experiment
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

    async def advance(self, stored: Mapping[int, Experiment]) -> None:
        """Puts new allocations in force, by the experiments as they were stored with them, without reading all anew.

        Whatever makes an allocation makes the next number. Where the snapshot has that number, it is as new or newer.
        """
        async with self._reading:
            now = self.current
            self.current = Catalog.of(
                now.projects,
                (
                    stored[each.id] if each.id in stored and _is_newer(stored[each.id], each) else each
                    for each in now.experiments
                ),
            )


def _is_newer(one: Experiment, other: Experiment) -> bool:
    return len(one.allocations) > len(other.allocations)
