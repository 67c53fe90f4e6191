"""What a reading rests on: counts, signals as long as they matter, and the past without the experiment itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, event
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lessons import lesson_of
from vibevariant.experiments.lifecycle import complete
from vibevariant.storage import observer as module
from vibevariant.storage.connection import Connection
from vibevariant.storage.observer import Observed, Observer

HOUR = 3_600_000


async def visit(storage: Storage, hero: Experiment, conversions: int) -> None:
    names = [f"v{number}" for number in range(20)]
    await storage.ledger.claim_assignments(
        [claim(hero, name, number % 2, START) for number, name in enumerate(names)]
    )
    clicks = [event(hero, name, "$click", START + 1) for name in names[::2]]
    signups = [event(hero, name, "signup", START + 2) for name in names[:conversions]]
    await storage.ledger.record_events([*clicks, *signups])


async def observe(storage: Storage, hero: Experiment, **hours: int) -> Observed:
    observer = Observer(storage.database, storage.ledger)
    return await observer.observe(hero, hero.primary_goal, START + HOUR, **hours)


async def test_counts_and_signals_come_together(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, 3)
    seen = (await observe(storage, hero)).observations
    assert sum(tally.conversions for tally in seen.tallies) == 3
    assert sum(each.visitors for each in seen.signals) == 20
    assert sum(each.visitors for each in seen.signals if each.click) == 10


async def test_a_part_of_the_time_has_no_signals(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, 3)
    assert (await observe(storage, hero, first_hour=0)).observations.signals == ()


async def test_where_conversions_speak_signals_are_not_looked_up(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, 3)
    monkeypatch.setattr(module, "MOST_CONVERSIONS", 2)
    assert (await observe(storage, hero)).observations.signals == ()


async def test_a_new_lesson_is_learned_at_once(storage: Storage) -> None:
    project = await storage.project()
    hero, past = await storage.experiment(project), await storage.experiment(project, key="past")
    observer = Observer(storage.database, storage.ledger)
    before = (await observer.observe(hero, hero.primary_goal, START + HOUR)).history
    again = (await observer.observe(hero, hero.primary_goal, START + HOUR)).history
    assert again is before
    lesson = lesson_of(complete(past, START + 1, "owner"), [((5000, 5000), (500, 500), (150, 200))])

    async def save(connection: Connection) -> None:
        await observer.lessons.save(connection, replace(lesson, experiment_id=past.id))

    await storage.database.write(save)
    after = (await observer.observe(hero, hero.primary_goal, START + HOUR)).history
    assert (before.experiments, after.experiments) == (0, 1)
    assert after.rate.mean > before.rate.mean
