"""verify makes everything again that was decided, and finds what was changed behind the appliance's back."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable

import pytest

from tests.appliance import Appliance, command

VISITORS = 240


@pytest.fixture
def stopped(appliance_on: Callable[..., Appliance]) -> Appliance:
    """An appliance that has stopped, after a bandit moved its visitors several times."""
    appliance = appliance_on("--refresh-seconds", "1").start().set_up()
    appliance.experiment("hero", allocation="adaptive", mode="balanced")
    for number in range(VISITORS):
        body = {"visitor_id": f"v{number}", "experiments": ["hero"], "expose": True}
        given = appliance.call("POST", "/api/v1/assign", body, key=appliance.token).json["assignments"][
            "hero"
        ]
        better = "bold" if number <= VISITORS // 2 else "control"
        if given["arm"] == better and number % 2:
            event = {"visitor_id": f"v{number}", "name": "signup"}
            appliance.call("POST", "/api/v1/events", event, key=appliance.token)
        if number == VISITORS // 2:
            wait_for_allocations(appliance, 2)
    wait_for_allocations(appliance, 3)
    assert appliance.stop() == 0
    return appliance


def wait_for_allocations(appliance: Appliance, count: int) -> None:
    until = time.monotonic() + 60
    while appliance.rows("select count(*) from allocations")[0][0] < count:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_all_of_it_comes_out_again_and_what_was_changed_is_found(stopped: Appliance) -> None:
    def verified() -> tuple[int, dict[str, tuple[int, int, int]]]:
        done = command("verify", "hero", "--data-dir", stopped.data_dir, "--json")
        checks = {
            each["what"]: (each["right"], len(each["wrong"]), each["left_out"])
            for each in done.json["checks"]
        }
        assert done.json["right"] == (done.code == 0)
        return done.code, checks

    code, checks = verified()
    assert code == 0, checks
    assert [wrong for _, wrong, _ in checks.values()] == [0, 0, 0, 0]
    assert [left_out for _, _, left_out in checks.values()] == [0, 0, 0, 0]
    assert next(iter(checks.values()))[0] == VISITORS
    assert all(right >= 2 for right, _, _ in checks.values())

    changes = {
        "assignments": "update assignments set arm = 1 - arm where rowid in (select min(rowid) from assignments)",
        "allocations": "update allocations set weights = '[5000, 5000]' where number = 2",
        "readings": "update readings set outcome = replace(outcome, 'e', 'E') where at = (select max(at) from readings)",
        "conversions": "delete from events where name = 'signup' and rowid % 2 = 0",
        "decisions": "update decisions set sentence = 'All is well.' where at = (select max(at) from decisions)",
    }
    for what, change in changes.items():
        connection = sqlite3.connect(stopped.database)
        kept = connection.serialize()
        try:
            with connection:
                assert connection.execute(change).rowcount > 0
        finally:
            connection.close()
        code, checks = verified()
        assert (code, sum(wrong for _, wrong, _ in checks.values()) > 0) == (1, True), what
        stopped.database.write_bytes(kept)
    assert verified()[0] == 0


def test_who_is_not_there_is_named_with_those_who_are(stopped: Appliance) -> None:
    done = command("verify", "hera", "--data-dir", stopped.data_dir)
    assert done.code == 2
    assert "There are: hero." in done.err
    told = command("verify", "hero", "--data-dir", stopped.data_dir)
    assert told.code == 0
    assert "All of hero comes out again" in told.out
    assert (
        json.loads(command("verify", "hero", "--data-dir", stopped.data_dir, "--json").out)["right"] is True
    )
