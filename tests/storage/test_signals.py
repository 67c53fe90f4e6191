"""What visitors did short of converting is read from the events, and says what it should."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, event
from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.lessons import History, Lesson
from vibevariant.experiments.lifecycle import complete
from vibevariant.stats.early_signals import EarlySigns, early_sentence, early_signs
from vibevariant.stats.effect_correlation import EffectPair
from vibevariant.stats.engagement import VisitorSignals, signal_table
from vibevariant.storage.facts import Claim, Facts, NewEvent
from vibevariant.storage.lessons import Lessons
from vibevariant.storage.signals import MOST_VISITORS, Signals

MICRO = 1_000_000


async def read(storage: Storage, experiment: Experiment) -> list[VisitorSignals]:
    return await Signals(storage.database).signals_of(experiment, experiment.primary_goal)


async def test_what_a_visitor_did_from_the_exposure_on_is_read(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann", at=START + 10), claim(hero, "bob", 1)])
    done: list[tuple[str, int, float | None]] = [
        ("$scroll", 9, 1.0),  # before the arm was shown
        ("$click", 9, None),
        ("$scroll", 10, 0.25),
        ("$scroll", 20, 0.75),
        ("$scroll", 30, 0.5),
        ("$time", 20, 31.0),
        ("$time", 40, 30.5),
        ("$click", 20, None),
        ("$click", 20, None),
        ("$form_start", 30, None),
        ("other", 30, 9.0),
        ("signup", 50, None),
    ]
    await storage.ledger.record_events(
        [
            event(hero, "ann", name, START + at, None if value is None else round(value * MICRO))
            for name, at, value in done
        ]
    )
    assert await read(storage, hero) == [
        VisitorSignals(0, form=1, click=2, scroll=0.75, time=60, allocation=1, converted=True),
        VisitorSignals(1, form=0, click=0, scroll=0.0, time=0, allocation=1),
    ]
    purchase = await Signals(storage.database).signals_of(hero, hero.goals[1])
    assert [row.converted for row in purchase] == [False, False]


async def test_who_was_never_shown_an_arm_and_what_came_after_the_end_do_not_count(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann"), claim(hero, "bob", exposed=False)])
    ended = await storage.experiments.change(hero.id, lambda e: complete(e, START + 30, "owner"))
    clicks = [event(hero, visitor, "$click", START + at) for visitor in ("ann", "bob") for at in (30, 31)]
    await storage.ledger.record_events(clicks)
    assert await read(storage, ended) == [VisitorSignals(0, 0, 1, 0.0, 0, allocation=1)]


async def test_other_experiments_and_goals_that_are_not_counted_have_no_part_in_it(storage: Storage) -> None:
    project = await storage.project()
    hero, other = [await storage.experiment(project, key) for key in ("hero", "other")]
    await storage.ledger.claim_assignments([claim(hero, "ann"), claim(other, "bob")])
    await storage.ledger.record_events(
        [event(hero, "ann", "$click", START), event(hero, "bob", "$click", START)]
    )
    assert [row.visitors for row in await read(storage, hero)] == [1]
    any_event = ExperimentGoal(-1, "x", "x", "secondary")
    assert await Signals(storage.database).signals_of(hero, any_event) == []


async def test_signals_move_no_tally_and_no_conversion(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    before = await storage.ledger.tallies(hero)
    await storage.ledger.record_events([event(hero, "ann", "$form_submit", START + 1)])
    assert await storage.ledger.tallies(hero) == before


async def test_only_the_first_visitors_who_were_shown_an_arm_are_looked_at(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    late = [claim(hero, f"late{n}", 1, START + 99) for n in range(40)]
    await storage.ledger.claim_assignments(late)  # they have the lower numbers
    await storage.ledger.claim_assignments(
        [claim(hero, f"v{n}", 0, START + n % 9) for n in range(MOST_VISITORS - 10)]
    )
    rows = await read(storage, hero)
    assert sum(row.visitors for row in rows) == MOST_VISITORS
    assert {row.arm: row.visitors for row in rows} == {0: MOST_VISITORS - 10, 1: 10}


async def test_visitors_and_their_events_are_found_by_index(storage: Storage) -> None:
    sql = storage.database.queries.signals_of.sql
    names = (
        "experiment_id",
        "goal_id",
        "most",
        "ended_at",
        "form_start",
        "form_submit",
        "click",
        "scroll",
        "seconds",
    )
    with closing(sqlite3.connect(storage.database.path)) as connection:
        plan = [row[3] for row in connection.execute(f"explain query plan {sql}", dict.fromkeys(names, 1))]
    said = " ".join(plan)
    assert "SEARCH a USING INDEX sqlite_autoindex_assignments_1 (experiment_id=?)" in said
    assert "sqlite_autoindex_conversions_1 (experiment_id=? AND visitor_id=? AND goal_id=?)" in said
    assert "SEARCH e USING INDEX events_by_visitor (visitor_id=? AND at>? AND at<?)" in said
    assert not any(f"SCAN {table} " in f"{said} " for table in "ace")


async def visit(
    storage: Storage,
    hero: Experiment,
    interested: Sequence[int],
    of: int = 300,
    signups: Sequence[int] = (0, 0),
) -> None:
    """Of each arm's visitors, so many read on, click and begin the form; the first of them sign up by sending it."""
    claims: list[Claim] = []
    events: list[NewEvent] = []
    rng = random.Random(8)
    for arm, many in enumerate(interested):
        for n in range(of):
            visitor, keen = f"{arm}-{n}", n < many
            at = START + rng.randrange(1000)
            claims.append(claim(hero, visitor, arm, at))
            deep = rng.uniform(0.6, 1.0) if keen else rng.uniform(0.0, 0.5)
            seconds = rng.expovariate(1 / (60 if keen else 20))
            events.append(event(hero, visitor, "$scroll", at + 5, round(deep * MICRO)))
            events.append(event(hero, visitor, "$time", at + 9, round(seconds * MICRO)))
            if keen:
                events.append(event(hero, visitor, "$click", at + 6))
            if keen and n % 3 == 0:
                events.append(event(hero, visitor, "$form_start", at + 7))
            if n < signups[arm]:
                events.append(event(hero, visitor, "$form_submit", at + 8))
                events.append(event(hero, visitor, "signup", at + 8))
    await storage.ledger.record(Facts(tuple(claims), tuple(events)))


async def signs_of(storage: Storage, hero: Experiment) -> EarlySigns:
    lessons = await Lessons(storage.database).of_project(hero.project_id)
    history = History.of(lessons, hero)
    return early_signs(
        signal_table(await read(storage, hero)), len(hero.arms), hero.control.index,
        weights=history.weights, correlation=history.correlation, spread=history.spread,
    )  # fmt: skip


KEYS = ["Page A", "Page B"]


async def test_at_one_conversion_to_none_signals_say_which_arm_engages_more(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, (90, 150), signups=(0, 1))
    signs = await signs_of(storage, hero)
    assert signs.is_claim
    assert (signs.arm, signs.over) == (1, 0)
    assert early_sentence(signs, KEYS) == (
        "Visitors seem more engaged with Page B than with Page A. "
        "These are early signs, not conversions: right about 6 times in 10."
    )
    assert signs.shift.means[1] > 0 > signs.shift.means[0]


async def test_signs_may_speak_against_the_arm_with_the_one_conversion(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, (150, 90), signups=(0, 1))
    signs = await signs_of(storage, hero)
    assert (signs.is_claim, signs.arm) == (True, 0)


async def test_where_visitors_of_both_arms_do_the_same_nothing_is_claimed(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, (120, 121), signups=(0, 1))
    signs = await signs_of(storage, hero)
    assert signs.reason == "not clear"
    assert "No clear difference" in early_sentence(signs, KEYS)


async def test_a_site_that_sends_no_signals_hears_no_claim(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, f"v{n}", n % 2) for n in range(100)])
    await storage.ledger.record_events([event(hero, "v1", "signup", START + 5)])
    signs = await signs_of(storage, hero)
    assert signs.reason == "no engagement"


async def test_where_the_past_shows_no_relation_nothing_is_claimed(storage: Storage) -> None:
    project = await storage.project()
    lessons = Lessons(storage.database)
    rng = random.Random(3)
    for n in range(30):  # whose more engaging arms were sometimes the better ones and sometimes not
        past = await storage.experiment(project, f"past-{n}")
        pair = EffectPair(0.3 * (-1) ** n, 0.03, rng.choice((-0.4, 0.4)), 0.05)
        taught = Lesson(past.id, "signup", START, (0.0,) * 7, ((50, 1000), (70, 1000)), pairs=(pair,))
        await storage.database.write(lambda connection, taught=taught: lessons.save(connection, taught))  # type: ignore[misc]
    hero = await storage.experiment(project)
    await visit(storage, hero, (90, 150), signups=(0, 1))
    signs = await signs_of(storage, hero)
    assert (signs.reason, signs.experiments) == ("not related", 30)
    assert "do not show" in early_sentence(signs, KEYS)


async def test_a_form_that_may_be_the_goal_is_not_its_own_early_sign(storage: Storage) -> None:
    """All that arm b has more of is sent forms, which are the signups: without them nobody did anything else."""
    hero = await storage.experiment(await storage.project())
    await visit(storage, hero, (100, 100), signups=(0, 90))
    rows = await read(storage, hero)
    assert max(row.form or 0 for row in rows) == 1
