"""Health: whether this appliance can do its work, with the figures that say why not."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import structlog
from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant import __version__
from vibevariant.api.auth import context_of
from vibevariant.api.body import Reply
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.reports import JobReport

MEDIA_TYPE = "application/health+json"
PATIENCE = 2.0
"""Seconds that the database gets to answer: whoever asks for our health waits not much longer than that."""

LITTLE_SPACE = 100 * 1024 * 1024
"""Bytes of free disk below which somebody should know."""

Verdict = Literal["pass", "warn", "fail"]
_WORST: tuple[Verdict, ...] = ("pass", "warn", "fail")


class Check(Reply):
    """One thing that was looked at."""

    status: Verdict
    observedValue: float | int | str | None = None  # noqa: N815 - the format's own word
    observedUnit: str | None = None  # noqa: N815 - (as above)
    time: int | None = Field(None, description="Epoch ms of when it was observed, where that is not now.")
    output: str | None = Field(None, description="What is wrong, if anything is.")


class HealthReply(Reply):
    """How this appliance is."""

    status: Verdict
    service: Literal["vibevariant"]
    version: str
    uptime_seconds: float
    checks: dict[str, list[Check]]
    output: str | None = None


class AliveReply(Reply):
    """That it is alive."""

    status: Literal["pass"]


async def alive(request: Request[Any, Any]) -> HTTPResponse:
    """Looks at nothing: a process that can answer this need not be restarted."""
    del request
    return reply(AliveReply(status="pass"), 200, MEDIA_TYPE)


async def health(request: Request[Any, Any]) -> HTTPResponse:
    context = context_of(request)
    stopping = bool(request.app.state.is_stopping)
    checks = {
        "database:connectivity": [await _database(context)],
        "database:size": [_size(context.database.path)],
        "disk:free": [_disk(context.database.path)],
        "memory:rss": [_memory()],
        "queue:waiting": [_queue(context)],
        **{
            f"jobs:{name}": [_job(report, context.settings.env == "development")]
            for name, report in context.jobs().items()
        },
        "examples": [_examples(context)],
    }
    worst = max((check.status for each in checks.values() for check in each), key=_WORST.index)
    status: Verdict = "fail" if stopping else worst
    found = HealthReply(
        status=status,
        service="vibevariant",
        version=__version__,
        uptime_seconds=round((context.clock.now_ms() - context.started_at) / 1000, 3),
        checks=checks,
        output="It is stopping." if stopping else None,
    )
    body = found.model_dump(mode="json", exclude_none=True)
    return reply(body, 503 if status == "fail" else 200, MEDIA_TYPE)


async def _database(context: Context) -> Check:
    started = perf_counter()
    try:
        await asyncio.wait_for(context.database.ping(), PATIENCE)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the database is not well
        structlog.get_logger().error("The database does not answer.", exc_info=fault)
        return Check(status="fail", output="The database does not answer; the log says why.")
    took = round((perf_counter() - started) * 1000, 2)
    return Check(status="pass", observedValue=took, observedUnit="ms")


def _size(path: Path) -> Check:
    files = (path, path.with_name(f"{path.name}-wal"))
    return Check(
        status="pass",
        observedValue=sum(file.stat().st_size for file in files if file.exists()),
        observedUnit="bytes",
    )


def _disk(path: Path) -> Check:
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as fault:
        return Check(status="warn", output=f"The disk cannot be looked at ({fault.strerror}).")
    if free < LITTLE_SPACE:
        return Check(
            status="warn", observedValue=free, observedUnit="bytes", output="The disk is nearly full."
        )
    return Check(status="pass", observedValue=free, observedUnit="bytes")


def _memory() -> Check:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # not Linux
        return Check(status="pass", output="It cannot be seen on this system.")
    return Check(status="pass", observedValue=pages * os.sysconf("SC_PAGE_SIZE"), observedUnit="bytes")


def _queue(context: Context) -> Check:
    waiting = context.database.waiting
    crowded = waiting > context.settings.queue_limit / 2
    return Check(
        status="warn" if crowded else "pass", observedValue=waiting, observedUnit="facts",
        output="Writes come in faster than they can be stored." if crowded else None,
    )  # fmt: skip


def _job(report: JobReport, development: bool) -> Check:  # noqa: FBT001 - whether to show what is inside
    failed = report.last_error if development else report.last_error and "It failed; the log says why."
    return Check(
        status="pass" if report.last_error is None else "warn",
        observedValue=report.last_took_ms,
        observedUnit="ms" if report.last_took_ms is not None else None,
        time=report.last_run_at,
        output=failed or (None if report.runs else "It has not run yet."),
    )


def _examples(context: Context) -> Check:
    report = context.examples()
    value = f"{report.state} {report.done}/{report.total}" if report.state == "loading" else report.state
    return Check(
        status="warn" if report.state == "failed" else "pass", observedValue=value,
        output="The examples could not be loaded; the log says why." if report.state == "failed" else None,
    )  # fmt: skip
