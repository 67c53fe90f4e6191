"""What befalls a program: kills, impatient fingers, a port that is taken. Nothing acknowledged may be lost by it."""

import os
import pty
import select
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from program import Program
from steps import PATIENCE, must, step, until

GRACE = 8
"""Seconds that requests under way get; a program at rest ends much sooner."""

A_WHILE = 0.5
"""Seconds in which a program that waits for nobody would long have cut a request off."""

ACKNOWLEDGED = 200
SENDERS = 4
BATCH = 500


def killed_under_load(program: Program, token: str) -> None:
    """The whole program is killed (-9) while events come in."""
    with step("kill -9 under load: what was acknowledged is there, once") as said:
        sent: dict[str, dict[str, Any]] = {}
        known: set[str] = set()

        def send() -> None:
            while True:
                id_ = str(uuid.uuid4())
                sent[id_] = event = {"visitor_id": "visitor-1", "name": "beat", "value": 1, "id": id_}
                try:
                    answer = program.call("POST", "/api/v1/events", event, key=token)
                except OSError:
                    return
                if answer.status == 202:
                    known.add(id_)

        senders = [threading.Thread(target=send) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        until(lambda: len(known) >= ACKNOWLEDGED, "The load did not come through")
        program.kill()
        for sender in senders:
            sender.join(PATIENCE)
        program.start()
        unanswered = sent.keys() - known
        for part in _batches([sent[each] for each in known]):
            answer = program.call("POST", "/api/v1/events", {"events": part}, key=token).json
            must(answer["duplicates"] == len(part), f"Of {len(part)} acknowledged events: {answer}.")
        program.call("POST", "/api/v1/events", {"events": [sent[each] for each in unanswered]}, key=token)
        arms = program.call("GET", "/api/v1/experiments/hero/results?event_type=beat").json["arms"]
        counted = sum(arm["primary_event_count"] for arm in arms)
        must(counted == len(sent), f"Of {len(sent)} events {counted} are counted.")
        said += [f"{len(known)} acknowledged", f"{len(unanswered)} without an answer"]


def _batches(events: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(events), BATCH):
        yield events[first : first + BATCH]


def bootloader_killed(program: Program) -> None:
    """The first of the two processes that a one-file program is gets killed (-9): no orphan may hold port and database."""
    with step("kill -9 of the process that was started") as said:
        server = program.server()
        alone = server == program.process.pid
        program.process.kill()
        program.process.wait(PATIENCE)
        try:
            until(lambda: not _runs(server), "An orphan goes on", GRACE + 2)
        finally:
            if _runs(server):
                os.kill(server, signal.SIGKILL)
        said.append("there is but one" if alone else "the other one stopped by itself")
        must(not list(program.unpacked.iterdir()), "It left behind what it had unpacked.")
        program.start()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def interrupted(program: Program, token: str) -> None:
    """Ctrl-C in a terminal, while a request is under way: it is still answered."""
    with step("Ctrl-C in a terminal lets a request finish") as said:
        program.stop()
        keyboard, terminal = pty.openpty()
        try:
            program.start(terminal)
            with half_a_request(program, token) as (connection, rest):
                already = program.log().count("Stopping.")
                os.write(keyboard, b"\x03")
                until(lambda: program.log().count("Stopping.") > already, "Ctrl-C did nothing")
                readable, _, _ = select.select([connection], [], [], A_WHILE)
                must(not readable, "A request under way was cut off.")
                connection.sendall(rest)
                answer = connection.recv(1000)
            must(b" 202 " in answer.partition(b"\r\n")[0], f"The request was answered with {answer!r}.")
            said.append(f"ended after {program.wait():.2f} s")
        finally:
            os.close(keyboard)
            os.close(terminal)


@contextmanager
def half_a_request(program: Program, token: str) -> Iterator[tuple[socket.socket, bytes]]:
    """A connection on which half an event was sent, and the other half."""
    body = b'{"visitor_id": "visitor-1", "name": "look"}'
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", program.port), PATIENCE) as connection:
        connection.sendall(head.encode())
        said = connection.recv(1000)  # it has read the head, so the request is under way
        must(b" 100 " in said, f"Half a request was answered with {said!r}.")
        yield connection, body


def faults_in_words(program: Program) -> None:
    """What an owner can do wrong is met with a sentence, never with a traceback."""
    with step("a taken port, a taken database, a folder that is none, a typing error"):
        program.start()
        port, elsewhere = str(program.port), program.folder / "elsewhere"
        (program.folder / "file").touch()
        for words, sentence in (
            (("serve", "--port", port, "--data-dir", str(elsewhere)), "is taken by another program"),
            (("serve", "--port", "0", "--data-dir", str(program.data)), "already using"),
            (("serve", "--port", "0", "--data-dir", str(program.folder / "file/data")), "cannot be used"),
            (("setup-link", "--data-dir", str(program.folder / "file/data")), "cannot be used"),
            (("sevre",), "No such command"),
        ):
            done = program.run(*words)
            said = f"{' '.join(words)} ended with {done}"
            must(done.code == 2 and sentence in done.err and "Traceback" not in done.err, said)
        program.process.send_signal(signal.SIGINT)
        program.wait()
