"""The process reads what a thread would read, and it never outlives the appliance or its work."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from tests.jobs.conftest import Jobs
from tests.jobs.test_refresh_posteriors import visit
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lifecycle import complete
from vibevariant.jobs.reader import MANY, NICENESS, Reader
from vibevariant.jobs.reader_process import CannotBeRead
from vibevariant.jobs.reading import Question, answer

PATIENCE = 60.0
"""Seconds that a busy machine gets."""


async def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "It did not happen."
        await asyncio.sleep(0.01)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = Reader()
    yield made
    await made.close()


async def question(jobs: Jobs, experiment: Experiment) -> Question:
    now = jobs.clock.now_ms()
    seen = await jobs.observer.observe(experiment, experiment.primary_goal, now)
    signals = None
    if experiment.ended_at is not None:
        signals = await jobs.observer.signals.signals_of(experiment, experiment.primary_goal)
    return Question(experiment, seen.observations, seen.history, now, 0.25, signals)


@pytest.fixture
async def questions(jobs: Jobs) -> list[Question]:
    """About experiments of all kinds: with and without windows, values, an end and visitors."""
    project = await jobs.storage.project()
    three: list[dict[str, object]] = [
        {"key": "control"},
        {"key": "b"},
        {"key": "c", "payload": {"x": [1, None]}},
    ]
    windows = [{"key": "call", "role": "primary", "window_hours": 1}, {"key": "pay", "role": "guardrail"}]
    made = [
        await jobs.storage.experiment(project, "plain", mode="balanced"),
        await jobs.storage.experiment(project, "windows", arms=three, goals=windows),
        await jobs.storage.experiment(project, "ended"),
        await jobs.storage.experiment(project, "empty", mode="earn"),
    ]
    for experiment in made[:3]:
        for arm in range(2):
            await visit(jobs, experiment, arm, 60, 3 + 9 * arm, experiment.key)
    jobs.clock.advance(hours=50)
    ended = await jobs.storage.experiments.change(
        made[2].id, lambda each: complete(each, jobs.clock.now_ms(), "owner")
    )
    return [await question(jobs, each) for each in (*made[:2], ended, made[3])]


async def test_the_process_reads_the_same_numbers_as_a_thread(
    reader: Reader, questions: list[Question]
) -> None:
    there = [await reader.read(each, many=True) for each in questions]
    assert reader.pid not in (None, os.getpid())
    assert [repr(each) for each in there] == [repr(answer(each)) for each in questions]
    assert there[0].weights is not None
    assert [each.lesson is not None for each in there] == [False, False, True, False]


async def test_few_are_read_without_a_process_and_go_to_it_once_it_is_there(
    reader: Reader, questions: list[Question]
) -> None:
    alone = await reader.read(questions[0], many=False)
    assert reader.pid is None
    await reader.read(questions[1], many=True)
    pid = reader.pid
    assert repr(await reader.read(questions[0], many=False)) == repr(alone)
    assert reader.pid == pid is not None


async def test_the_process_gives_way_and_does_not_listen_to_signals_that_mean_the_appliance(
    reader: Reader, questions: list[Question]
) -> None:
    await reader.read(questions[0], many=True)
    assert reader.pid is not None
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, reader.pid) == min(19, own + NICENESS)
    if sys.platform == "linux":
        assert os.sched_getscheduler(reader.pid) == os.SCHED_IDLE
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(reader.pid, number)
    pid = reader.pid
    await reader.read(questions[1], many=True)
    assert reader.pid == pid


async def test_without_work_it_ends_and_the_next_many_bring_another(questions: list[Question]) -> None:
    reader = Reader(idle_seconds=0.05)
    await reader.read(questions[0], many=True)
    first = reader.pid
    await until(lambda: reader.pid is None)
    assert first is not None
    await until(lambda: not lives(first))
    await reader.read(questions[0], many=True)
    second = reader.pid
    assert second not in (None, first)
    await reader.close()
    assert second is not None
    assert not lives(second)


async def test_a_process_that_is_killed_is_replaced_by_threads_for_a_while(
    reader: Reader, questions: list[Question], capsys: pytest.CaptureFixture[str]
) -> None:
    await reader.read(questions[0], many=True)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    for each in questions:
        assert repr(await reader.read(each, many=True)) == repr(answer(each))
        assert reader.pid is None
    assert capsys.readouterr().out.count("broke down") == 1


async def test_what_cannot_be_read_says_why_and_stops_nothing(
    reader: Reader, questions: list[Question]
) -> None:
    broken = replace(questions[0], experiment=replace(questions[0].experiment, goals=()))
    with pytest.raises(CannotBeRead, match="StopIteration") as raised:
        await reader.read(broken, many=True)
    pid = reader.pid
    assert "in answer" in raised.value.__notes__[0]
    await reader.read(questions[1], many=True)
    assert reader.pid == pid is not None


async def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next(
    reader: Reader, questions: list[Question]
) -> None:
    await reader.read(questions[3], many=True)
    left = asyncio.create_task(reader.read(questions[0], many=True))
    while reader._beside is not None and reader._beside._asked < 2:  # until it is on its way
        await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert repr(await reader.read(questions[1], many=True)) == repr(answer(questions[1]))


async def test_a_run_with_many_to_read_reads_them_in_the_process(jobs: Jobs) -> None:
    project = await jobs.storage.project()
    made = [await jobs.storage.experiment(project, f"e{n}", mode="balanced") for n in range(MANY)]
    for experiment in made[1:]:
        await visit(jobs, experiment, 0, 60, 1, experiment.key)
        await visit(jobs, experiment, 1, 60, 12, experiment.key)
    assert await jobs.refresh.all() == MANY
    assert jobs.refresh._reader.pid is not None
    published = {len(each.allocations) for each in await jobs.storage.experiments.all()}
    assert published == {1, 2}
    pid = jobs.refresh._reader.pid
    await jobs.refresh.finish()
    assert not lives(pid)
