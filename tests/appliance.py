"""The real program as a subprocess: started, visited, stopped and killed as its owner's machine would do it."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any

START_SECONDS = 60
"""A busy machine gets this long; a quiet one takes a second."""

END_SECONDS = 30
_ADDRESS = re.compile(r"answers at http://[^:/]+:(\d+)")
_SETUP_LINK = re.compile(r"/#/setup/(\S+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command did, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """The environment of this process without any setting of the appliance, and with these."""
    plain = {"PORT", "DATABASE_URL", "LOG_LEVEL", "ENV", "XDG_DATA_HOME"}
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in plain and not name.startswith(("VIBEVARIANT_", "SANIC_"))
    }
    return {**own, **more}


def command(*words: str | Path, patience: float = END_SECONDS, **variables: str) -> Finished:
    """Runs a verb of the command line to its end."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "vibevariant", *map(str, words)],
        capture_output=True, text=True, timeout=patience, env=environment(**variables), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Finished(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


class Appliance:
    """`vibevariant serve` on a port of its own, on data that outlive it."""

    def __init__(self, data_dir: Path, *flags: str) -> None:
        self.data_dir = data_dir
        self.database = data_dir / "vibevariant.db"
        self.flags = flags
        self.port = 0
        self.setup_token = ""
        self.key = ""
        self.token = ""
        self.said: list[str] = []
        self.log_path = data_dir.with_name(f"{data_dir.name}.stderr")
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Begins to start, and waits for nothing."""
        assert not self.runs
        words = ("serve", "--port", str(self.port), "--data-dir", str(self.data_dir), *self.flags)
        with self.log_path.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vibevariant", *words], text=True, env=environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True)
        self._reader.start()

    def start(self) -> Appliance:
        """Starts, and comes back when it answers. A second start takes the same port."""
        self.launch()
        self.said = []
        until = time.monotonic() + START_SECONDS
        while not (self.said and self.said[-1].startswith("Data:")):
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.end()
                raise AssertionError(f"It did not start. It said {self.said}\n{self.stderr()}")
            self.said.append(line.rstrip("\n"))
        text = "\n".join(self.said)
        if found := _ADDRESS.search(text):
            self.port = int(found[1])
        if found := _SETUP_LINK.search(text):
            self.setup_token = found[1]
        return self

    def set_up(self) -> Appliance:
        """Becomes the owner by the link of the first run."""
        answer = self.call("POST", "/api/v1/setup", {"token": self.setup_token})
        assert answer.status == 200, answer
        self.key, self.token = answer.json["secret_key"], answer.json["project"]["token"]
        return self

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """One request, with the owner's key unless another (or none, as "") is given."""
        key = self.key if key is None else key
        headers = {"content-type": "application/json"} if body is not None else {}
        if key:
            headers["authorization"] = f"Bearer {key}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=END_SECONDS) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as fault:
            with fault:
                return Answer(fault.code, _lower(fault.headers), fault.read())

    def experiment(self, key: str, **settings: Any) -> None:
        """Makes an experiment with two arms and starts it."""
        arms = [{"key": "control"}, {"key": "bold"}]
        body = {"key": key, "arms": arms, "goal": "signup", "start": True, **settings}
        assert self.call("POST", "/api/v1/experiments", body).status == 201

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, seconds: float = END_SECONDS) -> int:
        """The exit code, once it has ended by itself."""
        assert self._process is not None
        code = self._process.wait(seconds)
        self._put_away()
        return code

    def stop(self) -> int:
        """Stops it as a service manager does; the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Ends it as a power cut would end a process: no handler runs, nothing is flushed."""
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def end(self) -> None:
        """Makes sure that nothing is left, whatever happened."""
        if self.runs:
            self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(END_SECONDS)
            self._put_away()

    def _put_away(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        if self._reader is not None:
            self._reader.join(END_SECONDS)
            self._reader = None
        self._process.stdout.close()

    def stderr(self) -> str:
        """All it has written to standard error, over all its starts."""
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    def log_lines(self) -> list[dict[str, Any]]:
        """The lines of its log. Each must be JSON."""
        return [json.loads(line) for line in self.stderr().splitlines()]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What is in the database file, read past the program."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=END_SECONDS)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
