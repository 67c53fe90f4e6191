"""The executable from outside: started, called over HTTP, stopped and killed, in a folder and an environment of its own.

Stands on the standard library alone, because it tries programs that bring everything along.
"""

import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any, NamedTuple

from steps import PATIENCE, WrongError, must, until

SETUP_LINK = re.compile(r"/setup(?:/|\?token=)(\S+)")
SIOCSIFFLAGS = 0x8914
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    media_type: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Ended(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


class Program:
    """One executable with one data directory; it may be started again and again."""

    def __init__(self, command: str, folder: Path, *flags: str) -> None:
        self.command = command
        self.folder = folder
        self.data = folder / "data"
        self.unpacked = folder / "tmp"
        self.unpacked.mkdir(parents=True)
        self.flags = flags
        self.port = free_port()
        self.key = ""
        self._out, self._err = folder / "stdout", folder / "stderr"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Nothing that a shell or a user has set. Only the place to unpack is named, to see what is left there."""
        return {"TMPDIR": str(self.unpacked)}

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def start(self, terminal: int | None = None) -> float:
        """Starts it, on a terminal where one is given; the seconds until it first answered with 200."""
        words = [self.command, "serve", "--port", str(self.port), "--data-dir", str(self.data), *self.flags]
        on_terminal = terminal is not None
        began = time.monotonic()
        with self._out.open("wb") as out, self._err.open("ab") as err:
            self._process = subprocess.Popen(
                words, cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL if terminal is None else terminal, stdout=out, stderr=err,
                start_new_session=on_terminal, preexec_fn=_take_the_terminal if on_terminal else None,  # noqa: PLW1509 - no thread runs yet
            )  # fmt: skip
        until(self._answers, "It did not answer")
        took = time.monotonic() - began
        until(lambda: b"\nData: " in self._out.read_bytes(), "It did not say where its data are")
        return took

    def _answers(self) -> bool:
        code = self.process.poll()
        must(code is None, f"It ended with {code} instead of starting.")
        try:
            return self.call("GET", "/livez").status == 200
        except OSError:
            return False

    def setup_token(self) -> str:
        """The token of the one-time link that it printed."""
        found = SETUP_LINK.search(self._out.read_text(encoding="utf-8"))
        if not found:
            raise WrongError("It printed no one-time link.")
        return found[1]

    def call(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        """One request, on a connection of its own."""
        headers = {"connection": "close"}
        if key or self.key:
            headers["authorization"] = f"Bearer {key or self.key}"
        if body is not None:
            headers["content-type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get_content_type(), answer.read())
        except http.client.HTTPException as fault:  # it ended in the middle of an answer
            raise ConnectionError(str(fault)) from fault
        finally:
            connection.close()

    def run(self, *words: str) -> Ended:
        """Another verb, to its end."""
        done = subprocess.run(
            [self.command, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def stop(self) -> float:
        """Asks it to end, as a service manager does; the seconds it took."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> float:
        """Waits for a clean end; the seconds it took."""
        began = time.monotonic()
        code = self.process.wait(PATIENCE)
        must(code == 0, f"It ended with {code} when it was asked to stop.")
        return time.monotonic() - began

    def server(self) -> int:
        """The process that serves: of a one-file program the child of the one that was started."""
        pid = self.process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        except OSError:  # not Linux
            return pid
        return int(children[0]) if children else pid

    def kill(self) -> None:
        """Ends all of it as a power cut would: no handler runs, nothing is flushed, what was unpacked stays."""
        for process in {self.server(), self.process.pid}:
            os.kill(process, signal.SIGKILL)
        self.process.wait(PATIENCE)
        for left in self.unpacked.iterdir():
            shutil.rmtree(left)

    def end(self) -> None:
        """Makes sure that nothing is left, whatever happened."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def log(self) -> str:
        """All that it wrote to standard error, over all its starts."""
        return self._err.read_text(encoding="utf-8") if self._err.exists() else ""


def _take_the_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def cut_off_the_network() -> str:
    """Leaves this process, and all it starts, with nothing but the loopback; says whether that could be done."""
    if sys.platform != "linux":
        return "not cut off from the network (only Linux can)"
    import ctypes

    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        return f"not cut off from the network ({os.strerror(ctypes.get_errno())})"
    if user != 0:  # the same user inside as outside
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        up_and_running = 0x1 | 0x40
        fcntl.ioctl(loopback, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", up_and_running))
    return "cut off from the network"
