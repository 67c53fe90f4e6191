"""Assignments and events: kept once, tallied in the same transaction, in any order."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.conftest import START, Storage, open_storage
from vibevariant.errors import ExperimentGone
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lifecycle import complete, pause
from vibevariant.experiments.segments import Device
from vibevariant.experiments.tallies import HOUR, Tally
from vibevariant.stats.silence import Arrivals
from vibevariant.storage.facts import Claim, Facts, NewEvent

_ids = itertools.count()


def claim(
    experiment: Experiment, visitor: str, arm: int = 0, at: int = START, exposed: bool = True,
    device: Device = "unknown",
) -> Claim:  # fmt: skip
    weight = experiment.weights[arm]
    shown = at if exposed else None
    return Claim(experiment.project_id, experiment.id, visitor, arm, 1, weight, at, shown, device)


def event(
    experiment: Experiment, visitor: str, name: str, at: int, value: int | None = None, event_id: str = "",
    received_at: int | None = None,
) -> NewEvent:  # fmt: skip
    shown = experiment.id if name == "$exposure" else None
    return NewEvent(
        experiment.project_id, event_id or f"e{next(_ids)}", visitor, name, at,
        at if received_at is None else received_at, value, None, shown,
    )  # fmt: skip


DERIVED = ("every_tally", "every_conversion_hour", "every_conversion_delay")
"""The queries that show all that a recount rebuilds."""


def counts(tallies: Sequence[Tally]) -> dict[tuple[int, int], tuple[int, int, int, int]]:
    """By arm and goal id (0: exposed): exposed, conversions, events, value, zeros left out."""
    return {
        (t.arm, t.goal_id): (t.exposed, t.conversions, t.events, t.value)
        for t in tallies
        if any((t.exposed, t.conversions, t.events, t.value))
    }


async def test_a_known_visitor_keeps_the_arm_whatever_is_claimed_later(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    [first] = await storage.ledger.claim_assignments([claim(hero, "ann", arm=0)])
    storage.ledger.forget()
    [later] = await storage.ledger.claim_assignments([claim(hero, "ann", arm=1, at=START + 5)])
    assert (later.arm, later.assigned_at, later.propensity) == (0, START, 5000) == (
        first.arm, first.assigned_at, first.propensity,
    )  # fmt: skip


async def test_fifty_first_claims_at_once_give_one_row_and_one_answer(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    answers = await asyncio.gather(
        *(storage.ledger.claim_assignments([claim(hero, "ann", arm=n % 2, at=START + n)]) for n in range(50))
    )
    assert len({(a.arm, a.assigned_at) for [a] in answers}) == 1
    assert sum(t.exposed for t in await storage.ledger.tallies(hero)) == 1


async def test_an_event_counts_from_the_very_time_of_the_exposure_on(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    signup = hero.primary_goal.id
    await storage.ledger.claim_assignments([claim(hero, v, at=START + 10) for v in ("ann", "bob")])
    await storage.ledger.record_events(
        [event(hero, "ann", "signup", START + 9), event(hero, "bob", "signup", START + 10)]
    )
    assert counts(await storage.ledger.tallies(hero)) == {(0, 0): (2, 0, 0, 0), (0, signup): (0, 1, 1, 0)}


async def test_a_second_conversion_adds_value_and_no_converted_visitor(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    for value in (3_000_000, 4_500_000):
        await storage.ledger.record_events([event(hero, "ann", "purchase", START + 1, value)])
    assert counts(await storage.ledger.tallies(hero))[0, hero.goals[1].id] == (0, 1, 2, 7_500_000)


async def test_an_event_sent_twice_counts_once(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    twice = [
        event(hero, "ann", "signup", START + 1, event_id="same"),
        event(hero, "ann", "signup", START + 1, event_id="same"),
    ]
    assert await storage.ledger.record_events(twice) == (True, False)
    assert await storage.ledger.record_events(twice) == (False, False)
    assert counts(await storage.ledger.tallies(hero))[0, hero.primary_goal.id] == (0, 1, 1, 0)


async def test_the_same_event_id_in_two_projects_is_two_events(storage: Storage) -> None:
    ours = await storage.experiment(await storage.project("ours"))
    theirs = await storage.experiment(await storage.project("theirs"))
    events = [event(e, "ann", "signup", START, event_id="same") for e in (ours, theirs)]
    assert await storage.ledger.record_events(events) == (True, True)


async def test_visitors_who_were_never_shown_an_arm_count_nowhere(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann", exposed=False)])
    await storage.ledger.record_events([event(hero, "ann", "signup", START + 1)])
    assert counts(await storage.ledger.tallies(hero)) == {}


async def test_an_exposure_of_a_visitor_nobody_assigned_is_assigned_by_the_hash(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.record_events([event(hero, "visitor-1", "$exposure", START + 1)])
    stored = await storage.ledger.assignment(hero, "visitor-1")
    assert stored is not None
    assert (stored.arm, stored.propensity, stored.exposed_at) == (1, 5000, START + 1)  # bucket 7179


async def test_an_event_counts_up_to_the_end_of_its_goals_window(storage: Storage) -> None:
    goals = [{"key": "signup", "role": "primary", "window_hours": 2}, {"key": "purchase"}]
    hero = await storage.experiment(await storage.project(), goals=goals)
    signup, purchase = (goal.id for goal in hero.goals)
    await storage.ledger.claim_assignments([claim(hero, v) for v in ("ann", "bob")])
    await storage.ledger.record_events(
        [event(hero, "ann", name, START + 2 * HOUR - 1) for name in ("signup", "purchase")]
        + [event(hero, "bob", name, START + 2 * HOUR) for name in ("signup", "purchase")]
    )
    assert counts(await storage.ledger.tallies(hero)) == {
        (0, 0): (2, 0, 0, 0), (0, signup): (0, 1, 1, 0), (0, purchase): (0, 2, 2, 0),
    }  # fmt: skip
    assert not await storage.ledger.recount(hero)


async def test_an_earlier_exposure_closes_the_window_earlier(storage: Storage) -> None:
    goals = [{"key": "signup", "window_hours": 2}]
    hero = await storage.experiment(await storage.project(), goals=goals)
    await storage.ledger.claim_assignments([claim(hero, "ann", at=START + 3 * HOUR)])
    await storage.ledger.record_events([event(hero, "ann", "signup", START + at * HOUR, 7) for at in (1, 4)])
    signup = hero.primary_goal.id
    assert counts(await storage.ledger.tallies(hero))[0, signup] == (0, 1, 1, 7)
    await storage.ledger.record_events([event(hero, "ann", "$exposure", START + 2 * HOUR)])
    assert (0, signup) not in counts(await storage.ledger.tallies(hero))  # four is too late now
    assert await storage.database.rows("every_conversion_hour", experiment_id=hero.id) == []
    await storage.ledger.record_events([event(hero, "ann", "$exposure", START)])
    assert counts(await storage.ledger.tallies(hero))[0, signup] == (
        0,
        1,
        1,
        7,
    )  # one is not too early any more
    assert not await storage.ledger.recount(hero)


async def test_a_segment_is_fixed_when_the_visitor_is_first_assigned(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.record_events([event(hero, "bob", "other", START - HOUR)])
    await storage.ledger.claim_assignments(
        [claim(hero, "ann", device="mobile"), claim(hero, "bob", device="desktop")]
    )
    storage.ledger.forget()
    later = [claim(hero, visitor, at=START + HOUR, device="tablet") for visitor in ("ann", "bob")]
    assert [a.segment for a in await storage.ledger.claim_assignments(later)] == [
        "new/mobile",
        "returning/desktop",
    ]
    rows = await storage.database.rows("every_tally", experiment_id=hero.id)
    assert {(row[4], row[5]) for row in rows} == {("new/mobile", 1), ("returning/desktop", 1)}


async def test_visitors_recorded_elsewhere_are_of_no_known_segment_and_came_to_no_site(
    storage: Storage,
) -> None:
    hero = await storage.experiment(await storage.project(), source="imported")
    facts = Facts((claim(hero, "ann", device="mobile"),), (event(hero, "ann", "signup", START + 1),))
    [given] = (await storage.ledger.record(facts)).assignments
    assert given is not None
    assert given.segment == "unknown"
    rows = await storage.database.rows("every_tally", experiment_id=hero.id)
    assert {row[4] for row in rows} == {"unknown"}
    found = await storage.ledger.observations(hero, hero.primary_goal, START)
    assert found.arrivals == Arrivals(0, 0, 0)


async def test_nothing_counts_in_a_pause_or_after_the_end(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, v, exposed=False) for v in ("ann", "bob", "cem")])
    await storage.ledger.record_events([event(hero, "ann", "$exposure", START + 10)])
    await storage.experiments.change(hero.id, lambda e: pause(e, START + 20, "owner"))
    await storage.catalog.reload()
    await storage.ledger.record_events(
        [event(hero, "bob", "$exposure", START + 21), event(hero, "cem", "$exposure", START + 19)]
    )
    await storage.experiments.change(hero.id, lambda e: complete(e, START + 30, "owner"))
    await storage.catalog.reload()
    late = [event(hero, "ann", "signup", START + 31), event(hero, "cem", "signup", START + 30)]
    assert await storage.ledger.record_events(late) == (True, True)
    assert counts(await storage.ledger.tallies(hero)) == {
        (0, 0): (2, 0, 0, 0),
        (0, hero.primary_goal.id): (0, 1, 1, 0),
    }


async def test_a_claim_on_a_deleted_experiment_says_so_and_stores_nothing(storage: Storage) -> None:
    project = await storage.project()
    hero, other = await storage.experiment(project), await storage.experiment(project, "other")
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    storage.ledger.forget()
    await storage.experiments.delete(hero.id)  # the catalog still has it, as in the moment of a race
    with pytest.raises(ExperimentGone):
        await storage.ledger.claim_assignments([claim(hero, "ann")])
    shown = event(hero, "ann", "$exposure", START)
    assert await storage.ledger.record_events([shown, event(hero, "ann", "signup", START)]) == (True, True)
    [kept] = await storage.ledger.claim_assignments([claim(other, "ann")])
    assert kept.experiment_id == other.id


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cem"]),
        st.sampled_from(["$exposure", "shown", "signup", "signup", "purchase", "other"]),
        st.integers(0, 8).map(lambda half: START + half * HOUR // 2),
        st.integers(-5, 5),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(events=EVENTS, data=st.data())
def test_any_order_duplication_and_batching_gives_the_same_counts_equal_to_a_recount(
    events: list[tuple[str, str, int, int]], data: st.DataObject
) -> None:
    """Ann and bob are assigned by the server, with a segment each, and shown their arm by it or by an event; cem's page
    chose by itself. A signup counts within two hours of the first exposure, a purchase whenever it comes.
    """
    sequences = [data.draw(st.permutations(range(len(events)))) for _ in range(2)]
    repeats = data.draw(st.lists(st.sampled_from(range(max(1, len(events)))), max_size=5)) if events else []
    cuts = data.draw(st.lists(st.integers(1, 4), min_size=20, max_size=20))

    async def tallies(order: Sequence[int], folder: str, together: bool) -> tuple[Any, bool]:
        storage = await open_storage(Path(folder) / "v.db")
        try:
            goals = [{"key": "signup", "role": "primary", "window_hours": 2}, {"key": "purchase"}]
            hero = await storage.experiment(await storage.project(), goals=goals)
            await storage.ledger.claim_assignments([claim(hero, "bob", at=START - HOUR, exposed=False)])
            hall = await storage.experiment(await storage.project("other"), "hall")  # not to be counted along
            await storage.ledger.claim_assignments(
                [claim(hero, "ann", exposed=False, device="mobile"), claim(hall, "ann", arm=1)]
            )

            def fact(number: int) -> Claim | NewEvent:
                visitor, name, at, value = events[number]
                if name == "shown" and visitor != "cem":
                    return claim(hero, visitor, at=at)
                name = "$exposure" if name == "shown" else name
                return event(hero, visitor, name, at, value, f"id{number}", received_at=START + 9 * HOUR)

            queue = [fact(n) for n in [*order, *repeats]]
            batches = []
            for size in cuts:
                batches.append(queue[:size])
                queue = queue[size:]
            writes = [
                storage.ledger.record(
                    Facts(
                        tuple(each for each in batch if isinstance(each, Claim)),
                        tuple(each for each in batch if isinstance(each, NewEvent)),
                    )
                )
                for batch in [*batches, queue]
            ]
            if together:
                await asyncio.gather(*writes)
            else:
                for write in writes:
                    await write
            kept = [await storage.database.rows(query, experiment_id=hero.id) for query in DERIVED]
            return kept, await storage.ledger.recount(hero) or await storage.ledger.recount(hall)
        finally:
            await storage.database.close()

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        one, one_differs = asyncio.run(tallies(sequences[0], first, together=False))
        two, two_differs = asyncio.run(tallies(sequences[1], second, together=True))
    assert one == two
    assert (one_differs, two_differs) == (False, False)
