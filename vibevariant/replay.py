"""Replay: real experiments go through the appliance's own HTTP API as a site would; what does it make of them?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
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
"""Decisions that end an experiment."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one recorded experiment. `decided_at` is in visitors; None: no end was reached."""

    experiment: str
    arms: int
    visitors: int
    recorded_best: str
    status: str
    reason: str
    arm: str | None
    sentence: str
    decided_at: int | None
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
        "POST", "/api/v1/projects", {"key": f"replay-{int(time.time())}", "name": "Replayed experiments"}
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
    ended_at: int | None = None
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

    for first in range(0, recorded.exposed, look_every):
        visitors = list(range(first, min(first + look_every, recorded.exposed)))
        await _at_once(visit, visitors)
        advance(len(visitors))
        seen = (await appliance.call("GET", f"{path}/results{where}"))["decision"]
        if ended_at is None and (seen["status"] in NAMING or seen["reason"] == "weekend"):
            ended_at = visitors[-1] + 1
    return _replayed(recorded, await appliance.call("GET", f"{path}/results{where}"), ended_at)


async def _at_once(visit: Any, visitors: list[int]) -> None:
    """Every visitor once, so many at a time as there are connections."""
    waiting = iter(visitors)

    async def worker() -> None:
        for number in waiting:
            await visit(number)

    await asyncio.gather(*(worker() for _ in range(min(CONNECTIONS, len(visitors)))))


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
    ended = results["decision"]["status"] in NAMING
    return _replayed(recorded, results, recorded.exposed if ended else None)


def _replayed(recorded: RecordedExperiment, results: dict[str, Any], ended_at: int | None) -> Replayed:
    decision = results["decision"]
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
        decided_at=ended_at,
        conversions=sum(arm["conversions"] for arm in results["arms"]),
        even_split=exposed * sum(arm.rate for arm in recorded.arms) / len(recorded.arms),
        on_worse_arms=sum(arm["exposed"] for arm in results["arms"] if arm["key"] != best),
    )


def table(replayed: Sequence[Replayed]) -> str:
    """The outcome as a table that a person reads, with a line of sums below."""
    head = ("experiment", "arms", "visitors", "recorded best", "decided", "at visitor",
            "conversions", "even split", "on worse arms")  # fmt: skip
    rows = [
        (
            row.experiment, str(row.arms), f"{row.visitors:,}", row.recorded_best,
            f"{row.status} ({row.reason})" + (f" {row.arm}" if row.arm else ""),
            "-" if row.decided_at is None else f"{row.decided_at:,}",
            f"{row.conversions:,}", f"{row.even_split:,.1f}", f"{row.on_worse_arms:,}",
        )
        for row in replayed
    ]  # fmt: skip
    visitors, worse = sum(r.visitors for r in replayed), sum(r.on_worse_arms for r in replayed)
    conversions, even = sum(r.conversions for r in replayed), sum(r.even_split for r in replayed)
    rows.append(("all", "", f"{visitors:,}", "", "", "", f"{conversions:,}", f"{even:,.1f}", f"{worse:,}"))
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    text_columns = {0, 3, 4}
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
