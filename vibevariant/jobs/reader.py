"""The reader: few experiments are read in a thread, many in a process of their own.

Statistics in a thread share the interpreter's lock with the event loop, and every answer waits for its turn, up to five
milliseconds at a time. A few readings go by unnoticed, a thousand in a row do not.
"""

from __future__ import annotations

import asyncio
import atexit
import multiprocessing
import os
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Self

import structlog

from vibevariant.jobs.reader_process import serve
from vibevariant.jobs.reading import Answer, Question, answer

log = structlog.get_logger()

MANY = 10
"""From so many readings in a run a process is worth its start, which costs as much as some twenty of them, and its
memory, which is that of another small appliance."""

IDLE_SECONDS = 120.0
"""Without work for so long, the process ends: longer than from one refresh to the next, so that a busy appliance keeps
it, and short enough that what happens every few hours costs memory for minutes."""

REST_SECONDS = 600.0
"""After the process broke down, threads do its work for so long; then another one is tried."""

START_SECONDS, END_SECONDS = 60.0, 10.0
"""What a busy machine may need to start the process, and to end it after the reading it is at."""

NICENESS = 10
"""Above the appliance's own, where the system has no better way to say that visitors come first."""


class BrokeDown(Exception):
    """The process is gone, or it never came."""


class Reader:
    """Reads experiments beside the event loop, one at a time. Close it in the end."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._beside: ReaderProcess | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._beside.pid if self._beside else None

    async def read(self, question: Question, *, many: bool) -> Answer:
        """The answer to a question. `many`: it is one of many, which are worth a process."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._rests_until and (many or self._beside is not None):
            try:
                return await self._read_beside(question)
            except BrokeDown as fault:
                log.warning("The process that reads experiments broke down; threads go on", fault=str(fault))
                self._rests_until = loop.time() + REST_SECONDS
                self._end()
        return await asyncio.to_thread(answer, question)

    async def _read_beside(self, question: Question) -> Answer:
        self._stay()
        try:
            if self._beside is None:
                self._beside = await asyncio.to_thread(ReaderProcess.started)
            return await self._beside.read(question)
        finally:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._end)

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        """From now on the process is not there; its end takes a moment."""
        self._stay()
        beside, self._beside = self._beside, None
        if beside is not None:
            task = asyncio.create_task(asyncio.to_thread(beside.end))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Ends the process, if there is one."""
        self._end()
        await asyncio.gather(*self._ending)


class ReaderProcess:
    """The process, from the outside."""

    def __init__(self, process: SpawnProcess, pipe: Connection[Any, Any]) -> None:
        self._process = process
        self._pipe = pipe
        self._asked = 0
        self._answer: asyncio.Future[Answer] | None = None

    @classmethod
    def started(cls) -> Self:
        """One that is ready; takes a second. Spawned: a fork would copy locks and the open database."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs,), name="reader")
        beside = cls(process, ours)
        try:
            process.start()
            atexit.register(ours.close)  # the interpreter waits for the process in the end, and it for this
            theirs.close()
            _give_way(process.pid or 0)
            if not ours.poll(START_SECONDS):
                raise BrokeDown(f"It was not ready within {START_SECONDS:g} seconds.")
            ours.recv()
        except (EOFError, OSError) as fault:
            beside.end()
            raise BrokeDown(f"It did not start: {fault!r}.") from fault
        except BaseException:
            beside.end()
            raise
        return beside

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def read(self, question: Question) -> Answer:
        """The answer; what went wrong with it there is raised here."""
        loop = asyncio.get_running_loop()
        self._asked += 1
        self._answer = loop.create_future()
        try:
            self._pipe.send((self._asked, question))
            loop.add_reader(self._pipe.fileno(), self._arrived)
        except OSError as fault:
            raise BrokeDown(f"It does not listen any more: {fault!r}.") from fault
        try:
            return await self._answer
        finally:
            loop.remove_reader(self._pipe.fileno())

    def _arrived(self) -> None:
        assert self._answer is not None
        try:
            asked, said = self._pipe.recv()
        except Exception as fault:  # noqa: BLE001 - whatever came was no answer
            asked, said = self._asked, BrokeDown(f"It ended in the middle: {fault!r}.")
        if asked != self._asked or self._answer.done():
            return  # to a question whose asker did not wait for it
        if isinstance(said, Exception):
            self._answer.set_exception(said)
        else:
            self._answer.set_result(said)

    def end(self) -> None:
        """Waits for its end, which comes with that of its pipe."""
        self._pipe.close()
        atexit.unregister(self._pipe.close)
        if self._process.pid is not None:
            self._process.join(END_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()


def _give_way(pid: int) -> None:
    """Lets the appliance have a core that both want at once, before its libraries are loaded.

    On Linux the process takes what is left over: merely nice, it may finish the milliseconds it is at while an answer
    waits (`bench.refresh_load`).
    """
    with suppress(OSError):  # some containers allow neither; it works without
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, pid, min(19, own + NICENESS))
        if sys.platform == "linux":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
