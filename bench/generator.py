"""The load: a process of its own that sends prepared requests over many connections, far faster than any server here.

Reads one job a line (JSON) from standard input and answers each with one line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

from bench.traffic import Kind, kind

PATIENCE = 20
"""Seconds that the last answers may take."""

_LENGTH = b"content-length: "
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, to whom, and for how long. `first` numbers the requests, so that no two are the same."""

    kind: str
    port: int
    token: str
    connections: int
    seconds: float
    first: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back. `wrong` holds answers of another kind than asked for, and those that never came."""

    requests: int
    seconds: float
    wrong: int
    p50_ms: float
    p99_ms: float
    generator_cpu: float
    example: str


class _Visitor(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            asyncio.WriteTransport, transport
        )  # uvloop's own is registered as another kind

    def ask(self) -> None:
        assert self._transport is not None
        self.waits = True
        self._sent_at = time.perf_counter()
        self._transport.write(self._run.next_request())

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        end = data.find(_END)
        if end < 0:
            return
        start = data.lower().find(_LENGTH, 0, end) + len(_LENGTH)
        length = int(data[start : data.find(b"\r", start)])
        if len(data) < end + len(_END) + length:
            return
        self._buffer = b""
        self.waits = False
        if self._run.answered(data, self._sent_at):
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._run.lost(self)


class _Run:
    """One job under way."""

    def __init__(self, job: Job, what: Kind) -> None:
        self._job = job
        self._kind = what
        self._next = job.first
        self._took: list[float] = []
        self._until = 0.0
        self._last = 0.0
        self._wrong = 0
        self._example = ""
        self._visitors: list[_Visitor] = []
        self._done = asyncio.Event()

    def next_request(self) -> bytes:
        self._next += 1
        return self._kind.make(self._next - 1)

    def answered(self, answer: bytes, sent_at: float) -> bool:
        """Takes an answer down; whether to go on."""
        self._last = now = time.perf_counter()
        self._took.append(now - sent_at)
        if not self._kind.is_right(answer):
            self._wrong += 1
            self._example = self._example or answer.decode(errors="replace")
        if now < self._until:
            return True
        if not any(visitor.waits for visitor in self._visitors):
            self._done.set()
        return False

    def lost(self, visitor: _Visitor) -> None:
        if visitor.waits:
            visitor.waits = False
            self._wrong += 1
            self._example = self._example or "The connection was closed."
            if not any(other.waits for other in self._visitors):
                self._done.set()

    async def measure(self) -> Measured:
        loop = asyncio.get_running_loop()
        transports = []
        for _ in range(self._job.connections):
            transport, visitor = await loop.create_connection(
                lambda: _Visitor(self), "127.0.0.1", self._job.port
            )
            transports.append(transport)
            self._visitors.append(visitor)
        began, cpu = time.perf_counter(), time.process_time()
        self._until = began + self._job.seconds
        for visitor in self._visitors:
            visitor.ask()
        try:
            await asyncio.wait_for(self._done.wait(), self._job.seconds + PATIENCE)
        except TimeoutError:
            silent = sum(visitor.waits for visitor in self._visitors)
            self._wrong += silent
            self._example = self._example or f"{silent} answers never came."
        cpu = time.process_time() - cpu
        for visitor in self._visitors:
            visitor.waits = False
        for transport in transports:
            transport.close()
        took = sorted(self._took) or [0.0]
        seconds = max(self._last - began, 1e-9)
        return Measured(
            requests=len(self._took), seconds=seconds, wrong=self._wrong,
            p50_ms=took[len(took) // 2] * 1000, p99_ms=took[len(took) * 99 // 100] * 1000,
            generator_cpu=cpu / seconds, example=self._example,
        )  # fmt: skip


def main() -> None:
    for line in sys.stdin:
        job = Job(**json.loads(line))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            measured = runner.run(_Run(job, kind(job.kind, job.token)).measure())
        print(json.dumps(asdict(measured)), flush=True)


if __name__ == "__main__":
    main()
