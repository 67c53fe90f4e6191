"""Modes of adaptive experiments, and arms that come and go while they run."""

from __future__ import annotations

import pytest


async def test_an_adaptive_experiment_is_balanced_unless_said_otherwise_and_a_fixed_one_has_no_mode(site):
    assert [(made["allocation"], made["mode"]) for made in (
        await site.experiment("a", allocation="adaptive"), await site.experiment("b", allocation="adaptive", mode="earn"),
        await site.experiment("c", allocation="fixed"),
    )] == [("adaptive", "balanced"), ("adaptive", "earn"), ("fixed", None)]  # fmt: skip
    answer = await site.call(
        "POST", "/api/v1/experiments",
        {"key": "d", "goal": "signup", "arms": [{"key": "a"}, {"key": "b"}], "allocation": "fixed", "mode": "earn"},
        by=site.key,
    )  # fmt: skip
    assert answer.status == 400
    assert "adaptive" in answer.json["detail"]


async def test_the_mode_can_be_changed_while_it_runs(site):
    await site.experiment("hero", allocation="adaptive")
    assert (await site.manage("PATCH", "/experiments/hero", {"mode": "learn"}))["mode"] == "learn"
    assert (await site.manage("GET", "/experiments/hero"))["mode"] == "learn"
    await site.experiment("fix", allocation="fixed")
    answer = await site.call("PATCH", "/api/v1/experiments/fix", {"mode": "learn"}, by=site.key)
    assert (answer.status, answer.json["code"]) == (409, "conflict")


async def three(site):
    return await site.experiment(
        "hero", arms=[{"key": "control"}, {"key": "bold"}, {"key": "loud"}], allocation="adaptive"
    )


async def visits(site, count):
    return {
        n: (await site.visit("POST", "/assign", {"visitor_id": f"v{n}", "expose": True}))["assignments"][
            "hero"
        ]
        for n in range(count)
    }


async def test_dropping_an_arm_moves_only_its_visitors_and_is_a_numbered_allocation(site):
    await three(site)
    before = await visits(site, 60)
    dropped = await site.manage("POST", "/experiments/hero/arms/loud/drop", {"reason": "it shouts"})
    assert [(arm["key"], arm["dropped"], arm["weight"]) for arm in dropped["arms"]] == [
        ("control", False, 0.5001), ("bold", False, 0.4999), ("loud", True, 0),
    ]  # fmt: skip
    after = await visits(site, 60)
    assert {before[n]["arm"] for n in before} == {"control", "bold", "loud"}
    for n, given in before.items():
        assert after[n]["arm"] == ("control" if given["arm"] == "loud" else given["arm"])
        assert (after[n]["allocation"], after[n]["propensity"]) == (given["allocation"], given["propensity"])
    history = (await site.manage("GET", "/experiments/hero/allocations"))["allocations"]
    assert [(a["number"], a["cause"], a["reason"]) for a in history] == [
        (1, "start", ""),
        (2, "drop", "it shouts"),
    ]
    counts = {
        arm["key"]: arm["exposed"] for arm in (await site.manage("GET", "/experiments/hero/results"))["arms"]
    }
    assert counts["loud"] == sum(given["arm"] == "loud" for given in before.values())


async def test_a_dropped_arm_is_brought_back_and_its_visitors_see_it_again(site):
    await three(site)
    before = await visits(site, 30)
    await site.manage("POST", "/experiments/hero/arms/loud/drop")
    back = await site.manage("POST", "/experiments/hero/arms/loud/restore")
    assert [arm["weight"] for arm in back["arms"]] == [0.3334, 0.3333, 0.3333]
    assert {n: given["arm"] for n, given in (await visits(site, 30)).items()} == {
        n: given["arm"] for n, given in before.items()
    }


async def test_an_added_arm_gets_visitors_and_what_was_before_is_read_with_it(site):
    await site.experiment("hero", allocation="fixed")
    before = await visits(site, 40)
    added = await site.manage(
        "POST",
        "/experiments/hero/arms",
        {"key": "new", "name": "New page", "payload": {"n": 1}, "reason": "an idea"},
    )
    assert [(arm["key"], arm["name"]) for arm in added["arms"]][-1] == ("new", "New page")
    after = await visits(site, 140)
    assert all(after[n]["arm"] == before[n]["arm"] for n in before)
    assert sum(given["arm"] == "new" and given["payload"] == {"n": 1} for given in after.values()) > 15
    history = (await site.manage("GET", "/experiments/hero/allocations"))["allocations"]
    assert [a["weights"]["new"] for a in history] == [0, 0.3333]
    seen = await site.manage("GET", "/experiments/hero/results")
    assert sum(arm["exposed"] for arm in seen["arms"]) == 140
    assert seen["decision"]["status"] != "broken"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("arms/control/drop", {}, 409),
        ("arms/nobody/drop", {}, 400),
        ("arms/bold/restore", {}, 409),
        ("arms/bold/drop", {"why": "x"}, 400),
        ("arms/bold/drop", {"reason": 7}, 400),
        ("arms", {"key": "bold"}, 409),
        ("arms", {"key": "no spaces"}, 400),
        ("arms", {"name": "no key"}, 400),
        ("arms", {"key": "x", "weight": 0.2}, 400),
    ],
)
async def test_a_bad_change_of_arms_is_refused_and_changes_nothing(site, path, body, status):
    before = await three(site)
    answer = await site.call("POST", f"/api/v1/experiments/hero/{path}", body, by=site.key)
    assert (answer.status, bool(answer.json["detail"])) == (status, True)
    after = await site.manage("GET", "/experiments/hero")
    assert {name: after[name] for name in before} == before
