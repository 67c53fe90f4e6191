"""A stop is clean under load, and what must not start does not: each says in a sentence why."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.appliance import Appliance, Finished, command
from tests.e2e.load import Site
from tests.e2e.recount import counted, kept

GRACE = 5


def log_is_folded_in(appliance: Appliance) -> bool:
    log = appliance.database.with_name(appliance.database.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def refused(finished: Finished, *words: str) -> None:
    """A refusal to start: exit code 2, a sentence with what to do, no trace, and no word that it answers."""
    assert finished.code == 2, finished
    assert finished.out == ""
    assert "Traceback" not in finished.err
    assert len(finished.err.splitlines()) <= 3, finished.err
    for word in words:
        assert word in finished.err, finished.err


async def test_a_stop_under_load_answers_what_came_in_and_loses_nothing(
    appliance_on: Callable[..., Appliance],
):
    appliance = appliance_on("--grace-seconds", str(GRACE)).start().set_up()
    appliance.experiment("hero")
    site = Site(appliance.token, ["hero"], connections=24, seed=3)
    load = site.run(appliance.port)
    await site.until(500)
    # From here to the signal nobody else runs: who waits now has handed over the whole request.
    under_way = {worker: len(worker.outbox) for worker in site.waiting}
    appliance.signal(signal.SIGTERM)
    began = time.monotonic()
    site.stopping = True
    await asyncio.wait_for(load, GRACE + 5)
    assert appliance.wait() == 0
    assert time.monotonic() - began < GRACE
    assert len(under_way) > 10
    assert [worker.outbox for worker in under_way if worker.outbox] == []
    assert dict(site.known.refused) == {}
    assert site.known.missing_in(appliance.database) == []
    assert kept(appliance.database) == counted(appliance.database)
    assert log_is_folded_in(appliance)
    assert [line for line in appliance.log_lines() if line["level"] in ("warning", "error")] == []


async def test_a_site_that_goes_on_through_a_restart_loses_nothing(appliance_on: Callable[..., Appliance]):
    appliance = appliance_on("--grace-seconds", str(GRACE)).start().set_up()
    appliance.experiment("hero")
    site = Site(appliance.token, ["hero"], connections=16, seed=4)
    for _ in range(2):
        load = site.run(appliance.port)
        await site.until(site.answers + 300)
        appliance.signal(signal.SIGTERM)
        await asyncio.wait_for(load, GRACE + 5)  # the visitors are sent away, one by one
        assert appliance.wait() == 0
        appliance.start()
    await site.send_again(appliance.port)
    await site.ask_again(appliance.port, {visitor for _, visitor in site.known.arms})
    assert appliance.stop() == 0
    assert (site.known.missing_in(appliance.database), site.known.contradictions) == ([], [])
    assert dict(site.known.refused) == {}
    assert kept(appliance.database) == counted(appliance.database)


def test_an_idle_stop_takes_a_moment_and_leaves_one_file(appliance: Appliance):
    began = time.monotonic()
    assert appliance.stop() == 0
    assert time.monotonic() - began < 2
    assert log_is_folded_in(appliance)


def test_ctrl_c_stops_as_cleanly(appliance: Appliance):
    appliance.signal(signal.SIGINT)
    assert appliance.wait() == 0
    assert log_is_folded_in(appliance)


def test_a_signal_while_it_still_starts_ends_it_cleanly(appliance_on: Callable[..., Appliance]):
    appliance = appliance_on()
    for moment in (0.3, 0.5, 0.7):
        appliance.launch()
        time.sleep(moment)  # the moment is what is tried
        if appliance.runs:
            appliance.signal(signal.SIGTERM)
        assert appliance.wait() in (0, -signal.SIGTERM)
    appliance.start()
    assert appliance.stop() == 0


def test_a_second_program_on_the_same_data_is_refused(appliance: Appliance):
    second = command("serve", "--port", "0", "--data-dir", appliance.data_dir, patience=10)
    refused(second, f"process {appliance.pid}", "--data-dir")
    recount = command("recount", "--data-dir", appliance.data_dir, patience=10)
    refused(recount, f"process {appliance.pid}")
    assert appliance.call("GET", "/health").json["status"] == "pass"


def test_the_lock_of_a_killed_program_keeps_nobody_out(appliance: Appliance):
    appliance.kill()
    appliance.start()
    assert appliance.call("GET", "/health").json["status"] == "pass"
    # An owner is there, so no link is printed that would make another.
    assert not any("/#/setup/" in line for line in appliance.said)


def test_a_database_of_a_newer_version_is_left_alone(appliance: Appliance):
    assert appliance.stop() == 0
    with closing(sqlite3.connect(appliance.database)) as connection:
        connection.execute(
            "insert into migrations (number, name, applied_at) values (9999, 'of_the_future', 0)"
        )
        connection.commit()
    before = appliance.database.read_bytes()
    for verb in ("serve", "recount"):
        words = ["--port", "0"] if verb == "serve" else []
        refused(command(verb, *words, "--data-dir", appliance.data_dir, patience=10), "9999", "newer version")
    assert appliance.database.read_bytes() == before


def test_what_is_no_database_is_left_alone(appliance_on: Callable[..., Appliance]):
    appliance = appliance_on()
    appliance.data_dir.mkdir()
    appliance.database.write_bytes(b"This is a letter to my aunt, and no database. " * 100)
    before = appliance.database.read_bytes()
    refused(
        command("serve", "--port", "0", "--data-dir", appliance.data_dir, patience=10),
        "not a VibeVariant database",
    )
    assert appliance.database.read_bytes() == before


def test_a_taken_port_is_named(appliance_on: Callable[..., Appliance]):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        folder = appliance_on().data_dir
        refused(command("serve", "--port", str(port), "--data-dir", folder, patience=10), str(port), "--port")
        assert not folder.exists()


def test_a_variable_that_nobody_knows_is_an_error(appliance_on: Callable[..., Appliance]):
    folder = appliance_on().data_dir
    said = command("serve", "--port", "0", "--data-dir", folder, patience=10, VIBEVARIANT_REFRESH_SECOND="3")
    refused(said, "VIBEVARIANT_REFRESH_SECOND", "VIBEVARIANT_REFRESH_SECONDS")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("words", "named"), [(["--port", "70000"], "--port"), (["--grace-seconds", "-1"], "--grace-seconds")]
)
def test_a_setting_out_of_bounds_is_named(appliance_on: Callable[..., Appliance], words, named):
    folder = appliance_on().data_dir
    refused(command("serve", *words, "--data-dir", folder, patience=10), named)
    assert not folder.exists()
