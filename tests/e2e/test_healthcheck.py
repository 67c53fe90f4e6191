"""`vibevariant healthcheck` tells a container's engine how the appliance is, and a person why."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.appliance import Appliance, command


def test_it_asks_where_the_settings_say(appliance: Appliance, tmp_path):
    port = str(appliance.port)
    (tmp_path / "config.toml").write_text(f'port = {port}\nhost = "0.0.0.0"\n')
    for words, variables in (
        (("--port", port), {}),
        ((), {"PORT": port}),
        ((), {"VIBEVARIANT_PORT": port, "VIBEVARIANT_HOST": "0.0.0.0"}),
        (("--data-dir", tmp_path), {}),
    ):
        said = command("healthcheck", *words, **variables)
        assert (said.code, said.out, said.err) == (0, "healthy\n", "")


def test_an_appliance_that_is_gone_is_not_healthy(appliance: Appliance):
    assert appliance.stop() == 0
    said = command("healthcheck", "--port", str(appliance.port))
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"vibevariant: 127.0.0.1 port {appliance.port}: no answer (")
    assert "Traceback" not in said.err


def answered(answer: bytes) -> Callable[[], str]:
    """A server that gives every caller this; what healthcheck then says."""

    def ask() -> str:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:

            def serve() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            said = command("healthcheck", "--port", str(server.getsockname()[1]))
            thread.join()
        assert (said.code, said.out) == (1, "")
        assert "Traceback" not in said.err
        return said.err

    return ask


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def test_what_the_appliance_says_is_wrong_is_passed_on():
    checks = {"database:connectivity": [{"status": "fail", "output": "The database does not answer."}]}
    body = json.dumps({"status": "fail", "output": None, "checks": checks}).encode()
    assert "it answers 503. The database does not answer." in answered(http("503 Bad", body))()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (http("404 Not Found", b"<h1>Nothing here</h1>"), "it answers 404."),
        (http("500 Oh", b'{"checks": [1]}'), "it answers 500."),
        (http("500 Oh", b"[]"), "it answers 500."),
        (b"SSH-2.0-x\r\n", "no answer ("),
        (b"", "no answer ("),
    ],
)
def test_what_is_no_appliance_is_not_healthy(answer, sentence):
    assert sentence in answered(answer)()
