"""The built SDK against the real program: the arms are the server's, with it or without it, and everything counts once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.appliance import Appliance
from tests.sdk.conftest import Node

ARMS = {"hero": ["control", "bold"], "price": ["low", "middle", "high"]}
VISITORS = [f"visitor-{number}" for number in range(200)]


@pytest.fixture
def site(appliance: Appliance) -> Appliance:
    """An appliance with two experiments, whose first allocation is even."""
    for key, arms in ARMS.items():
        appliance.experiment(key, arms=[{"key": arm} for arm in arms])
    return appliance


class Visits:
    """Visitors on their pages, each with a client."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def hear(self) -> Any:
        line = self._process.stdout.readline()
        assert line, "The script ended early; what it said on standard error is above."
        return json.loads(line)

    def say(self, what: Any) -> None:
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()


@contextmanager
def visiting(
    node: Node, site: Appliance, *, exposed: Sequence[str] = (), converting: Sequence[str] = ()
) -> Iterator[Visits]:
    with node.start("visits.mjs", "index") as process:
        try:
            visits = Visits(process)
            visits.say(
                {
                    "url": site.url, "token": site.token, "visitors": VISITORS, "experiments": ARMS,
                    "exposed": exposed, "converting": converting,
                }
            )  # fmt: skip
            yield visits
        finally:
            process.kill()


def visited(node: Node, site: Appliance, **what: Sequence[str]) -> dict[str, dict[str, str]]:
    """What each visitor was shown, after everything was sent."""
    with visiting(node, site, **what) as visits:
        shown = visits.hear()["shown"]
        visits.say("done")
        assert visits.hear() == {"errors": []}
    return shown


def assigned(site: Appliance) -> dict[str, dict[str, str]]:
    """What the server says of each visitor."""
    found = {}
    for visitor in VISITORS:
        answer = site.call("POST", "/api/v1/assign", {"visitor_id": visitor}, key=site.token)
        found[visitor] = {key: given["arm"] for key, given in answer.json["assignments"].items()}
    return found


def counted(site: Appliance, key: str) -> dict[str, tuple[int, int]]:
    arms = site.call("GET", f"/api/v1/experiments/{key}/results").json["arms"]
    return {arm["key"]: (arm["exposed"], arm["conversions"]) for arm in arms}


def expected(
    shown: dict[str, dict[str, str]], key: str, converting: Sequence[str]
) -> dict[str, tuple[int, int]]:
    exposed = Counter(arms[key] for arms in shown.values())
    converted = Counter(shown[visitor][key] for visitor in converting)
    return {arm: (exposed[arm], converted[arm]) for arm in ARMS[key]}


def test_two_hundred_visitors_see_what_the_server_assigned_and_keep_it(node: Node, site: Appliance):
    shown = visited(node, site)
    assert shown == assigned(site)
    assert all(len({arms[key] for arms in shown.values()}) == len(ARMS[key]) for key in ARMS)
    assert visited(node, site) == shown


def test_exposures_and_conversions_arrive_and_count_once_however_often_they_are_sent(
    node: Node, site: Appliance
):
    converting = VISITORS[::3]
    shown = visited(node, site, exposed=["hero"], converting=converting)
    assert counted(site, "hero") == expected(shown, "hero", converting)
    assert counted(site, "price") == dict.fromkeys(ARMS["price"], (0, 0))
    visited(node, site, exposed=["hero"], converting=converting)
    assert counted(site, "hero") == expected(shown, "hero", converting)


def test_with_the_server_down_a_first_visit_shows_the_arm_that_the_server_gives_later(
    node: Node, site: Appliance
):
    assert site.stop() == 0
    converting = VISITORS[::4]
    with visiting(node, site, exposed=list(ARMS), converting=converting) as visits:
        shown = visits.hear()["shown"]
        site.start()
        visits.say("the server is there again")
        assert visits.hear() == {"errors": []}
    assert shown == assigned(site)
    for key in ARMS:
        assert counted(site, key) == expected(shown, key, converting)


def test_an_arm_that_the_server_would_not_have_given_is_shown_to_the_end_and_not_counted(
    node: Node, appliance: Appliance
):
    weighed = [{"key": "control", "weight": 100}, {"key": "bold", "weight": 0}]
    appliance.experiment("hero", arms=weighed, allocation="fixed")
    assert appliance.stop() == 0
    with visiting(node, appliance, exposed=["hero"]) as visits:
        shown = visits.hear()["shown"]
        appliance.start()
        visits.say("the server is there again")
        assert visits.hear() == {"errors": []}
    controls = sum(arms["hero"] == "control" for arms in shown.values())
    assert 0 < controls < len(VISITORS)
    assert {arms["hero"] for arms in assigned(appliance).values()} == {"control"}
    assert counted(appliance, "hero") == {"control": (controls, 0), "bold": (0, 0)}
