"""Lessons are kept beside their experiments, to the last digit, and go with them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.conftest import START, Storage, open_storage
from vibevariant.experiments.lessons import History, Lesson, lesson_of
from vibevariant.experiments.lifecycle import complete
from vibevariant.stats.effect_correlation import EffectPair
from vibevariant.stats.engagement import VisitorSignals
from vibevariant.stats.priors import SPREADS
from vibevariant.stats.signal_weights import SignalWeights
from vibevariant.storage.lessons import Lessons, from_columns, to_columns
from vibevariant.storage.migrate import migrate, migrations
from vibevariant.storage.sqlite_writer import SqliteWriter

EVEN = (5000, 5000)


def lesson(id_: int, event: str = "signup") -> Lesson:
    pairs = (EffectPair(0.1, 1 / 3, -0.2, 0.7, 0.05, 2 / 3), EffectPair(1e-17, 1e-9, 3.0, 30.0))
    weights = SignalWeights((0.1, 0.2, 1 / 3, 0.4), tuple((0.1 * n, 1.0, 2.0, 3.0) for n in range(4)), 9)
    marginals = tuple(-spread for spread in SPREADS)
    return Lesson(id_, event, START + 1, marginals, ((1, 10), (0, 12)), weights, pairs)


async def keep(storage: Storage, *lessons: Lesson) -> Lessons:
    kept = Lessons(storage.database)
    for each in lessons:
        await storage.database.write(lambda connection, each=each: kept.save(connection, each))  # type: ignore[misc]
    return kept


async def test_a_lesson_comes_back_as_it_was_kept(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    kept = await keep(storage, lesson(hero.id))
    assert await kept.of_project(hero.project_id) == [lesson(hero.id)]


async def test_what_an_experiment_really_taught_says_the_same_when_it_is_read_again(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    other = await storage.experiment(storage.catalog.current.projects[0], "other")
    ended = await storage.experiments.change(hero.id, lambda e: complete(e, START + 5, "owner"))
    signals = [
        VisitorSignals(arm, form=form, scroll=0.5, time=20, allocation=1, converted=converted, visitors=many)
        for arm, form, converted, many in (
            (0, 0, False, 80),
            (0, 1, True, 20),
            (1, 0, False, 70),
            (1, 1, True, 30),
        )
    ]
    taught = lesson_of(ended, [(EVEN, (100, 100), (20, 30))], signals)
    kept = await keep(storage, taught)
    [again] = await kept.of_project(hero.project_id)
    assert again == taught
    assert again.pairs
    assert History.of([again], other) == History.of([taught], other)


async def test_a_project_learns_from_its_own_experiments_alone(storage: Storage) -> None:
    ours, theirs = [await storage.experiment(await storage.project(key)) for key in ("ours", "theirs")]
    kept = await keep(storage, lesson(ours.id), lesson(theirs.id, "call"))
    assert await kept.of_project(ours.project_id) == [lesson(ours.id)]
    assert await kept.of_project(theirs.project_id) == [lesson(theirs.id, "call")]


async def test_a_lesson_that_is_kept_again_takes_the_place_of_the_first(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    corrected = replace(lesson(hero.id), arms=((2, 20), (3, 30)), pairs=())
    kept = await keep(storage, lesson(hero.id), corrected)
    assert await kept.of_project(hero.project_id) == [corrected]


async def test_an_experiment_that_is_deleted_is_unlearned(storage: Storage) -> None:
    project = await storage.project()
    hero, other, third = [await storage.experiment(project, key) for key in ("hero", "other", "third")]
    kept = await keep(storage, *(lesson(each.id) for each in (hero, other, third)))
    await storage.experiments.delete(hero.id)
    assert await kept.of_project(project.id) == [lesson(other.id), lesson(third.id)]
    await storage.database.write(lambda connection: kept.forget(connection, other.id))
    assert await kept.of_project(project.id) == [lesson(third.id)]


async def test_the_lesson_of_an_experiment_that_is_gone_is_not_kept(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.experiments.delete(hero.id)
    kept = await keep(storage, lesson(hero.id))
    assert await kept.of_project(hero.project_id) == []


async def test_the_lessons_of_a_project_are_found_by_their_indexes(storage: Storage) -> None:
    sql = storage.database.queries.lessons_of.sql
    with closing(sqlite3.connect(storage.database.path)) as connection:
        plan = [row[3] for row in connection.execute(f"explain query plan {sql}", {"project_id": 1})]
    assert not any(step.startswith("SCAN") for step in plan), plan


async def test_the_chosen_prior_is_kept_and_follows_a_change(storage: Storage) -> None:
    project = await storage.project()
    hero = await storage.experiment(project, prior={"alpha": 0.1 + 0.2, "beta": 1e6})
    flat = await storage.experiment(project, "flat", prior="flat")
    usual = await storage.experiment(project, "usual")
    kept = {e.key: e.prior for e in await storage.experiments.all()}
    assert kept == {"hero": hero.prior, "flat": flat.prior, "usual": usual.prior}
    assert (flat.prior.kind, usual.prior.kind) == ("flat", "learned")
    assert hero.prior.custom is not None
    assert hero.prior.custom.alpha == 0.1 + 0.2
    await storage.experiments.change(hero.id, lambda e: replace(e, prior=flat.prior))
    assert (await storage.experiments.all())[0].prior == flat.prior


async def test_experiments_from_before_there_was_a_choice_have_learned_priors(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    writer = await SqliteWriter.open(path)
    try:
        await writer.run(lambda connection: migrate(connection, 1, [m for m in migrations() if m.number < 3]))
    finally:
        await writer.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("insert into projects values (1, 'site', 'Site', 'vv_proj_x', 0, 1)")
        connection.execute(
            "insert into experiments (project_id, key, name, description, type, mode, status, source, targeting, weights,"
            " traffic, created_at) values (1, 'old', 'Old', '', 'ab_test', 'fixed', 'draft', 'live', '[]', '[]', 1, 1)"
        )
    storage = await open_storage(path)
    try:
        [old] = await storage.experiments.all()
        assert (old.key, old.prior.kind) == ("old", "learned")
        assert await Lessons(storage.database).of_project(1) == []
    finally:
        await storage.database.close()


numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(1e-300, 1e300)
any_pair = st.builds(EffectPair, numbers, positive, numbers, positive, st.floats(-1, 1), positive)
any_weights = st.builds(
    SignalWeights,
    st.tuples(*[numbers] * 4),
    st.tuples(*[st.tuples(*[numbers] * 4)] * 4),
    st.integers(0, 10**9),
)
any_lesson = st.builds(
    Lesson,
    st.integers(1, 10**9),
    st.text(),
    st.integers(0, 1 << 53),
    st.lists(numbers, max_size=7).map(tuple),
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=5).map(tuple),
    any_weights,
    st.lists(any_pair, max_size=3).map(tuple),
)


@given(any_lesson)
def test_any_lesson_is_the_same_after_being_written_down(each: Lesson) -> None:
    assert from_columns(tuple(to_columns(each).values())) == each


@pytest.mark.parametrize("column", ["log_marginals", "arms", "weights", "pairs"])
def test_what_is_written_down_is_json_that_others_read_too(column: str) -> None:
    text = to_columns(lesson(1))[column]
    assert isinstance(text, str)
    assert not {"NaN", "Infinity"} & set(text.replace(",", " ").split())
