"""The first minutes with the program: an empty directory, three steps, example data, and a command line that explains itself."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from tests.appliance import Appliance, Finished, command
from vibevariant import __version__
from vibevariant.cli import main

MINUTE = 60
EXAMPLES = ("homepage-hero", *(f"headline-{number}" for number in range(1, 7)))


def ready(appliance: Appliance) -> None:
    """Waits until the examples are in."""
    until = time.monotonic() + MINUTE
    while appliance.call("GET", "/api/v1/examples").json["state"] == "loading":
        assert time.monotonic() < until
        time.sleep(0.05)


def plain(text: str) -> bool:
    """Lines that a log keeps as they are: no colour, no bar that is painted over."""
    return not re.search(r"[\x00-\x09\x0b-\x1f]", text)


def test_three_steps_lead_from_an_empty_directory_to_a_recorded_exposure_within_a_minute(
    appliance_on: Callable[..., Appliance],
):
    began = time.monotonic()
    appliance = appliance_on().start()
    # 1. become the owner  2. make an experiment that starts at once  3. assign a visitor
    begun = appliance.call("POST", "/api/v1/setup", {"token": appliance.setup_token}).json
    appliance.key, token = begun["secret_key"], begun["project"]["token"]
    appliance.experiment("hero")
    body = {"visitor_id": "visitor-1", "experiments": ["hero"], "expose": True}
    assigned = appliance.call("POST", "/api/v1/assign", body, key=token)
    assert time.monotonic() - began < MINUTE
    arm = assigned.json["assignments"]["hero"]["arm"]
    shown = appliance.rows("select a.arm, a.exposed_at is not null from assignments a")
    assert shown == [(["control", "bold"].index(arm), 1)]
    counted = appliance.call("GET", "/api/v1/experiments/hero/results").json["arms"]
    assert {each["key"]: each["exposed"] for each in counted} == {"control": 0, "bold": 0} | {arm: 1}


def test_the_link_of_the_first_run_works_once_and_opens_nothing_else(appliance_on: Callable[..., Appliance]):
    appliance = appliance_on().start()
    assert appliance.call("GET", "/api/v1/experiments").status == 401
    assert appliance.call("POST", "/api/v1/setup", {"token": "a guess"}).status == 403
    assert appliance.set_up().call("GET", "/api/v1/experiments").json == {"experiments": []}
    again = appliance.call("POST", "/api/v1/setup", {"token": appliance.setup_token}, key="")
    assert again.status == 403
    assert "setup-link" in again.json["hint"]


def test_what_it_keeps_is_for_its_user_alone(appliance: Appliance):
    kept = [appliance.data_dir, *appliance.data_dir.iterdir()]
    assert len(kept) > 1
    open_to_others = {path.name: oct(path.stat().st_mode) for path in kept if path.stat().st_mode & 0o077}
    lock = open_to_others.pop("vibevariant.db.lock", None)  # holds a process number, in a closed directory
    assert lock is None or not int(lock, 8) & (stat.S_IWGRP | stat.S_IWOTH)
    assert open_to_others == {}


def test_it_answers_at_once_and_the_examples_fill_in_behind_it(appliance_on: Callable[..., Appliance]):
    began = time.monotonic()
    appliance = appliance_on("--demo", "--refresh-seconds", "0.5").start()
    health = appliance.call("GET", "/health").json
    assert (health["status"], health["service"], health["version"]) == ("pass", "vibevariant", __version__)
    progress = health["checks"]["examples"][0]["observedValue"]
    assert re.fullmatch(r"loading \d+/\d+", progress) or progress == "loaded"
    ready(appliance.set_up())
    assert time.monotonic() - began < MINUTE
    assert appliance.call("GET", "/health").json["checks"]["examples"][0]["observedValue"] == "loaded"
    listed = appliance.call("GET", "/api/v1/experiments").json["experiments"]
    assert sorted(each["key"] for each in listed) == sorted(EXAMPLES)
    assert all(each["example"] and "example data" in each["name"].lower() for each in listed)
    assert all(each["decision"]["sentence"] for each in listed)
    assert sum(each["decision"]["status"] == "broken" for each in listed) == 2
    assert {each["key"] for each in listed if each["status"] == "running"} == {"homepage-hero"}
    # The one that lives takes visitors.
    project = appliance.call("GET", "/api/v1/projects/example").json
    body = {"visitor_id": "somebody", "experiments": ["homepage-hero"], "expose": True}
    assert appliance.call("POST", "/api/v1/assign", body, key=project["token"]).status == 200

    def demo(*words: str) -> Finished:
        return command("demo", *words, "--url", appliance.url, "--key", appliance.key, patience=MINUTE)

    removed = demo("--remove")
    assert (removed.code, removed.out, removed.err) == (0, "The example project is gone.\n", "")
    assert appliance.call("GET", "/api/v1/experiments").json == {"experiments": []}
    once_more = demo("--remove")
    assert once_more.code == 2
    assert "no examples" in once_more.err
    # Who removed them does not get them back at the next start, but may ask for them.
    assert appliance.stop() == 0
    appliance.start()
    assert appliance.call("GET", "/api/v1/experiments").json == {"experiments": []}
    loaded = demo("--json")
    assert loaded.code == 0
    assert loaded.json["state"] == "loaded"
    assert loaded.json["done"] == loaded.json["total"] > 20_000
    assert len(appliance.call("GET", "/api/v1/experiments").json["experiments"]) == len(EXAMPLES)


def test_a_load_that_was_killed_goes_on_where_it_was_and_adds_nobody_twice(
    appliance_on: Callable[..., Appliance],
):
    appliance = appliance_on("--demo").start()
    until = time.monotonic() + MINUTE
    while not appliance.rows("select count(*) from assignments")[0][0] > 2_000:
        assert time.monotonic() < until
    appliance.kill()
    assert appliance.rows("select count(*) from experiments where status = 'completed'")[0][0] < 6
    ready(appliance.start().set_up())
    assert appliance.stop() == 0
    (counts,) = appliance.rows("select count(*), count(distinct visitor_id) from assignments")
    (total,) = appliance.rows("select sum(exposed) from tallies")
    assert counts[0] == counts[1] == total[0] > 20_000
    assert command("recount", "--json", "--data-dir", appliance.data_dir).json == {
        "experiments": 7,
        "off": [],
    }


@pytest.mark.parametrize("verb", [None, *main.commands])
def test_the_help_of_every_verb_names_each_of_its_options(verb: str | None):
    shown = command(*([verb] if verb else []), "--help")
    assert shown.code == 0
    assert plain(shown.out)
    of: click.Command = main.commands[verb] if verb else main
    for parameter in of.params:
        named = [*parameter.opts, *parameter.secondary_opts]
        for name in named if isinstance(parameter, click.Option) else [str(parameter.name).upper()]:
            assert name in shown.out
        if isinstance(parameter, click.Option):
            assert parameter.help
    for name in main.commands if verb is None else []:
        assert re.search(rf"^  {name}  +[A-Z]", shown.out, re.MULTILINE)


def test_a_typing_error_is_met_with_help():
    for words in (["sevre"], ["serve", "--prot", "1"], ["replay"], ["demo"]):
        said = command(*words)
        assert said.code == 2
        assert "Traceback" not in said.err
        assert "--help" in said.err


def test_programs_read_what_is_printed_for_them(appliance: Appliance):
    versions = command("version", "--json").json
    assert versions == {
        "vibevariant": __version__, "python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version,
    }  # fmt: skip
    assert command("version").out.startswith(f"vibevariant {__version__}  ")
    assert command("openapi").json == appliance.call("GET", "/openapi.json").json
    appliance.experiment("hero")
    assert appliance.stop() == 0
    folder = ("--data-dir", appliance.data_dir)
    assert command("recount", "--json", *folder).json == {"experiments": 1, "off": []}
    assert command("migrate", "--json", *folder).json == {"migrated": []}
    said = command("recount", *folder)
    assert said.out == "1 experiments recounted; every tally was right.\n"
    assert said.err == "Recounting experiments: 1 of 1\n"


def test_a_recount_mends_what_is_off_and_says_so(appliance: Appliance):
    appliance.experiment("hero")
    body = {"visitor_id": "visitor-1", "experiments": ["hero"], "expose": True}
    assert appliance.call("POST", "/api/v1/assign", body, key=appliance.token).status == 200
    assert appliance.stop() == 0
    connection = sqlite3.connect(appliance.database)
    connection.execute("update tallies set exposed = exposed + 1")
    connection.commit()
    connection.close()
    first, second = (command("recount", "--json", "--data-dir", appliance.data_dir).json for _ in range(2))
    assert first == {"experiments": 1, "off": ["hero"]}
    assert second == {"experiments": 1, "off": []}
    assert appliance.rows("select sum(exposed) from tallies") == [(1,)]


def test_another_link_can_be_made_while_it_runs(appliance: Appliance):
    made = command("setup-link", "--data-dir", appliance.data_dir, "--port", str(appliance.port))
    assert made.code == 0
    (link,) = made.out.splitlines()
    assert link.startswith(f"http://localhost:{appliance.port}/#/setup/")
    token = link.partition("/setup/")[2]
    signed_in = appliance.call("POST", "/api/v1/setup", {"token": token}, key="")
    assert signed_in.status == 200
    assert signed_in.json["secret_key"] != appliance.key
    assert appliance.call("GET", "/api/v1/experiments", key=signed_in.json["secret_key"]).status == 200
    assert appliance.call("POST", "/api/v1/setup", {"token": token}, key="").status == 403


def test_a_later_start_says_how_to_sign_in_and_the_command_works_as_printed(appliance: Appliance):
    assert appliance.stop() == 0
    appliance.start()
    (printed,) = (line for line in appliance.said if "setup-link" in line)
    made = command(*shlex.split(printed.partition(": vibevariant ")[2]))
    assert made.code == 0
    token = made.out.strip().partition("/setup/")[2]
    assert appliance.call("POST", "/api/v1/setup", {"token": token}, key="").status == 200


def test_the_log_is_json_with_times_and_ids_and_without_any_secret(appliance_on: Callable[..., Appliance]):
    appliance = appliance_on("--log-level", "DEBUG", "--refresh-seconds", "1").start().set_up()
    appliance.experiment("hero")
    password = "correct-horse-battery"
    assert (
        appliance.call("PUT", "/api/v1/account", {"email": "a@example.com", "password": password}).status
        == 200
    )
    session = appliance.call(
        "POST", "/api/v1/session", {"email": "a@example.com", "password": password}, key=""
    )
    cookie = re.search(r"vv_session=([^;]+)", session.headers["set-cookie"])
    assert cookie is not None
    made = appliance.call("POST", "/api/v1/keys", {"name": "ci"}).json["key"]
    visit = {"visitor_id": "a-visitor-of-mine", "experiments": ["hero"], "expose": True}
    wrong = [
        appliance.call("POST", "/api/v1/assign", visit, key="").status,
        appliance.call("POST", "/api/v1/assign", visit, key=appliance.token + "x").status,
        appliance.call("POST", "/api/v1/assign", {**visit, "token": appliance.token + "y"}, key="").status,
        appliance.call("GET", f"/api/v1/nowhere?token={appliance.setup_token}").status,
        appliance.call("GET", f"/%23/setup/{appliance.setup_token}").status,
        appliance.call("POST", "/api/v1/experiments", {"key": "hero"}, key=made).status,
    ]
    assert wrong == [401, 401, 401, 404, 404, 400]
    assert appliance.call("POST", "/api/v1/assign", visit, key=appliance.token).status == 200
    assert appliance.call("POST", "/api/v1/events", {**visit, "x": 1}, key=appliance.token).status < 500
    until = time.monotonic() + 10
    while not appliance.call("GET", "/health").json["checks"]["jobs:refresh"][0].get("time"):
        assert time.monotonic() < until
    assert appliance.stop() == 0
    lines = appliance.log_lines()  # each parses
    assert plain(appliance.stderr())
    answered = [line for line in lines if line["event"] == "Answered."]
    assert len(answered) >= 15
    for line in lines:
        assert {"timestamp", "level", "event"} <= line.keys()
    for line in answered:
        assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
        assert 0 <= line["duration_ms"] < 10_000
        assert {"method", "route", "status"} <= line.keys()
    assert len({line["request_id"] for line in answered}) == len(answered)
    assert {line["level"] for line in lines} <= {"debug", "info"}  # a visitor's mistake is no fault of ours
    for secret in (
        appliance.key,
        appliance.token,
        appliance.setup_token,
        made,
        password,
        cookie[1],
        visit["visitor_id"],
    ):
        assert str(secret) not in appliance.stderr()
    assert plain("\n".join(appliance.said))


def test_every_error_has_a_code_a_request_id_and_no_inside(appliance: Appliance):
    for method, path, body in (
        ("GET", "/nowhere", None), ("DELETE", "/health", None), ("POST", "/api/v1/experiments", {"key": 5}),
        ("GET", "/api/v1/experiments/none", None), ("POST", "/api/v1/experiments", "x" * 2_000_000),
    ):  # fmt: skip
        answer = appliance.call(method, path, body)
        assert 400 <= answer.status < 500, (path, answer)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["code"]
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert "Traceback" not in answer.body.decode()


def test_the_port_of_a_hosting_platform_counts(tmp_path: Path):
    said = command("serve", "--data-dir", tmp_path / "data", PORT="70000")
    assert said.code == 2
    assert "PORT" in said.err
