"""What a reading needs is read whole, and is what counting the visitors one by one gives."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest

from tests.storage.conftest import START, Storage
from tests.storage.test_ledger import claim, counts, event
from vibevariant.experiments.experiment import Experiment, ExperimentGoal
from vibevariant.experiments.lifecycle import complete, reallocate
from vibevariant.experiments.observations import BuyerSum, HourCount, SegmentTally
from vibevariant.experiments.segments import Device
from vibevariant.experiments.tallies import HOUR
from vibevariant.stats.delay import DelayCounts
from vibevariant.stats.silence import Arrivals
from vibevariant.storage.facts import EXPOSURE, Facts, RobotVisit

FIRST = START // HOUR
DEVICES: tuple[Device, ...] = ("mobile", "tablet", "desktop", "unknown")
GOALS = [
    {"key": "signup", "role": "primary", "window_hours": 5},
    {"key": "purchase"},
    {"key": "refund", "window_hours": 30},
]


async def lived_in(storage: Storage, visitors: int = 120) -> tuple[Experiment, list[dict[str, Any]]]:
    """An experiment with two allocations, and each of its visitors as one would write them down."""
    rng = random.Random(11)
    hero = await storage.experiment(await storage.project(), goals=GOALS)
    changed = lambda e: reallocate(e, [7000, 3000], 10_000, START + 10 * HOUR, "refresh", "x")  # noqa: E731
    hero = await storage.experiments.change(hero.id, changed)
    await storage.catalog.reload()
    known = []
    for number in range(visitors):
        at = START + rng.randrange(40 * HOUR)
        seen: dict[str, Any] = {
            "name": f"v{number}", "arm": rng.randrange(2), "allocation": 1 if at < START + 10 * HOUR else 2, "at": at,
            "device": rng.choice(DEVICES), "known": rng.random() < 0.3,
            "events": [
                (rng.choice(["signup", "purchase", "refund", "other"]), at + rng.randrange(-HOUR, 50 * HOUR),
                 rng.choice([0, 0, 2_000_000, 5_000_000]))
                for _ in range(rng.randrange(4))
            ],
        }  # fmt: skip
        known.append(seen)
        if seen["known"]:
            await storage.ledger.record_events([event(hero, seen["name"], "other", at - 2 * HOUR)])
        made = claim(hero, seen["name"], seen["arm"], at, device=seen["device"])
        events = [event(hero, seen["name"], name, when, value) for name, when, value in seen["events"]]
        await storage.ledger.record(Facts((replace(made, allocation=seen["allocation"]),), tuple(events)))
    return hero, known


def reached(visitor: dict[str, Any], goal: ExperimentGoal) -> list[tuple[int, int]]:
    """The events (time, value) that count for a goal, the earliest first."""
    end = float("inf") if goal.window_hours is None else visitor["at"] + goal.window_hours * HOUR
    return sorted(
        (at, value)
        for name, at, value in visitor["events"]
        if name == goal.event and visitor["at"] <= at < end
    )


def tallied(
    known: list[dict[str, Any]], goals: list[ExperimentGoal], hours: range
) -> Counter[tuple[Any, ...]]:
    """Arm, allocation, goal and what is counted."""
    found: Counter[tuple[Any, ...]] = Counter()
    for visitor in known:
        if visitor["at"] // HOUR in hours:
            place = (visitor["arm"], visitor["allocation"])
            found[*place, 0, "exposed"] += 1
            for goal in goals:
                events = reached(visitor, goal)
                found[*place, goal.id, "conversions"] += bool(events)
                found[*place, goal.id, "events"] += len(events)
                found[*place, goal.id, "value"] += sum(value for _, value in events)
    return +found


def summed(tallies: Any) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for tally in tallies:
        for name in ("exposed", "conversions", "events", "value"):
            found[tally.arm, tally.allocation, tally.goal_id, name] += getattr(tally, name)
    return +found


@pytest.mark.parametrize("hours", [range(1 << 40), range(FIRST + 3, FIRST + 21)], ids=["all", "some hours"])
@pytest.mark.parametrize("goal_key", ["signup", "purchase"])
async def test_all_is_as_counted_one_by_one(storage: Storage, hours: range, goal_key: str) -> None:
    hero, known = await lived_in(storage)
    goal = next(goal for goal in hero.goals if goal.key == goal_key)
    now = START + 38 * HOUR + HOUR // 3
    found = await storage.ledger.observations(hero, goal, now, first_hour=hours.start, end_hour=hours.stop)

    assert summed(found.tallies) == tallied(known, list(hero.goals), hours)
    assert found.matured.keys() == {goal.id for goal in hero.goals if goal.window_hours}
    for windowed in hero.goals:
        if windowed.window_hours is not None:
            closed = [v for v in known if (v["at"] // HOUR + 1 + windowed.window_hours) * HOUR <= now]
            assert summed(found.matured[windowed.id]) == tallied(closed, [windowed], hours)
            assert 0 < len(closed) < len(known)

    exposed = Counter(visitor["at"] // HOUR for visitor in known)
    happened = Counter(reached(v, goal)[0][0] // HOUR for v in known if reached(v, goal))
    assert found.hours == [
        HourCount(hour, exposed[hour], happened[hour]) for hour in sorted(exposed | happened)
    ]
    late = Counter((v["arm"], (reached(v, goal)[0][0] - v["at"]) // HOUR) for v in known if reached(v, goal))
    for arm, delays in enumerate(found.delays):
        assert sum(delays.ages) == sum(visitor["arm"] == arm for visitor in known)
        assert {hours: n for hours, n in enumerate(delays.delays) if n} == {
            hours: n for (of, hours), n in late.items() if of == arm
        }
    inside = [visitor for visitor in known if visitor["at"] // HOUR in hours]
    kinds: dict[tuple[str, int, int], list[int]] = defaultdict(lambda: [0, 0])
    sums: Counter[tuple[int, int, int]] = Counter()
    for v in inside:
        kind = f"{'returning' if v['known'] else 'new'}/{v['device']}"
        kinds[kind, v["arm"], v["allocation"]][0] += 1
        kinds[kind, v["arm"], v["allocation"]][1] += bool(reached(v, goal))
        value = sum(value for _, value in reached(v, goal))
        if value:
            sums[v["arm"], v["allocation"], value] += 1
    assert sorted(found.segments) == sorted(
        SegmentTally(*place, *counted) for place, counted in kinds.items()
    )
    assert found.buyers == sorted(BuyerSum(*place, visitors) for place, visitors in sums.items())
    assert found.signals == ()


async def test_ages_are_those_of_the_middle_of_the_hour_and_end_with_the_experiment(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    shown = [0, 0.9, 1, 7.5]
    await storage.ledger.claim_assignments(
        [claim(hero, f"v{n}", at=(FIRST + 1) * HOUR + round(hours * HOUR)) for n, hours in enumerate(shown)]
    )
    now = (FIRST + 9) * HOUR + 3 * HOUR // 4
    found = await storage.ledger.observations(hero, hero.primary_goal, now)
    assert found.delays == [DelayCounts([0, 1, 0, 0, 0, 0, 0, 1, 2], []), DelayCounts([], [])]
    ended = await storage.experiments.change(hero.id, lambda e: complete(e, now, "owner"))
    later = await storage.ledger.observations(ended, hero.primary_goal, now + 90 * HOUR)
    assert later.delays == found.delays


async def test_an_event_that_is_no_goal_is_counted_from_the_events(storage: Storage) -> None:
    hero, _ = await lived_in(storage, visitors=30)
    other = ExperimentGoal(-1, "other", "other", "secondary")
    found = await storage.ledger.observations(hero, other, START + 38 * HOUR)
    assert found.tallies == [
        *await storage.ledger.tallies(hero), *await storage.ledger.event_tallies(hero, "other", -1),
    ]  # fmt: skip
    assert any(tally.goal_id == -1 and tally.conversions for tally in found.tallies)
    assert (found.hours, found.delays, found.segments, found.buyers) == ((), (), (), ())
    assert found.matured.keys() == {goal.id for goal in hero.goals if goal.window_hours}


async def test_nobody_is_a_buyer_where_no_event_had_a_value(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    await storage.ledger.claim_assignments([claim(hero, "ann")])
    await storage.ledger.record_events([event(hero, "ann", "signup", START + 1)])
    found = await storage.ledger.observations(hero, hero.primary_goal, START + HOUR)
    assert (found.buyers, found.matured) == ([], {})
    assert counts(found.tallies)[0, hero.primary_goal.id] == (0, 1, 1, 0)


async def test_what_came_in_is_counted_by_the_hour_with_what_was_left_out(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    elsewhere = await storage.experiment(await storage.project("elsewhere"))
    ledger = storage.ledger
    before = RobotVisit(hero.project_id, START - HOUR, 9)  # the start, so it is not this experiment's
    await ledger.count_robot(before)
    await ledger.claim_assignments([claim(hero, "ann"), claim(hero, "bob", exposed=False)])
    ledger.forget()
    await ledger.claim_assignments([claim(hero, "ann")])  # known, and no news
    sent = [event(hero, "ann", "signup", START + 1), event(hero, "bob", EXPOSURE, START + 2)]
    await ledger.record_events([*sent, replace(sent[0])])
    await ledger.record_events(sent[:1])
    await ledger.count_robot(RobotVisit(hero.project_id, START + 3 * HOUR, 4))
    await ledger.record_events([event(elsewhere, "ann", "signup", START + 1)])
    found = await ledger.observations(hero, hero.primary_goal, START + 4 * HOUR)
    assert found.arrivals == Arrivals(counted=3, robots=4, duplicates=2)
    rows = await storage.database.reader.execute_fetchall(
        "select hour, counted, robots, duplicates from arrivals where project_id = ? order by hour",
        (hero.project_id,),
    )
    assert list(rows) == [(FIRST - 1, 0, 9, 0), (FIRST, 3, 0, 2), (FIRST + 3, 0, 4, 0)]
    ended = await storage.experiments.change(hero.id, lambda e: complete(e, START + 2 * HOUR, "owner"))
    assert (await ledger.observations(ended, hero.primary_goal, START + 9 * HOUR)).arrivals == Arrivals(
        3, 0, 2
    )


async def test_a_draft_has_nothing_to_observe(storage: Storage) -> None:
    hero = await storage.experiment(await storage.project())
    found = await storage.ledger.observations(replace(hero, started_at=None), hero.primary_goal, START)
    assert (found.tallies, found.hours, found.segments, found.buyers) == ([], [], [], [])
    assert found.delays == [DelayCounts([], [])] * 2
    assert found.arrivals == Arrivals(0, 0, 0)


async def test_the_queries_are_few_however_many_arms_goals_and_visitors(storage: Storage) -> None:
    goals = [{"key": f"goal-{n}", "window_hours": n + 1} for n in range(10)]
    goals[0]["role"] = "primary"
    arms = [{"key": f"arm-{n}"} for n in range(12)]
    hero = await storage.experiment(await storage.project(), goals=goals, arms=arms)
    await storage.ledger.claim_assignments([claim(hero, f"v{n}", arm=n % 12) for n in range(60)])
    asked: list[str] = []
    await storage.database.reader.set_trace_callback(asked.append)
    await storage.ledger.observations(hero, hero.primary_goal, START + HOUR)
    await storage.database.reader.set_trace_callback(None)
    assert len(asked) <= 7


@pytest.mark.parametrize(
    "query",
    ["matured_tallies_of", "exposures_by_hour", "conversions_by_hour", "conversions_by_delay", "segment_tallies_of",
     "buyers_of", "arrivals_of"],
)  # fmt: skip
async def test_no_query_reads_a_table_through(storage: Storage, query: str) -> None:
    parameters = {
        "experiment_id": 1, "goal_id": 1, "project_id": 1, "first_hour": 0, "end_hour": 9, "last_hour": 9,
        "first_at": 0, "end_at": 9, "rows": "[]",
    }  # fmt: skip
    sql = getattr(storage.database.queries, query).sql
    plan = await storage.database.reader.execute_fetchall(f"explain query plan {sql}", parameters)
    steps = [row[3] for row in plan]
    assert any(step.startswith("SEARCH ") for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN ") and not step.startswith("SCAN r ")], steps
