"""Measures requests a second of this machine's appliance beside a bare Sanic echo, in turns, in the same run.

python -m bench [--quick]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.generator import Job
from bench.machine import machine
from bench.processes import Failed, Generator, Server, cores, generator, server
from bench.report import Row, as_json, table
from bench.traffic import EXPERIMENT, GOAL, RETURNING

LATEST = Path(__file__).with_name("latest.json")
CONNECTIONS = 64
STARTS = 3
FULL_LOAD = 0.9
"""A generator busier than this share of its core may be what is measured."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="One short repetition: does it work, and about how fast?"
    )
    quick: bool = parser.parse_args().quick
    began = time.monotonic()
    on = machine()
    print(", ".join(f"{name} {value}" for name, value in on.items()), flush=True)
    try:
        rows, starts = measure(repetitions=1 if quick else 5, seconds=0.4 if quick else 1.5)
    except (Failed, OSError) as fault:
        print(f"FAILED: {fault}", file=sys.stderr)
        return 1
    print(f"\n{CONNECTIONS} connections, medians of {len(rows[0].runs)}; alone: one connection. "
          "Every assignment and event is synced to disk before its answer.\n")  # fmt: skip
    print(table(rows))
    print(
        f"\nFrom the start of the program to its first answer: {median(starts):.2f} s (median of {len(starts)})."
    )
    LATEST.write_text(
        json.dumps({"machine": on, "start_seconds": starts, "rows": as_json(rows)}, indent=2) + "\n",
        encoding="utf-8",
    )
    if max(run.generator_cpu for row in rows for run in row.runs) > FULL_LOAD:
        print("The generator was at its limit in some of it: the servers may be faster than this.")
    wrong = [
        (row.name, row.wrong, next((r.example for r in row.runs if r.example), ""))
        for row in rows
        if row.wrong
    ]
    for name, count, example in wrong:
        print(f"FAILED: {count} wrong answers of {name}, such as: {example}", file=sys.stderr)
    if not wrong:
        print(
            f"Measured in {time.monotonic() - began:.0f} s; every answer was right. The figures: bench/{LATEST.name}"
        )
    return 1 if wrong else 0


def measure(*, repetitions: int, seconds: float) -> tuple[list[Row], list[float]]:
    """Every kind of request in turns, so that a busy moment of the machine hits them all alike."""
    of_servers, of_generator = cores() or (None, None)
    rows = [
        Row("echo new visitor", "echo new visitor", durable=False),
        Row("echo 1 event", "echo 1 event", durable=False),
        Row("echo 20 events", "echo 20 events", durable=False),
        Row("assign new visitor", "echo new visitor", durable=True),
        Row("assign returning visitor", "echo new visitor", durable=True),
        Row("events 1 event", "echo 1 event", durable=True),
        Row("events 20 events", "echo 20 events", durable=True),
    ]
    starts: list[float] = []
    with ExitStack() as stack:
        for number in range(STARTS):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"vibevariant-bench-{number}-"))
            flags = ("serve", "--port", "0", "--data-dir", folder, "--log-level", "WARNING")
            if number < STARTS - 1:
                with server("vibevariant", *flags, core=of_servers) as started:
                    starts.append(started.start_seconds)
        appliance = stack.enter_context(server("vibevariant", *flags, core=of_servers))
        starts.append(appliance.start_seconds)
        echo = stack.enter_context(server("bench.echo", core=of_servers))
        load = stack.enter_context(generator(of_generator))
        _prepare(appliance)
        _run_all(rows, appliance, echo, load, repetitions, seconds)
    return rows, starts


def _prepare(appliance: Server) -> None:
    """An owner, an experiment that runs, and the visitors who will return."""
    appliance.set_up()
    appliance.call(
        "/api/v1/experiments",
        {"key": EXPERIMENT, "arms": [{"key": "control"}, {"key": "bold"}], "goal": GOAL},
    )
    appliance.call(f"/api/v1/experiments/{EXPERIMENT}/start", {})


def _run_all(
    rows: Sequence[Row], appliance: Server, echo: Server, load: Generator, repetitions: int, seconds: float
) -> None:
    sent = 0

    def run(row: Row, connections: int, lasting: float) -> None:
        nonlocal sent
        target = echo if row.name.startswith("echo") else appliance
        before = target.cpu_seconds()
        measured = load.run(Job(row.name, target.port, appliance.token, connections, lasting, sent))
        sent += measured.requests + connections
        if connections == 1:
            row.unloaded = measured
        else:
            row.runs.append(measured)
            row.cpu.append(target.cpu_seconds() - before)

    for row in rows:  # warms every path up, and lets all the returning visitors come once
        warm = Row(row.name, row.beside, durable=row.durable)
        run(warm, CONNECTIONS, max(0.3, RETURNING / 2_000 if "returning" in row.name else 0))
        if warm.wrong:
            row.runs, row.cpu = warm.runs, warm.cpu
            return
    for _ in range(repetitions):
        for row in rows:
            run(row, CONNECTIONS, seconds)
    for row in rows:
        run(row, 1, seconds)


if __name__ == "__main__":
    sys.exit(main())
