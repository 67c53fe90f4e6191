"""What a refresh of a thousand running experiments costs those who are assigned meanwhile.

    python -m bench.refresh_load [rounds] > bench/refresh_load.md

A real appliance holds EXPERIMENTS running experiments with some thousand visitors each, and one so large that the load's
visitors do not make it due. It and the process that reads for it share one core; the load is on the other. Newcomers in
every experiment make all of them due. While they are read again, windows of load alternate between the refresh going on
and the refresh held up, by a signal that stops the process that reads: whatever else the machine does hits both alike.
The steady load sends at fixed times, whatever is still unanswered, and an answer's time counts from when its request was
due; the full load is sixteen connections that never rest.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import uvloop

from bench.machine import machine
from bench.processes import Failed, Server, cores, server
from bench.steady import CONNECTIONS, WINDOW, Load, Window
from bench.traffic import EXPERIMENT
from vibevariant.experiments.definition import define
from vibevariant.experiments.lifecycle import reallocate, start
from vibevariant.experiments.tallies import HOUR
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.projects import Projects

EXPERIMENTS = 1_000
VISITORS = 2_500
"""Of each arm, in DAYS days and SEGMENTS kinds, under ALLOCATIONS allocations."""

DAYS, SEGMENTS, ALLOCATIONS, BASE = 5, 3, 5, 0.05
NEWCOMERS = 30
"""Who are then shown an arm of every experiment: more than one in two hundred of its visitors."""

RATE = 200.0
MOST_PAIRS = 30
"""Of windows in a round. The rest of the refresh has the machine for itself."""

LARGE = 8_000
"""So many times larger is the experiment that the load is assigned in."""

PATIENCE = 400.0
MOST_RATIO, MOST_SECONDS = 1.5, 60.0


async def prepare(folder: Path) -> str:
    """Fills a database with experiments and what was counted of them; the token of their site."""
    now = time.time_ns() // 1_000_000
    began = now - DAYS * 24 * HOUR
    database = await Database.open(folder / "vibevariant.db", now=now)
    try:
        project = await Projects(database).insert("site", "Site", is_example=False, now=began)
        experiments = Experiments(database)
        for number in range(EXPERIMENTS + 1):
            made = define(
                project_id=project.id, key=_key(number), mode="balanced", goals=[{"key": "signup"}], now=began,
                arms=[{"key": "control"}, {"key": "bold"}],
            )  # fmt: skip
            running = start(made, began, "owner")
            for day in range(1, ALLOCATIONS):
                weight = 5000 + 500 * day
                running = reallocate(
                    running,
                    [weight, 10_000 - weight],
                    10_000,
                    began + day * 24 * HOUR,
                    "refresh",
                    "appliance",
                )
            await experiments.insert(running)
        ids = [experiment.id for experiment in await experiments.all()]
        goal = (await experiments.all())[0].primary_goal.id
    finally:
        await database.close()
    with closing(sqlite3.connect(folder / "vibevariant.db")) as connection, connection:
        for id_ in ids:
            _count(connection, id_, goal, began // HOUR, VISITORS * (LARGE if id_ == ids[-1] else 1))
    return project.token


def _key(number: int) -> str:
    return f"experiment-{number}" if number < EXPERIMENTS else EXPERIMENT


def _count(connection: sqlite3.Connection, id_: int, goal: int, first_hour: int, visitors: int) -> None:
    """Visitors and conversions of one experiment, spread over hours and kinds as chance will have it."""
    rng = np.random.default_rng(id_)
    shape = (2, DAYS * 24, SEGMENTS)
    exposed = rng.poisson(visitors / (shape[1] * shape[2]), shape)
    converted = rng.binomial(exposed, BASE * np.exp(rng.normal(0, 0.1, (2, 1, 1))))
    tallies: list[tuple[int | str, ...]] = []
    hours: dict[tuple[int, ...], int] = defaultdict(int)
    delays: dict[tuple[int, ...], int] = defaultdict(int)
    for (arm, hour, segment), shown in np.ndenumerate(exposed):
        place = (id_, arm, 1 + hour // 24)
        at, name, reached = first_hour + hour, f"kind-{segment}", int(converted[arm, hour, segment])
        if shown:
            tallies.append((*place, 0, at, name, int(shown), 0, 0, 0))
        if reached:
            tallies.append((*place, goal, at, name, 0, reached, reached, 0))
            hours[id_, goal, at] += reached
            delays[id_, goal, arm, 0] += reached
    into = "insert into {} values ({})".format
    connection.executemany(into("tallies", ", ".join("?" * 10)), tallies)
    connection.executemany(into("conversion_hours", "?, ?, ?, ?"), [(*k, n) for k, n in hours.items()])
    connection.executemany(into("conversion_delays", "?, ?, ?, ?, ?"), [(*k, n) for k, n in delays.items()])


class Refresh:
    """The refresh of the appliance, as its database shows it."""

    def __init__(self, appliance: Server, database: Path) -> None:
        self._appliance = appliance
        self._database = database
        self._from = 0

    def begin(self, first: int) -> None:
        """Shows newcomers an arm of every experiment; within seconds the refresh begins."""
        self._from = time.time_ns() // 1_000_000
        everything = [_key(number) for number in range(EXPERIMENTS)]
        for number in range(NEWCOMERS):
            self._appliance.call(
                "/api/v1/assign",
                {"visitor_id": f"newcomer-{first}-{number}", "experiments": everything, "expose": True,
                 "token": self._appliance.token},
            )  # fmt: skip

    def done(self) -> int:
        """Experiments that were read again since it was begun."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            asked = "select count(*) from posteriors where refreshed_at >= ?"
            (count,) = connection.execute(asked, (self._from,)).fetchone()
        return int(count)

    def took(self) -> float:
        """Seconds from the first of them to the last."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            asked = "select max(refreshed_at) - min(refreshed_at) from posteriors where refreshed_at >= ?"
            (ms,) = connection.execute(asked, (self._from,)).fetchone()
        return float(ms) / 1000


@dataclass(frozen=True, slots=True)
class Round:
    """One refresh under one kind of load: the windows in which it was held up, and those in which it went on."""

    quiet: list[Window]
    during: list[Window]
    seconds: float
    cpu: float


def reader_process() -> int:
    """The process that reads for the appliance."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            if b"multiprocessing.spawn" in words and os.getsid(int(folder.name)) == os.getsid(0):
                return int(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    raise Failed("Nothing reads beside the appliance.")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def p(share: float, windows: list[Window]) -> float:
    took = sorted(each for window in windows for each in window.took)
    return took[int(len(took) * share)]


async def refreshed(refresh: Refresh, least: int) -> None:
    until = time.monotonic() + PATIENCE
    while refresh.done() < least:
        if time.monotonic() > until:
            raise Failed(f"Only {refresh.done()} experiments were read.")
        await asyncio.sleep(0.05)


async def one_round(load: Load, refresh: Refresh, number: int, rate: float | None) -> Round:
    refresh.begin(number)
    await refreshed(refresh, 1)
    reader, held = reader_process(), 0.0
    cpu = cpu_seconds(reader)
    quiet: list[Window] = []
    during: list[Window] = []
    while not during or (refresh.done() < EXPERIMENTS * 0.95 and len(during) < MOST_PAIRS):
        during.append(await load.window(rate))
        began = time.perf_counter()
        os.kill(reader, signal.SIGSTOP)
        try:
            quiet.append(await load.window(rate))
        finally:
            os.kill(reader, signal.SIGCONT)
        held += time.perf_counter() - began
    await refreshed(refresh, EXPERIMENTS)
    return Round(quiet, during, refresh.took() - held, cpu_seconds(reader) - cpu)


async def measure(rounds: int) -> tuple[list[Round], list[Round]]:
    of_servers, of_load = cores() or (None, None)
    steady, full = [], []
    with tempfile.TemporaryDirectory(prefix="vibevariant-bench-") as name:
        folder = Path(name)
        token = await prepare(folder)
        flags = ("--port", "0", "--data-dir", name, "--log-level", "WARNING", "--refresh-seconds", "86400")
        with server("vibevariant", "serve", *flags, core=of_servers) as appliance:
            if of_load is not None:
                os.sched_setaffinity(0, of_load)
            appliance.token = token
            load, refresh = Load(appliance.port, token), Refresh(appliance, folder / "vibevariant.db")
            refresh.begin(0)  # from here on it knows how much each of them has grown
            await refreshed(refresh, EXPERIMENTS)
            await load.window(RATE)
            for number in range(rounds):
                steady.append(await one_round(load, refresh, 2 * number + 1, RATE))
                print(number, "steady", line(steady[-1:]), file=sys.stderr, flush=True)
                full.append(await one_round(load, refresh, 2 * number + 2, None))
                print(number, "full", line(full[-1:]), file=sys.stderr, flush=True)
    return steady, full


def line(rounds: list[Round]) -> str:
    quiet = [window for each in rounds for window in each.quiet]
    during = [window for each in rounds for window in each.during]
    ratios = [p(0.99, each.during) / p(0.99, each.quiet) for each in rounds]
    rates = [sum(len(w.took) for w in some) / (WINDOW * len(some)) for some in (quiet, during)]
    return (
        f"{rates[0]:,.0f} / {rates[1]:,.0f} | {p(0.5, quiet):.2f} / {p(0.5, during):.2f} | "
        f"{p(0.99, quiet):.2f} / {p(0.99, during):.2f} | {p(0.999, quiet):.2f} / {p(0.999, during):.2f} | "
        f"**{median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f}) | "
        f"{median(each.seconds for each in rounds):.0f} | {median(each.cpu for each in rounds):.0f}"
    )


def main(rounds: int) -> int:
    where = machine()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        steady, full = runner.run(measure(rounds))
    print(
        f"A refresh of {EXPERIMENTS:,} running experiments (2 arms of {VISITORS:,} visitors, {ALLOCATIONS} allocations) "
        f"beside new visitors who are assigned, {rounds} rounds, each figure without and with the refresh; times in ms; "
        f"{where['processor']}, Python {where['python']}, load {where['load_before']} on {where['cores']} cores, a sync to disk takes {where['sync_ms']} ms.\n"
    )
    print(
        "| load | requests a second | p50 | p99 | p99.9 | ratio of the p99 (of rounds) | refresh, s | of its processor, s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    print(f"| {RATE:g} requests a second | {line(steady)} |")
    print(f"| {CONNECTIONS} connections without rest | {line(full)} |")
    wrong = sum(window.wrong for each in (*steady, *full) for window in (*each.quiet, *each.during))
    print(
        f"\nGoals: a ratio of at most {MOST_RATIO}, {MOST_SECONDS:g} s of a core for the refresh. Wrong answers: {wrong}."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
