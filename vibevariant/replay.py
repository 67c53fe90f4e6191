"""Replay: real experiments go through the appliance's own HTTP API as a site would; what does it make of them?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vibevariant.client import CONNECTIONS, Appliance
from vibevariant.experiments.recorded import TWO_WEEKS, RecordedExperiment, visitors_of
from vibevariant.progress import Advance

GOAL = "click"
LOOKS = 40
"""How often the decision is asked for while an experiment is replayed."""

IMPORT_CHUNK = 2_000
"""Visitors in one import: well below the appliance's limit on a body."""

NAMING = {"ship", "stop", "equivalent"}
"""Decisions to act on; proof that only waits for its full week (`weekend`) is one here, where weeks take seconds."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one recorded experiment.

    `status`, `reason`, `arm` and `sentence` are the first decision to act on, which came after `decided_at` visitors;
    where none came (None), the last one. `in_the_end` is the status and reason after all visitors.
    """

    experiment: str
    arms: int
    visitors: int
    recorded_best: str
    status: str
    reason: str
    arm: str | None
    sentence: str
    decided_at: int | None
    in_the_end: str
    conversions: int
    even_split: float
    on_worse_arms: int


async def replay(
    appliance: Appliance,
    experiments: Sequence[RecordedExperiment],
    *,
    how: Literal["adaptive", "fixed"],
    seed: int,
    advance: Advance,
) -> list[Replayed]:
    """Takes the experiments through the appliance, one after the other, in a project of their own.

    `adaptive`: the appliance assigns as many visitors as were recorded, and each converts at the recorded rate of
    the arm it got (seeded). `fixed`: the recorded counts themselves come in through the import door, arm by arm,
    spread over two weeks.
    """
    project = await appliance.call(
        "POST",
        "/api/v1/projects",
        {"key": f"replay-{time.time_ns() // 1_000_000}", "name": "Replayed experiments"},
    )
    one = _assigned if how == "adaptive" else _imported
    return [await one(appliance, project, recorded, random.Random(f"{seed}/{recorded.key}"), advance)
            for recorded in experiments]  # fmt: skip


async def _create(
    appliance: Appliance, project: dict[str, Any], recorded: RecordedExperiment, **settings: Any
) -> str:
    key = recorded.key.lower()
    await appliance.call(
        "POST", "/api/v1/experiments",
        {
            "key": key, "project": project["key"], "goal": GOAL,
            "arms": [{"key": arm.arm.lower()} for arm in recorded.arms], **settings,
        },
    )  # fmt: skip
    return f"/api/v1/experiments/{key}"


async def _assigned(
    appliance: Appliance,
    project: dict[str, Any],
    recorded: RecordedExperiment,
    rng: random.Random,
    advance: Advance,
) -> Replayed:
    path = await _create(appliance, project, recorded, allocation="adaptive")
    where = f"?project={project['key']}"
    await appliance.call("POST", f"{path}/start{where}")
    rates = {arm.arm.lower(): arm.rate for arm in recorded.arms}
    chances = [rng.random() for _ in range(recorded.exposed)]
    look_every = max(50, recorded.exposed // LOOKS)
    first: tuple[int, Any] | None = None
    done = 0
    key = recorded.key.lower()

    async def visit(number: int) -> None:
        visitor = f"{key}-{number}"
        answer = await appliance.call(
            "POST", "/api/v1/assign", {"visitor_id": visitor, "experiments": [key], "expose": True},
            key=project["token"],
        )  # fmt: skip
        if chances[number] < rates[answer["assignments"][key]["arm"]]:
            await appliance.call(
                "POST", "/api/v1/events", {"visitor_id": visitor, "name": GOAL}, key=project["token"]
            )

    async def look() -> None:
        nonlocal first
        visitors = done
        seen = (await appliance.call("GET", f"{path}/results{where}"))["decision"]
        if first is None and _names_an_end(seen):
            first = visitors, seen

    async def visitors_one_by_one(numbers: Iterator[int]) -> None:
        nonlocal done
        for number in numbers:
            await visit(number)
            done += 1
            advance(1)
            if done % look_every == 0:
                await look()

    numbers = iter(range(recorded.exposed))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(visitors_one_by_one(numbers))
    except ExceptionGroup as faults:  # what stopped one visitor stopped the others too
        raise faults.exceptions[0] from None
    return _replayed(recorded, await appliance.call("GET", f"{path}/results{where}"), first)


async def _imported(
    appliance: Appliance,
    project: dict[str, Any],
    recorded: RecordedExperiment,
    rng: random.Random,
    advance: Advance,
) -> Replayed:
    path = await _create(appliance, project, recorded, allocation="fixed", source="imported")
    end = int(time.time() * 1000)
    visitors = [
        {
            "visitor_id": visitor.visitor_id,
            "arm": recorded.arms[visitor.arm].arm.lower(),
            "at": visitor.exposed_at,
            "exposed_at": visitor.exposed_at,
            "events": [{"name": GOAL, "at": visitor.converted_at}] if visitor.converted_at else [],
        }
        for visitor in visitors_of(recorded, end - TWO_WEEKS, end, rng)
    ]
    for first in range(0, len(visitors), IMPORT_CHUNK):
        chunk = visitors[first : first + IMPORT_CHUNK]
        body = {"experiment": recorded.key.lower(), "project": project["key"], "visitors": chunk}
        await appliance.call("POST", "/api/v1/import", body)
        advance(len(chunk))
    results = await appliance.call("GET", f"{path}/results?project={project['key']}")
    return _replayed(recorded, results, None)


def _names_an_end(decision: dict[str, Any]) -> bool:
    return decision["status"] in NAMING or decision["reason"] == "weekend"


def _replayed(
    recorded: RecordedExperiment, results: dict[str, Any], first: tuple[int, dict[str, Any]] | None
) -> Replayed:
    last = results["decision"]
    if first is None and _names_an_end(last):
        first = sum(arm["exposed"] for arm in results["arms"]), last
    decision = last if first is None else first[1]
    best = recorded.best.arm.lower()
    exposed = sum(arm["exposed"] for arm in results["arms"])
    return Replayed(
        experiment=recorded.key,
        arms=len(recorded.arms),
        visitors=exposed,
        recorded_best=best,
        status=decision["status"],
        reason=decision["reason"],
        arm=decision["arm"],
        sentence=decision["sentence"],
        decided_at=first and first[0],
        in_the_end=f"{last['status']} ({last['reason']})",
        conversions=sum(arm["conversions"] for arm in results["arms"]),
        even_split=exposed * sum(arm.rate for arm in recorded.arms) / len(recorded.arms),
        on_worse_arms=sum(arm["exposed"] for arm in results["arms"] if arm["key"] != best),
    )


def table(replayed: Sequence[Replayed]) -> str:
    """The outcome as a table that a person reads, with a line of sums below."""
    head = ("experiment", "arms", "visitors", "recorded best", "decided", "at visitor", "in the end",
            "conversions", "even split", "on worse arms")  # fmt: skip
    rows = [
        (
            row.experiment, str(row.arms), f"{row.visitors:,}", row.recorded_best,
            f"{row.status} ({row.reason})" + (f" {row.arm}" if row.arm else ""),
            "-" if row.decided_at is None else f"{row.decided_at:,}", row.in_the_end,
            f"{row.conversions:,}", f"{row.even_split:,.1f}", f"{row.on_worse_arms:,}",
        )
        for row in replayed
    ]  # fmt: skip
    visitors, worse = sum(r.visitors for r in replayed), sum(r.on_worse_arms for r in replayed)
    conversions, even = sum(r.conversions for r in replayed), sum(r.even_split for r in replayed)
    rows.append(
        ("all", "", f"{visitors:,}", "", "", "", "", f"{conversions:,}", f"{even:,.1f}", f"{worse:,}")
    )
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    text_columns = {0, 3, 4, 6}
    lines = [
        "  ".join(
            cell.ljust(width) if column in text_columns else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines.insert(-1, lines[1])
    gain = conversions / even - 1 if even else 0.0
    lines.append(
        f"Conversions against an even split: {gain:+.1%}. Visitors on other arms than the recorded best: "
        f"{worse:,} of {visitors:,} ({worse / visitors if visitors else 0:.0%})."
    )
    return "\n".join(lines)
