"""Starting and stopping, with a real process, real sockets and real signals."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from sanic import Sanic, text

from vibevariant.errors import CannotListen
from vibevariant.serving import listening, sanic_config

ROOT = Path(__file__).parent.parent
PATIENCE = 30
"""Seconds after which a process that should have ended is killed and its test fails."""


class Site:
    """A running tests/serving_app.py."""

    def __init__(self, loop: str, *, port: int = 0, grace: float = 8, fail: str = "") -> None:
        program = [sys.executable, "-m", "tests.serving_app", loop, str(port), str(grace)]
        self.process = subprocess.Popen(
            [*program, fail] if fail else program,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def wait_for(self, words: str) -> str:
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if words in line:
                return line.strip()
        pytest.fail(f"never said {words!r}: {self.lines} {self.process.stderr.read()}")

    def port(self) -> int:
        return int(self.wait_for("listening").split()[1])

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.signalled = time.monotonic()

    def end(self) -> tuple[int, float]:
        """The exit code, and the seconds from the signal to the exit."""
        rest, self.errors = self.process.communicate()
        self.lines += rest.split("\n")[:-1]
        return self.process.returncode, time.monotonic() - getattr(self, "signalled", 0)

    def close(self) -> None:
        self.watchdog.cancel()
        self.process.kill()
        self.process.communicate()


@pytest.fixture(params=["uvloop", "asyncio"])
def loop(request):
    return request.param


@pytest.fixture
def start(loop):
    sites: list[Site] = []

    def one(**options) -> Site:
        sites.append(Site(loop, **options))
        return sites[-1]

    yield one
    for site in sites:
        site.close()


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def test_the_loop_is_the_one_asked_for(start, loop):
    site = start()
    connection = connect(site.port())
    connection.request("GET", "/loop")
    assert connection.getresponse().read().decode() == loop
    connection.close()


def test_idle_connections_do_not_delay_a_stop(start):
    site = start()
    port = site.port()
    idle = [connect(port) for _ in range(20)]
    for connection in idle[:10]:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
    for connection in idle[10:]:  # these never say a word
        connection.connect()
    site.signal()
    code, seconds = site.end()
    assert code == 0
    assert seconds < 2
    assert site.lines[-3:] == ["before stop", "after stop", "stopped"]
    for connection in idle:
        connection.close()


def test_a_request_under_way_is_answered_and_the_process_then_ends_at_once(start):
    site = start()
    connection = connect(site.port())
    connection.request("GET", "/slow?seconds=0.7")
    site.wait_for("in flight")
    site.signal()
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"finished")
    assert response.headers["connection"] == "close"
    code, seconds = site.end()
    assert code == 0
    assert 0.4 < seconds < 3
    connection.close()


def test_a_large_answer_is_sent_to_its_last_byte(start):
    site = start()
    connection = connect(site.port())
    connection.request("GET", "/large")
    site.wait_for("in flight")
    response = connection.getresponse()
    assert len(response.read(1000)) == 1000
    site.signal()
    assert len(response.read()) == 8_000_000 - 1000
    assert site.end()[0] == 0
    connection.close()


def test_a_stop_right_after_the_first_listening_is_clean(start):
    site = start()
    site.port()
    site.signal()
    code, seconds = site.end()
    assert (code, site.lines[-1]) == (0, "stopped")
    assert seconds < 2


def test_a_stop_while_starting_is_clean(start):
    site = start()
    site.wait_for("starting")
    site.signal()
    code, seconds = site.end()
    assert (code, site.lines[-3:]) == (0, ["before stop", "after stop", "stopped"])
    assert not any(line.startswith("listening") for line in site.lines)
    assert seconds < 2


def test_a_request_that_outlasts_the_grace_is_cut_and_cleans_up_before_the_database_goes(start):
    site = start(grace=0.3)
    connection = connect(site.port())
    connection.request("GET", "/slow?seconds=60")
    site.wait_for("in flight")
    site.signal()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.getresponse()
    code, seconds = site.end()
    assert code == 0
    assert "Cut off requests that outlasted the grace." in site.lines.pop(-4)
    assert site.lines[-4:] == ["handler done", "before stop", "after stop", "stopped"]
    assert 0.3 <= seconds < 2
    connection.close()


def test_a_second_interrupt_waits_for_nobody(start):
    site = start(grace=60)
    connection = connect(site.port())
    connection.request("GET", "/slow?seconds=60")
    site.wait_for("in flight")
    site.signal(signal.SIGINT)
    site.wait_for("Stopping.")
    site.signal(signal.SIGINT)
    code, seconds = site.end()
    assert (code, site.lines[-1]) == (0, "stopped")
    assert seconds < 2
    connection.close()


def test_a_taken_port_is_named_and_nothing_stays_alive(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        site = start(port=port)
        code, _ = site.end()
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program." in site.errors
    assert f"--port {port + 1}" in site.errors
    assert "Traceback" not in site.errors


def test_a_failed_start_closes_what_it_had_opened(start):
    site = start(fail="start")
    code, _ = site.end()
    assert (code, site.errors.strip()) == (1, "The start failed.")
    assert site.lines[-1] == "after stop"


def test_a_site_that_does_not_even_stand_closes_what_it_had_opened(start):
    site = start(fail="routes")
    code, _ = site.end()
    assert code == 1
    assert "Duplicate route names" in site.errors
    assert site.lines == ["after stop"]


def site_in_this_process() -> Sanic:
    app = Sanic("here", config=sanic_config(), configure_logging=False)
    app.add_route(lambda request: text("hello"), "/")
    return app


async def test_listening_serves_on_the_loop_that_runs(monkeypatch):
    monkeypatch.setattr(Sanic, "test_mode", True)
    async with (
        listening(site_in_this_process(), host="127.0.0.1", port=0, grace_seconds=1) as port,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/") as response,
    ):
        assert (response.status, await response.text()) == (200, "hello")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


async def test_an_app_may_be_made_on_the_loop_and_only_once_the_port_is_ours(monkeypatch):
    monkeypatch.setattr(Sanic, "test_mode", True)
    made = []

    async def make() -> Sanic:
        made.append(site_in_this_process())
        return made[0]

    async with listening(make, host="127.0.0.1", port=0, grace_seconds=1) as port:
        with pytest.raises(CannotListen, match=f"Port {port} on 127.0.0.1 is taken"):
            async with listening(make, host="127.0.0.1", port=port, grace_seconds=1):
                pass
    assert len(made) == 1


async def test_an_address_of_another_machine_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(Sanic, "test_mode", True)
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1 cannot be listened on"):
        async with listening(site_in_this_process(), host="192.0.2.1", port=0, grace_seconds=1):
            pass


def test_sanic_variables_of_the_machine_change_nothing(monkeypatch):
    monkeypatch.setenv("SANIC_REQUEST_MAX_SIZE", "1")
    monkeypatch.setenv("SANIC_USE_UVLOOP", "1")
    config = sanic_config(grace_seconds=3)
    assert config.REQUEST_MAX_SIZE == 1024 * 1024
    assert config.GRACEFUL_SHUTDOWN_TIMEOUT == 3
    assert (config.TOUCHUP, config.ACCESS_LOG, config.FALLBACK_ERROR_FORMAT) == (True, False, "json")


def test_a_frozen_program_is_as_quick_as_any_other(monkeypatch):
    """That the sources it needs for it are there, packaging/smoke.py finds out: without them it does not start."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert sanic_config().TOUCHUP is True
