"""The catalog in force never goes back, whoever hands it what."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.storage.conftest import START, Storage
from vibevariant.experiments.lifecycle import pause, reallocate


async def test_a_new_allocation_is_in_force_as_if_all_had_been_read_anew(storage: Storage) -> None:
    project = await storage.project()
    other = await storage.experiment(project, "other")
    hero = await storage.experiment(project)
    after = await storage.experiments.change(
        hero.id, lambda each: reallocate(each, [7000, 3000], 10_000, START + 1, "refresh", "appliance")
    )
    await storage.catalog.advance({hero.id: after})
    advanced = storage.catalog.current
    assert advanced.experiment_by_id == {other.id: other, hero.id: after}
    assert advanced == await storage.catalog.reload()


async def test_what_is_as_new_or_newer_stays_and_what_is_gone_stays_away(storage: Storage) -> None:
    project = await storage.project()
    hero, gone = await storage.experiment(project), await storage.experiment(project, "gone")
    late = reallocate(hero, [7000, 3000], 10_000, START + 1, "refresh", "appliance")
    await storage.experiments.change(hero.id, lambda each: pause(each, START + 2, "owner"))
    await storage.experiments.delete(gone.id)
    newest = await storage.catalog.reload()
    again = replace(gone, allocations=gone.allocations * 2)
    await storage.catalog.advance({hero.id: late, gone.id: again})
    assert storage.catalog.current == newest


async def test_a_reload_that_began_before_does_not_take_it_back(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    reading = asyncio.create_task(storage.catalog.reload())
    await asyncio.sleep(0)  # it has begun
    after = await storage.experiments.change(
        hero.id, lambda each: reallocate(each, [7000, 3000], 10_000, START + 1, "refresh", "appliance")
    )
    await storage.catalog.advance({hero.id: after})
    await reading
    assert storage.catalog.current.experiment_by_id[hero.id] == after
