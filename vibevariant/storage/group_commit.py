"""Group commit: one task owns the write connection, and whatever waits shares one transaction and one sync."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from vibevariant.errors import Overloaded, StorageError
from vibevariant.storage.connection import Connection, Write

Item = TypeVar("Item")
Result = TypeVar("Result")
Apply = Callable[[Connection, Sequence[Item]], Awaitable[Sequence[Result]]]
"""Applies items within an open transaction and gives a result for each, in order."""

GROUP_LIMIT = 512
"""Items in one transaction at most, so that no one waits long behind the others."""


class _Entry:
    __slots__ = ("apply", "future", "item", "size")

    def __init__(self, apply: Apply[Any, Any], item: Any, size: int, future: asyncio.Future[Any]) -> None:
        self.apply = apply
        self.item = item
        self.size = size
        self.future = future


class GroupCommit:
    """Takes one, takes all that already wait, commits them together, answers each after the commit.

    There is no timer: while one transaction is under way, the next group gathers by itself. A group that fails
    is taken again item by item, so that a bad item fails alone. A caller that goes away does not take its facts
    along: they were handed over when it called.
    """

    def __init__(self, transaction: Callable[[Write[Any]], Awaitable[Any]], queue_limit: int) -> None:
        self._transaction = transaction
        self._queue_limit = queue_limit
        self._waiting: deque[_Entry] = deque()
        self._waiting_size = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def submit(self, apply: Apply[Item, Result], item: Item, size: int = 1) -> Result:
        """Hands an item over and waits until it is committed. Raises Overloaded when too much waits already."""
        if self._closing:
            raise Overloaded("VibeVariant is shutting down.", retry_after=2)
        if self._waiting_size + size > self._queue_limit and self._waiting:
            raise Overloaded(retry_after=1)
        entry = _Entry(apply, item, size, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._waiting_size += size
        self._wake.set()
        result: Result = await entry.future
        return result

    @property
    def waiting(self) -> int:
        """How many facts wait for their commit."""
        return self._waiting_size

    async def close(self) -> None:
        """Commits all that was handed over, then stops."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]
                self._waiting_size -= sum(entry.size for entry in group)
                await self._commit(group)
            if self._closing:
                return

    async def _commit(self, group: list[_Entry]) -> None:
        try:
            results = await self._transaction(lambda connection: _apply(connection, group))
        except Exception as fault:  # noqa: BLE001 - whatever it is belongs to the callers
            if len(group) == 1 or isinstance(fault, StorageError):
                for entry in group:
                    if not entry.future.done():
                        entry.future.set_exception(fault)
            else:
                for entry in group:
                    await self._commit([entry])
        else:
            for entry, result in zip(group, results, strict=True):
                if not entry.future.done():
                    entry.future.set_result(result)


async def _apply(connection: Connection, group: list[_Entry]) -> list[Any]:
    """Everybody's items, those of the same kind together, and the results in the order of the group."""
    by_apply: dict[Apply[Any, Any], list[int]] = {}
    for position, entry in enumerate(group):
        by_apply.setdefault(entry.apply, []).append(position)
    results: list[Any] = [None] * len(group)
    for apply, positions in by_apply.items():
        answers = await apply(connection, [group[position].item for position in positions])
        for position, answer in zip(positions, answers, strict=True):
            results[position] = answer
    return results
