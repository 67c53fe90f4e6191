"""A history that was recorded elsewhere comes in as it was."""

import json

import pytest

T0 = 1_767_000_000_000
"""Some days before the test's clock."""


def visitor(number, **settings):
    return {
        "visitor_id": f"v{number}",
        "arm": ("control", "bold")[number % 2],
        "at": T0 + number * 1000,
        **settings,
    }


def history(n=40):
    """Every fourth visitor clicks a minute later, for 1.5."""
    return [
        visitor(
            n, events=[{"name": "click", "at": T0 + n * 1000 + 60_000, "value": 1.5}] if n % 4 == 0 else []
        )
        for n in range(n)
    ]


@pytest.fixture
async def old(site):
    await site.experiment("old", source="imported", goal="click", start=False)
    return site


async def bring(site, visitors, expect=200, **settings):
    answer = await site.call(
        "POST", "/api/v1/import", {"experiment": "old", "visitors": visitors, **settings}, by=site.key
    )
    assert answer.status == expect, answer.text
    return answer.json


async def test_nobody_imports_with_a_project_token(old):
    for by, status in [(None, 401), (old.token, 403)]:
        answer = await old.call(
            "POST", "/api/v1/import", {"experiment": "old", "visitors": history(1)}, by=by
        )
        assert answer.status == status


async def test_what_was_recorded_is_what_is_counted(old):
    assert await bring(old, history()) == {"assigned": 40, "conflicts": 0, "events": 10, "duplicates": 0}
    results = await old.manage("GET", "/experiments/old/results")
    assert [(arm["exposed"], arm["conversions"], arm["value"]) for arm in results["arms"]] == [
        (20, 10, 15),
        (20, 0, 0),
    ]
    shown = await old.manage("GET", "/experiments/old")
    assert (shown["status"], shown["started_at"]) == ("running", T0)


async def test_importing_again_changes_nothing(old):
    await bring(old, history())
    before = await old.manage("GET", "/experiments/old/results")
    assert await bring(old, history()) == {"assigned": 40, "conflicts": 0, "events": 0, "duplicates": 10}
    assert await old.manage("GET", "/experiments/old/results") == before


async def test_a_history_may_come_in_parts_and_in_any_order(old):
    whole = history()
    for part in (whole[20:], whole[:25]):
        await bring(old, part)
    results = await old.manage("GET", "/experiments/old/results")
    assert [(arm["exposed"], arm["conversions"]) for arm in results["arms"]] == [(20, 10), (20, 0)]


async def test_the_same_thing_twice_in_one_moment_is_two_events(old):
    click = {"name": "click", "at": T0 + 5000, "value": 1}
    assert (await bring(old, [visitor(0, events=[click, click])]))["events"] == 2
    assert (await bring(old, [visitor(0, events=[click, click])]))["duplicates"] == 2


async def test_an_arm_that_was_brought_in_earlier_stands(old):
    await bring(old, [visitor(0)])
    assert await bring(old, [visitor(0, arm="bold")]) == {
        "assigned": 0,
        "conflicts": 1,
        "events": 0,
        "duplicates": 0,
    }


async def test_the_planned_weights_are_what_visitors_are_compared_with(old):
    await bring(old, history(400), weights={"control": 0.9, "bold": 0.1})
    results = await old.manage("GET", "/experiments/old/results")
    assert results["sample_ratio"]["expected"] == [360, 40]
    assert results["decision"]["status"] == "broken"
    await bring(old, history(), weights={"bold": 10, "control": 90})
    await bring(old, history(), 409, weights={"control": 0.5, "bold": 0.5})


async def test_an_exposure_may_come_later_than_the_assignment(old):
    before = {"name": "click", "at": T0 + 2000}
    await bring(old, [visitor(0, exposed_at=T0 + 5000, events=[before])])
    assert (await old.manage("GET", "/experiments/old/results"))["summary"] == {
        "exposed": 1, "conversions": 0, "conversion_rate": 0,
    }  # fmt: skip


async def test_live_and_imported_are_never_mixed(old):
    await old.experiment("live", goal="click")
    answer = await old.call(
        "POST", "/api/v1/import", {"experiment": "live", "visitors": history(2)}, by=old.key
    )
    assert (answer.status, answer.json["field"]) == (409, "experiment")
    assert await old.count("assignments") == 0


async def test_nothing_comes_into_what_has_ended(old):
    await bring(old, history(4))
    await old.manage("POST", "/experiments/old/complete")
    await bring(old, history(), 409)


@pytest.mark.parametrize(
    ("visitors", "pointer"),
    [
        ([], "/visitors"),
        ([visitor(0), visitor(1, arm="nobody")], "/visitors/1/arm"),
        ([visitor(0, at=4_000_000_000_000)], "/visitors/0"),
        ([visitor(0, exposed_at=4_000_000_000_000)], "/visitors/0"),
        ([visitor(0, events=[{"name": "click", "at": 4_000_000_000_000}])], "/visitors/0"),
        ([visitor(0, exposed_at=T0 - 1)], "/visitors/0/exposed_at"),
        ([visitor(0, at="2026-01-01")], "/visitors/0/at"),
        ([visitor(0, visitor_id="")], "/visitors/0/visitor_id"),
        ([visitor(0, events=[{"name": "$exposure", "at": T0}])], "/visitors/0/events"),
        ([visitor(0, events=[{"name": "click", "at": T0, "value": 1e12}])], "/visitors/0/events/0/value"),
        ([visitor(0, colour="red")], "/visitors/0/colour"),
    ],
)
async def test_a_bad_history_is_refused_whole(old, visitors, pointer):
    refused = await bring(old, visitors, 400)
    assert refused["errors"][0]["pointer"] == pointer
    assert await old.count("assignments") == await old.count("events") == 0
    assert (await old.manage("GET", "/experiments/old"))["status"] == "draft"


async def test_an_experiment_nobody_knows_is_not_found(site):
    answer = await site.call(
        "POST", "/api/v1/import", {"experiment": "nope", "visitors": history(1)}, by=site.key
    )
    assert answer.status == 404


async def test_five_thousand_visitors_go_in_at_once(old):
    visitors = [visitor(n) for n in range(5000)]
    assert len(json.dumps({"experiment": "old", "visitors": visitors})) < 1 << 20
    assert (await bring(old, visitors))["assigned"] == 5000
    assert await old.count("assignments") == 5000
    await bring(old, [*visitors, visitor(5000)], 400)


async def test_a_history_counts_within_the_window_of_its_goal_in_whatever_parts_it_comes(site):
    goals = [{"key": "click", "window_hours": 2}]
    await site.experiment("old", source="imported", goal=None, goals=goals, start=False)
    hour = 3_600_000
    later = visitor(0, at=T0 + 2 * hour, events=[{"name": "click", "at": T0 + 3 * hour}])
    await bring(site, [later, visitor(1, at=T0 + 2 * hour, events=[{"name": "click", "at": T0 + 4 * hour}])])
    shown = await site.manage("GET", "/experiments/old")
    assert shown["goals"][0]["window_hours"] == 2
    found = (await site.manage("GET", "/experiments/old/results"))["arms"]
    assert [(arm["exposed"], arm["conversions"]) for arm in found] == [(1, 1), (1, 0)]
    await bring(site, [visitor(0, at=T0)])  # it was shown earlier, so three hours are too late
    found = (await site.manage("GET", "/experiments/old/results"))["arms"]
    assert [(arm["exposed"], arm["conversions"]) for arm in found] == [(1, 0), (1, 0)]
