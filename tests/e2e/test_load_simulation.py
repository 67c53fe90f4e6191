"""Simulated visitors come to the real program through its API: it counts each once, and finds the winner by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.appliance import Appliance, command
from vibevariant.client import Appliance as Visited
from vibevariant.experiments.allocation_scenario import MULTI_ELEMENT, scenario_of
from vibevariant.experiments.crowd import Crowd
from vibevariant.load_simulation import load

PATIENCE = 240
CLEAR = {
    "name": "Clear as day",
    "visitors": 500,
    "mode": "earn",
    "goal": "purchase",
    "delay_hours": 2,
    "true_rates": {"control": 0.05, "better": 0.4, "worse": 0.02},
}


@pytest.fixture
def quick(appliance_on: Callable[..., Appliance]) -> Appliance:
    """An appliance that looks every second, for weeks take seconds here."""
    return appliance_on("--refresh-seconds", "1").start().set_up()


async def test_everybody_is_counted_once_and_the_better_arm_is_found(quick: Appliance):
    scenario = scenario_of(CLEAR)
    crowd, done = Crowd.of(scenario, 3), []
    loaded = await load(quick.url, quick.key, scenario, crowd, done.append)
    assert sum(done) == 500

    where = f"/api/v1/experiments/{loaded.experiment}/results?project={loaded.project}"
    arms = quick.call("GET", where).json["arms"]
    assert {arm["key"]: (arm["exposed"], arm["conversions"]) for arm in arms} == loaded.sent
    assert sum(shown for shown, _ in loaded.sent.values()) == 500
    assert loaded.leader == "better"
    # What was stored is what each visitor would have done, whoever had asked.
    arm_of = dict(
        quick.rows("select v.visitor, a.arm from assignments a join visitors v on v.id = a.visitor_id")
    )
    convert = {
        visitor
        for n in range(500)
        if crowd.converted_at(n, arm_of[visitor := crowd.visitor_id(n)]) is not None
    }
    converted = quick.rows("select v.visitor from conversions c join visitors v on v.id = c.visitor_id")
    assert sorted(visitor for (visitor,) in converted) == sorted(convert)
    experiment = quick.call("GET", f"/api/v1/experiments/{loaded.experiment}?project={loaded.project}").json
    assert (experiment["allocation"], experiment["mode"]) == ("adaptive", "earn")
    assert {goal["key"] for goal in experiment["goals"]} == {"purchase"}


async def test_combinations_arrive_as_combinations_and_twice_is_no_problem(quick: Appliance):
    scenario = MULTI_ELEMENT.changed(visitors=60, mode="fixed")
    both = [
        await load(quick.url, quick.key, scenario, Crowd.of(scenario, seed), lambda _: None)
        for seed in (1, 2)
    ]
    assert len({loaded.project for loaded in both}) == 2  # each in a project of its own
    for loaded in both:
        assert set(loaded.sent) == {f"{cta}.{copy}" for cta in "abc" for copy in "xyz"}
        assert sum(shown for shown, _ in loaded.sent.values()) == 60


def test_the_command_ends_with_what_the_appliance_says(quick: Appliance, tmp_path: Path):
    file = tmp_path / "clear.json"
    file.write_text(json.dumps(CLEAR | {"visitors": 300}), encoding="utf-8")
    words = ("simulate", "--scenario", file, "--tests", "1", "--policy", "even", "--out", tmp_path / "out")
    done = command(*words, "--load", quick.url, patience=PATIENCE, VIBEVARIANT_KEY=quick.key)
    assert done.code == 0, done.err
    assert "Loading visitors: 300 of 300" in done.err
    assert f"Loaded into {quick.url}, experiment clear-as-day of the project simulated-" in done.out
    assert "It counts 300 visitors and " in done.out
    assert "conversions, as sent." in done.out
    assert "It says: " in done.out
    assert "Its leader is better. The best arm in truth is better: found." in done.out


def test_where_no_appliance_answers_is_said_before_policies_are_played(tmp_path: Path):
    words = ("simulate", "--scenario", "headline", "--visitors", "50", "--out", tmp_path)
    done = command(*words, "--load", "http://127.0.0.1:9", "--key", "vv_sk_x", patience=PATIENCE)
    assert done.code == 2
    assert "No appliance answers at http://127.0.0.1:9" in done.err
    assert "Playing policies" not in done.err
    assert "Traceback" not in done.err


async def test_the_truth_is_not_told(quick: Appliance, monkeypatch: pytest.MonkeyPatch):
    scenario = scenario_of(CLEAR | {"visitors": 20, "true_rates": {"control": 0.0625, "better": 0.4375}})
    sent: list[str] = []
    call = Visited.call

    async def listened(self: Visited, method: str, path: str, body=None, **more):
        sent.append(json.dumps([method, path, body]))
        return await call(self, method, path, body, **more)

    monkeypatch.setattr(Visited, "call", listened)
    await load(quick.url, quick.key, scenario, Crowd.of(scenario, 1), lambda _: None)
    assert len(sent) > 20
    assert not any(rate in words for words in sent for rate in ("0625", "4375"))
