"""Experiments are written whole or not at all, and read back as they were."""

from __future__ import annotations

import pytest

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, event
from vibevariant.errors import KeyTaken, NotFound
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lifecycle import pause, reallocate

TABLES = ("experiments", "elements", "element_variants", "experiment_goals", "goals", "allocations")


async def rows(storage: Storage, table: str) -> int:
    found = await storage.database.reader.execute_fetchall(f"select count(*) from {table}")
    return int(next(iter(found))[0])


def multi(project_id: int) -> Experiment:
    return define(
        project_id=project_id, key="page", type="multi_element", mode="balanced", traffic=0.25, now=START,
        elements=[
            {"key": "cta", "variants": [{"key": "a"}, {"key": "b", "payload": {"color": "red"}}]},
            {"key": "copy", "variants": [{"key": "x"}, {"key": "y"}, {"key": "z", "name": "Zest"}]},
        ],
        goals=[{"key": "signup", "role": "primary"}, {"key": "refund", "event": "refunded", "role": "guardrail"}],
        targeting=[{"attribute": "country", "operator": "in", "value": ["NO", "SE"]}],
    )  # fmt: skip


async def test_an_experiment_comes_back_as_it_was_written(storage: Storage) -> None:
    project = await storage.project()
    made = multi(project.id)
    id_ = await storage.experiments.insert(made)
    [stored] = await storage.experiments.all()
    assert stored.id == id_
    assert (stored.elements, stored.weights, stored.traffic, stored.targeting) == (
        made.elements, made.weights, made.traffic, made.targeting,
    )  # fmt: skip
    assert [(g.key, g.event, g.role) for g in stored.goals] == [
        ("signup", "signup", "primary"), ("refund", "refunded", "guardrail"),
    ]  # fmt: skip
    assert len(stored.arms) == 6


async def test_an_ab_test_has_one_implied_element(storage: Storage) -> None:
    await storage.experiment(await storage.project())
    assert (await rows(storage, "elements"), await rows(storage, "element_variants")) == (1, 2)


async def test_a_creation_that_fails_leaves_no_row(storage: Storage) -> None:
    project = await storage.project()
    await storage.experiment(project, goals=[{"key": "signup", "event": "signed_up"}])
    before = [await rows(storage, table) for table in TABLES]
    with pytest.raises(KeyTaken, match="already counts the event 'signed_up'"):
        await storage.experiments.insert(multi(project.id))
    assert [await rows(storage, table) for table in TABLES] == before


async def test_a_goal_keeps_its_window_as_it_keeps_its_event(storage: Storage) -> None:
    project = await storage.project()
    hero = await storage.experiment(project, goals=[{"key": "signup", "window_hours": 24}])
    assert hero.primary_goal.window_hours == 24
    again = await storage.experiment(project, "again", goals=[{"key": "signup", "window_hours": 24}])
    assert again.primary_goal == hero.primary_goal
    within = "already counts events within 24 hours of the exposure, not"
    for window, said in ((None, f"{within} however late"), (25, f"{within} within 25 hours")):
        with pytest.raises(KeyTaken, match=said) as refusal:
            await storage.experiment(project, "other", goals=[{"key": "signup", "window_hours": window}])
        assert refusal.value.field == "goals"
    assert await rows(storage, "experiments") == 2


async def test_a_key_is_taken_once_in_a_project_and_free_in_another(storage: Storage) -> None:
    ours, theirs = await storage.project("ours"), await storage.project("theirs")
    await storage.experiment(ours)
    with pytest.raises(KeyTaken):
        await storage.experiment(ours)
    await storage.experiment(theirs)


async def test_every_step_is_kept_with_its_allocation(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.experiments.change(
        hero.id, lambda e: reallocate(e, [7000, 3000], 10_000, START + 1, "refresh", "x")
    )
    paused = await storage.experiments.change(hero.id, lambda e: pause(e, START + 2, "owner"))
    [stored] = await storage.experiments.all()
    assert stored == paused
    assert [(a.number, a.weights, a.cause, a.actor) for a in stored.allocations] == [
        (1, (5000, 5000), "start", "owner"),
        (2, (7000, 3000), "refresh", "x"),
        (3, (7000, 3000), "pause", "owner"),
    ]


async def test_a_deleted_experiment_leaves_nothing_but_the_events(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    await storage.ledger.record_events([event(hero, "ann", "signup", START)])
    await storage.experiments.delete(hero.id)
    derived = ("conversions", "tallies", "conversion_hours", "conversion_delays")
    for table in (*TABLES[:4], "allocations", "assignments", *derived):
        assert await rows(storage, table) == 0, table
    assert await rows(storage, "events") == 1
    with pytest.raises(NotFound):
        await storage.experiments.change(hero.id, lambda e: e)


async def test_the_number_of_a_deleted_experiment_never_comes_back(storage: Storage) -> None:
    project = await storage.project()
    hero = await storage.experiment(project)
    await storage.experiments.delete(hero.id)
    again = await storage.experiment(project)
    assert again.id > hero.id


async def test_a_project_goes_with_its_events_and_visitors(storage: Storage) -> None:
    project = await storage.project()
    hero = await storage.experiment(project)
    await storage.ledger.record_events([event(hero, "ann", "signup", START)])
    await storage.experiments.delete(hero.id)
    await storage.projects.delete(project.id)
    for table in ("projects", "events", "visitors", "goals", "arrivals"):
        assert await rows(storage, table) == 0, table
