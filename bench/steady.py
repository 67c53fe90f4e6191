"""New visitors at a steady rate, or as fast as their connections go: what each of them waits for an arm."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import cast

from bench.traffic import kind

CONNECTIONS = 16
WINDOW = 1.5
"""Seconds."""

PATIENCE = 60.0
"""Seconds that the last answers may take."""


@dataclass(frozen=True, slots=True)
class Window:
    """The times of all answers of a few seconds, in ms."""

    took: list[float]
    wrong: int


class Visitors(asyncio.Protocol):
    """One connection of the load."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's own is of another kind

    def ask(self, due: float) -> None:
        assert self.transport is not None
        self._due = due
        self.transport.write(self._load.request())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        if end and len(body) >= int(length):
            answer, self._buffer = self._buffer, b""
            self._load.answered(self, answer, self._due)


class Load:
    """New visitors of one experiment: at a rate, or as fast as their connections go."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._kind = kind("assign new visitor", token)
        self._sent = 0
        self._free: deque[Visitors] = deque()
        self._late: deque[float] = deque()
        self._rests = asyncio.Event()
        self._until = 0.0
        self._full = False
        self._took: list[float] = []
        self._wrong = 0

    def request(self) -> bytes:
        self._sent += 1
        return self._kind.make(self._sent)

    def answered(self, visitors: Visitors, answer: bytes, due: float) -> None:
        now = time.perf_counter()
        self._took.append(1000 * (now - due))
        self._wrong += not self._kind.is_right(answer)
        if self._late:
            visitors.ask(self._late.popleft())
        elif self._full and now < self._until:
            visitors.ask(now)
        else:
            self._free.append(visitors)
            if len(self._free) == CONNECTIONS:
                self._rests.set()

    async def window(self, rate: float | None) -> Window:
        """Some seconds of load, at a rate of requests a second, or (None) without a rest."""
        self._took, self._wrong, self._full = [], 0, rate is None
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Visitors(self), "127.0.0.1", self._port)
            for _ in range(CONNECTIONS)
        ]
        self._free.extend(visitors for _, visitors in made)
        began = time.perf_counter()
        self._until = began + WINDOW
        if rate is None:
            for _ in range(len(self._free)):
                self._free.popleft().ask(time.perf_counter())
            await asyncio.sleep(WINDOW)
        else:
            for number in range(int(rate * WINDOW)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if self._free:
                    self._free.popleft().ask(due)
                else:
                    self._late.append(due)
        self._rests.clear()
        if len(self._free) < CONNECTIONS:
            await asyncio.wait_for(self._rests.wait(), PATIENCE)
        self._free.clear()
        for transport, _ in made:
            transport.close()
        return Window(self._took, self._wrong)
