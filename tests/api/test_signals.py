"""Early signals come in under names of their own, live and with a history, and no other `$` names do."""

import pytest

from tests.api.test_imports import T0, visitor
from vibevariant.api.events import EXPOSURE
from vibevariant.experiments.signals import SIGNAL_EVENTS
from vibevariant.storage.signals import Signals

GOOD = [("$scroll", 0.4), ("$time", 12), ("$click", None), ("$form_start", None), ("$form_submit", None)]


def signal(name, value=None):
    return {"visitor_id": "v", "name": name} | ({} if value is None else {"value": value})


async def test_every_signal_is_stored_and_none_is_a_conversion(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    assert {name for name, _ in GOOD} == set(SIGNAL_EVENTS)
    batch = {"events": [signal(*each) for each in GOOD]}
    answer = await site.visit("POST", "/events", batch, 202)
    assert answer == {"accepted": len(GOOD), "duplicates": 0, "rejected": []}
    hero = next(iter(site.context.catalog.current.experiments))
    assert sum(tally.conversions for tally in await site.context.ledger.tallies(hero)) == 0
    [seen] = await Signals(site.context.database).signals_of(hero, hero.primary_goal)
    assert (seen.form, seen.click, seen.scroll, seen.time, seen.converted) == (2, 1, 0.4, 10, False)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("$scroll", None, "from 0 to 1"),
        ("$scroll", 40, "from 0 to 1"),
        ("$scroll", -0.1, "from 0 to 1"),
        ("$time", None, "from 0 to 86400"),
        ("$time", 90_000, "from 0 to 86400"),
    ],
)
async def test_a_value_out_of_bounds_is_named_with_the_bounds(site, name, value, says):
    alone = await site.call("POST", "/api/v1/events", signal(name, value), by=site.token)
    assert (alone.status, alone.json["field"]) == (400, "value")
    assert says in alone.json["detail"]
    batch = {"events": [signal("$click"), signal(name, value)]}
    answer = await site.visit("POST", "/events", batch, 202)
    assert answer["accepted"] == 1
    [rejected] = answer["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, "invalid_input")
    assert rejected["detail"].startswith(f"`value`: The value of `{name}` is")
    assert says in rejected["detail"]


async def test_a_name_of_our_own_that_nobody_knows_is_refused_with_those_that_are_known(site):
    answer = await site.call("POST", "/api/v1/events", signal("$scrolled", 0.5), by=site.token)
    assert (answer.status, answer.json["field"]) == (400, "name")
    assert all(f"`{name}`" in answer.json["detail"] for name in (EXPOSURE, *SIGNAL_EVENTS))


@pytest.mark.parametrize("name", SIGNAL_EVENTS)
async def test_no_signal_can_be_the_goal_of_an_experiment(site, name):
    body = {"key": "hero", "arms": [{"key": "a"}, {"key": "b"}]}
    for goals in ({"goals": [{"key": "g", "event": name}]}, {"goal": name}):
        answer = await site.call("POST", "/api/v1/experiments", body | goals, by=site.key)
        assert answer.status == 400


async def test_a_history_may_have_signals(site):
    await site.experiment("old", source="imported", goal="click", start=False)
    done = [{"name": name, "at": T0 + 5000} | ({} if v is None else {"value": v}) for name, v in GOOD]
    body = {"experiment": "old", "visitors": [visitor(0, events=done), visitor(1)]}
    answer = await site.call("POST", "/api/v1/import", body, by=site.key)
    assert (answer.status, answer.json["events"]) == (200, len(GOOD))
    old = next(iter(site.context.catalog.current.experiments))
    rows = await Signals(site.context.database).signals_of(old, old.primary_goal)
    assert [(row.arm, row.signals) for row in rows] == [(0, (2, 1, 0.4, 10)), (1, (0, 0, 0, 0))]


@pytest.mark.parametrize(
    ("event", "pointer", "says"),
    [
        ({"name": "$scroll", "value": 40}, "/visitors/0/events/1/value", "from 0 to 1"),
        ({"name": "$time"}, "/visitors/0/events/1/value", "from 0 to 86400"),
        ({"name": "$exposure"}, "/visitors/0/events", "`$scroll`"),
        ({"name": "$other"}, "/visitors/0/events", "`$form_submit`"),
    ],
)
async def test_a_history_with_a_bad_signal_is_refused_whole(site, event, pointer, says):
    await site.experiment("old", source="imported", goal="click", start=False)
    events = [{"name": "$click", "at": T0}, {"at": T0, **event}]
    body = {"experiment": "old", "visitors": [visitor(0, events=events)]}
    answer = await site.call("POST", "/api/v1/import", body, by=site.key)
    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"] == pointer
    assert says in answer.json["errors"][0]["detail"]
    assert await site.count("events") == 0
