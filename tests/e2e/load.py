"""A site under load: many visitors at once over plain keep-alive connections, and a record of all that was acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30
"""Seconds for one answer, on a machine that does other things too."""

GONE = (OSError, asyncio.IncompleteReadError)
"""What a connection says when the program at its other end is no more."""

Pair = tuple[str, str]
"""An experiment's key and a visitor's id."""

Arm = tuple[str, int, int]
"""Arm, allocation and propensity in ten-thousandths."""

STORED = """
select e.key, v.visitor, a.arm, a.allocation, a.propensity
from assignments a join experiments e on e.id = a.experiment_id join visitors v on v.id = a.visitor_id
"""


class Connection:
    """One connection. A request is in the kernel's hands before its answer is waited for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.waits = False

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, body: Any, token: str) -> tuple[int, Any]:
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self.waits = True
        self._writer.write(head.encode() + content)
        async with asyncio.timeout(PATIENCE):
            said = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(said.partition("content-length: ")[2].partition("\r\n")[0])
            answer = await self._reader.readexactly(length)
        self.waits = False
        return int(said.split(" ", 2)[1]), json.loads(answer)

    def close(self) -> None:
        self._writer.close()


@dataclass(slots=True)
class Acknowledged:
    """What the program has said to have stored, and where it contradicted itself."""

    arms: dict[Pair, Arm] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)

    def assignments(self, visitor: str, answer: Any) -> None:
        for key, given in answer["assignments"].items():
            arm = (given["arm"], given["allocation"], round(given["propensity"] * 10_000))
            if self.arms.setdefault((key, visitor), arm) != arm:
                self.contradictions.append(f"{key}/{visitor}: {self.arms[key, visitor]}, then {arm}")

    def batch(self, events: list[dict[str, Any]], answer: Any) -> None:
        if answer["rejected"] or answer["accepted"] + answer["duplicates"] != len(events):
            self.contradictions.append(f"{len(events)} events: {answer}")
        for event in events:
            self.events[event["id"]] = event["visitor_id"]
        if len(events) == 1:
            self.accepted[events[0]["id"]] += answer["accepted"]

    def missing_in(self, database: Path) -> list[str]:
        """Acknowledged facts that are not in the file, there more than once, or otherwise than they were told."""
        arms = ("control", "bold")
        with closing(sqlite3.connect(database)) as connection:
            stored = {row[:2]: (arms[row[2]], *row[3:]) for row in connection.execute(STORED)}
            events: Counter[Any] = Counter(
                connection.execute(
                    "select e.id, v.visitor from events e join visitors v on v.id = e.visitor_id"
                ).fetchall()
            )
        wrong = [
            f"{pair}: {arm}, stored {stored.get(pair)}"
            for pair, arm in self.arms.items()
            if stored.get(pair) != arm
        ]
        wrong += [f"event {each}: {events[each]} times" for each in self.events.items() if events[each] != 1]
        return wrong + [
            f"event {id_}: accepted {times} times" for id_, times in self.accepted.items() if times > 1
        ]


class Site:
    """Many visitors at once. What got no answer is sent again with the same ids when the site goes on."""

    def __init__(
        self, token: str, experiments: Iterable[str], *, connections: int = 24, seed: int = 1
    ) -> None:
        self._token = token
        self._experiments = list(experiments)
        self._workers = [
            _Worker(self, random.Random(f"{seed}/{number}"), number) for number in range(connections)
        ]
        self.known = Acknowledged()
        self.sent = 0
        self.answers = 0
        self._changed = asyncio.Event()
        self.stopping = False

    def request(self, rng: random.Random, visitors: list[str], prefix: str) -> tuple[str, Any]:
        """What comes next: mostly newcomers, some who act, some who act a lot."""
        self.sent += 1
        kind = rng.random()
        if kind < 0.5 or not visitors:
            visitors.append(f"{prefix}-{self.sent}")
            body = {"visitor_id": visitors[-1], "experiments": self._experiments, "expose": True}
            return "/api/v1/assign", body
        if kind < 0.8:
            return "/api/v1/events", self._event(rng, rng.choice(visitors))
        newcomers = [f"{prefix}-{self.sent}-{number}" for number in range(3)]
        who = [rng.choice(visitors[-20:] + newcomers) for _ in range(rng.randint(2, 25))]
        return "/api/v1/events", {"events": [self._event(rng, visitor) for visitor in who]}

    def _event(self, rng: random.Random, visitor: str) -> dict[str, Any]:
        event: dict[str, Any] = {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "visitor_id": visitor,
        }
        if rng.random() < 0.2:
            return {**event, "name": "$exposure", "experiment": rng.choice(self._experiments)}
        name = "signup" if rng.random() < 0.5 else "look"
        return {**event, "name": name, "value": rng.randint(0, 10_000) / 100}

    async def answer(self, connection: Connection, path: str, body: Any) -> bool:
        """Sends it and takes down what was acknowledged; False when it is to be sent again."""
        status, answer = await connection.post(path, body, self._token)
        if status not in (200, 202):
            self.known.refused[status] += 1
            return False
        if path.endswith("/assign"):
            self.known.assignments(body["visitor_id"], answer)
        else:
            self.known.batch(body.get("events", [body]), answer)
        self.answers += 1
        self._changed.set()
        return True

    async def until(self, answers: int) -> None:
        """Waits until so many requests are answered in all."""
        async with asyncio.timeout(PATIENCE):
            while self.answers < answers:
                self._changed.clear()
                await self._changed.wait()

    def run(self, port: int) -> asyncio.Task[None]:
        """All visitors, until the program is gone or `stopping` is set."""
        self.stopping = False

        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.run(port))

        return asyncio.create_task(all_of_them())

    @property
    def waiting(self) -> list[_Worker]:
        """Those whose request is with the program now."""
        return [worker for worker in self._workers if worker.waits]

    async def send_again(self, port: int) -> None:
        """Sends all that got no answer."""
        self.stopping = True
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(worker.run(port))
        assert not any(worker.outbox for worker in self._workers)

    async def ask_again(self, port: int, visitors: Iterable[str]) -> int:
        """Asks for the arms of visitors who have one, without showing anything; how many were asked for."""
        left = iter(visitors)
        asked = 0

        async def ask() -> None:
            nonlocal asked
            connection = await Connection.to(port)
            for visitor in left:
                keys = [key for key in self._experiments if (key, visitor) in self.known.arms]
                body = {"visitor_id": visitor, "experiments": keys}
                assert await self.answer(connection, "/api/v1/assign", body)
                asked += 1
            connection.close()

        async with asyncio.TaskGroup() as group:
            for _ in self._workers:
                group.create_task(ask())
        return asked


class _Worker:
    """One connection's visitors, one after the other."""

    def __init__(self, site: Site, rng: random.Random, number: int) -> None:
        self._site = site
        self._rng = rng
        self._prefix = f"visitor-{number}"
        self._visitors: list[str] = []
        self._done: list[tuple[str, Any]] = []
        self._connection: Connection | None = None
        self.outbox: list[tuple[str, Any]] = []

    @property
    def waits(self) -> bool:
        return self._connection is not None and self._connection.waits

    async def run(self, port: int) -> None:
        try:
            self._connection = await Connection.to(port)
            while self.outbox or not self._site.stopping:
                if not self.outbox:
                    self.outbox.append(self._next())
                if await self._site.answer(self._connection, *self.outbox[0]):
                    self._done = [*self._done[-50:], self.outbox.pop(0)]
        except GONE:
            pass
        finally:
            if self._connection is not None:
                self._connection.close()

    def _next(self) -> tuple[str, Any]:
        if self._done and self._rng.random() < 0.1:
            return self._rng.choice(self._done)  # an SDK that did not hear the answer sends the same again
        return self._site.request(self._rng, self._visitors, self._prefix)
