"""What allocations and decisions were made from is kept with them, to the last digit, and goes with the experiment."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict

import pytest

from tests.experiments.observed import renewed, running, tallies
from tests.storage.conftest import START, Storage
from vibevariant.errors import StorageError
from vibevariant.experiments.basis import ENGINE
from vibevariant.storage.readings import KeptReading, Readings


async def keep(storage: Storage, *readings: KeptReading) -> Readings:
    kept = Readings(storage.database)
    for each in readings:
        await storage.database.write(lambda connection, each=each: kept.save(connection, each))  # type: ignore[misc]
    return kept


async def test_a_reading_comes_back_as_it_was_in_the_order_of_time(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    made = renewed(running(mode="earn"), tallies([(333, 7), (331, 1)]))
    first = KeptReading(hero.id, START + 2, ENGINE, 2, made.basis, made.outcome)
    before = KeptReading(hero.id, START + 1, ENGINE - 1, None, made.basis, "{}")
    kept = await keep(storage, first, before)
    assert await kept.of(hero.id) == [before, first]
    assert await kept.of(hero.id + 1) == []


async def test_readings_go_with_their_experiment_and_none_is_kept_of_one_that_is_gone(
    storage: Storage,
) -> None:
    hero = await storage.experiment(await storage.project())
    made = renewed(running(), tallies([(20, 1), (20, 2)]))
    reading = KeptReading(hero.id, START, ENGINE, None, made.basis, made.outcome)
    kept = await keep(storage, reading)
    await storage.experiments.delete(hero.id)
    assert await kept.of(hero.id) == []
    await keep(storage, reading)
    assert await kept.of(hero.id) == []


async def test_a_reading_that_was_tampered_with_is_named(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    made = renewed(running(), tallies([(20, 1), (20, 2)]))
    kept = await keep(storage, KeptReading(hero.id, START, ENGINE, None, made.basis, made.outcome))
    plain = asdict(made.basis)
    del plain["rate"]
    with closing(sqlite3.connect(storage.database.path)) as outside, outside:
        outside.execute("update readings set basis = ?", (json.dumps(plain),))
    with pytest.raises(StorageError, match=f"reading of {START}") as refusal:
        await kept.of(hero.id)
    assert refusal.value.hint
