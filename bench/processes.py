"""The processes of a benchmark: servers on one core, the generator on another, where there are two."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from bench.generator import Job, Measured

_ADDRESS = re.compile(r"answers at http://[^:/]+:(\d+)")
_LINK = re.compile(r"/setup\?token=(\S+)")
_TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A process did not do what it was started for."""


def cores() -> tuple[set[int], set[int]] | None:
    """The core of the servers and that of the generator; None where they have to share, or the system has no say."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    found = sorted(os.sched_getaffinity(0))
    return ({found[0]}, {found[1]}) if len(found) > 1 else None


@contextmanager
def _on(core: set[int] | None) -> Iterator[None]:
    """What is started within runs on this core, with all its threads."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _process(
    module: str, *words: str, core: set[int] | None, **pipes: Any
) -> Iterator[subprocess.Popen[str]]:
    plain = {"PORT", "DATABASE_URL", "LOG_LEVEL", "ENV"}
    own = {
        k: v for k, v in os.environ.items() if k not in plain and not k.startswith(("VIBEVARIANT_", "SANIC_"))
    }
    with _on(core):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], text=True, env=own, stdout=subprocess.PIPE, **pipes
        )
    with process:
        try:
            yield process
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


class Server:
    """A server that answers, and what it has used of a processor."""

    def __init__(self, process: subprocess.Popen[str], said: str, start_seconds: float) -> None:
        found = _ADDRESS.search(said)
        if found is None:
            raise Failed(f"The server did not start; it said: {said or 'nothing'}")
        self.port = int(found[1])
        self.start_seconds = start_seconds
        self.token = ""
        self._key = ""
        self._pid = process.pid
        link = _LINK.search(said)
        self._link = link[1] if link else ""

    def cpu_seconds(self) -> float:
        """Of all its threads, in user and kernel mode."""
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def set_up(self) -> None:
        """Becomes the owner."""
        begun = self.call("/api/v1/setup", {"token": self._link})
        self._key, self.token = begun["secret_key"], begun["project"]["token"]

    def call(self, path: str, body: Any) -> Any:
        headers = {"content-type": "application/json"} | (
            {"authorization": f"Bearer {self._key}"} if self._key else {}
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


@contextmanager
def server(module: str, *words: str, core: set[int] | None) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    began = time.perf_counter()
    with _process(module, *words, core=core) as process:
        assert process.stdout is not None
        said = ""
        while (line := process.stdout.readline()) and not line.startswith("Data:"):
            said += line
        yield Server(process, said, time.perf_counter() - began)


class Generator:
    """The load, ready for jobs."""

    def __init__(self, asked: IO[str], answers: IO[str]) -> None:
        self._asked = asked
        self._answers = answers

    def run(self, job: Job) -> Measured:
        self._asked.write(json.dumps(asdict(job)) + "\n")
        self._asked.flush()
        line = self._answers.readline()
        if not line:
            raise Failed("The generator ended early; what it said is above.")
        return Measured(**json.loads(line))


@contextmanager
def generator(core: set[int] | None) -> Iterator[Generator]:
    """The generator for as long as the block lasts."""
    with _process("bench.generator", core=core, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Generator(process.stdin, process.stdout)
