"""Import: a history that was recorded elsewhere comes in, with its arms and times as they were."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import scope
from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, EventName, Key, Reply, Value, VisitorId, dotted, read
from vibevariant.api.context import Context
from vibevariant.api.definition import Weight, planned_weights
from vibevariant.api.door import reply
from vibevariant.api.events import Moment
from vibevariant.errors import Conflict, ExperimentGone, InvalidInput
from vibevariant.experiments import lifecycle
from vibevariant.experiments.experiment import Experiment, Status
from vibevariant.experiments.goals import to_micros
from vibevariant.experiments.signals import SIGNAL_EVENTS, fault_of
from vibevariant.storage.facts import Claim, Facts, NewEvent

MOST_VISITORS = 5000
MOST_EVENTS = 20_000
"""In all: one import is one transaction, for which the site's own visitors wait."""

NAMESPACE = uuid.UUID("6f0e2c1a-5a0c-5d39-9d1b-6f7a3f6f0a11")
"""Under which the ids of imported events are derived, so that importing again changes nothing."""

_SIGNALS = ", ".join(f"`{name}`" for name in SIGNAL_EVENTS)


class RecordedEvent(Body):
    """Something the visitor did; also `$scroll`, `$time`, `$click`, `$form_start` and `$form_submit`."""

    name: EventName
    at: Moment
    value: Value | None = None


class RecordedVisitor(Body):
    """A visitor, the arm as it was given, and what came of it."""

    visitor_id: VisitorId
    arm: Annotated[str, Field(max_length=1000)]
    at: Moment
    exposed_at: Moment | None = Field(None, description="When the arm was shown; none: when it was given.")
    events: Annotated[list[RecordedEvent], Field(max_length=500)] = Field(default_factory=list)


class ImportRequest(Body):
    """Part of a history, or all of it."""

    experiment: Key = Field(description="An experiment of the source `imported`.")
    project: Key | None = None
    visitors: Annotated[list[RecordedVisitor], Field(min_length=1, max_length=MOST_VISITORS)]
    weights: dict[str, Weight] | None = Field(
        None,
        description="The shares that were planned, by arm; taken with the first import, even where none are given.",
    )


class ImportReply(Reply):
    """What was brought in."""

    assigned: int = Field(description="Visitors whose arm stands as it was sent.")
    conflicts: int = Field(description="Visitors who were brought in earlier with another arm, which stands.")
    events: int = Field(description="New events.")
    duplicates: int = Field(description="Events that were here already.")


async def bring_in(request: Request[Any, Any]) -> HTTPResponse:
    body = read(ImportRequest, request.body)
    context = context_of(request)
    experiment = scope.experiment(request.ctx.manager, context.catalog.current, body.experiment, body.project)
    _check(body, experiment, context.clock.now_ms())
    experiment = await _started(context, experiment, body, request.ctx.manager.name)
    facts = _facts(body, experiment, context.clock.now_ms())
    recorded = await context.ledger.record(facts)
    standing = [assignment for assignment in recorded.assignments if assignment is not None]
    if len(standing) < len(facts.claims):
        raise ExperimentGone
    assigned = sum(now.arm == sent.arm for now, sent in zip(standing, facts.claims, strict=True))
    events = sum(recorded.inserted)
    return reply(
        ImportReply(
            assigned=assigned, conflicts=len(standing) - assigned, events=events,
            duplicates=len(recorded.inserted) - events,
        )
    )  # fmt: skip


def _check(body: ImportRequest, experiment: Experiment, now: int) -> None:
    """All of it before any of it: an import is taken whole or not at all."""
    if experiment.source != "imported":
        raise Conflict(
            f"The experiment `{experiment.key}` is live, and what was recorded elsewhere is never mixed with that.",
            field="experiment",
            hint='Make another one with `"source": "imported"`.',
        )
    if experiment.status is Status.COMPLETED:
        raise Conflict(
            f"The experiment `{experiment.key}` has ended; nothing more counts.", field="experiment"
        )
    faults: list[tuple[str, str]] = []
    for index, visitor in enumerate(body.visitors):
        place = f"/visitors/{index}"
        if visitor.arm not in experiment.arms_by_key:
            faults.append((f"{place}/arm", f"The experiment has no arm `{ascii(visitor.arm)[1:-1]:.64}`."))
        if max(visitor.at, visitor.exposed_at or 0, *(event.at for event in visitor.events), 0) > now:
            faults.append((place, "Something here lies in the future; times are epoch milliseconds UTC."))
        if visitor.exposed_at is not None and visitor.exposed_at < visitor.at:
            faults.append((f"{place}/exposed_at", "Nobody is shown an arm before getting it."))
        faults += _faults_of_events(place, visitor.events)
        if len(faults) >= 20:
            break
    if sum(len(visitor.events) for visitor in body.visitors) > MOST_EVENTS:
        faults.append(("/visitors", f"More than {MOST_EVENTS} events at once; send the visitors in parts."))
    if faults:
        raise InvalidInput(
            f"`{dotted(faults[0][0])}`: {faults[0][1]}", faults=faults, field=dotted(faults[0][0])
        )


def _faults_of_events(place: str, events: Sequence[RecordedEvent]) -> list[tuple[str, str]]:
    """The first thing that is wrong with the events of a visitor."""
    for which, event in enumerate(events):
        if event.name.startswith("$") and event.name not in SIGNAL_EVENTS:
            return [(f"{place}/events", f"Of the names that begin with `$`, only {_SIGNALS} come in here.")]
        fault = fault_of(event.name, event.value)
        if fault is not None:
            return [(f"{place}/events/{which}/value", fault)]
    return []


async def _started(context: Context, experiment: Experiment, body: ImportRequest, actor: str) -> Experiment:
    """The experiment, started with the earliest time of its first import."""
    if experiment.status is not Status.DRAFT:
        if body.weights is not None and planned_weights(experiment, body.weights) != experiment.weights:
            raise Conflict(
                "The planned weights were set by the first import, and these are others.",
                field="weights",
                hint="Leave them out, or bring the history into a new experiment.",
            )
        return experiment
    weights = experiment.weights if body.weights is None else planned_weights(experiment, body.weights)
    earliest = min(visitor.at for visitor in body.visitors)

    def begin(stored: Experiment) -> Experiment:
        if stored.status is not Status.DRAFT:  # another part of the history was faster
            return stored
        planned = lifecycle.reallocate(stored, weights, stored.traffic, earliest, "import", actor)
        return lifecycle.start(planned, earliest, actor)

    started = await context.experiments.change(experiment.id, begin)
    await context.catalog.reload()
    return started


def _facts(body: ImportRequest, experiment: Experiment, now: int) -> Facts:
    allocation = experiment.allocations[0]
    claims, events = [], []
    for visitor in body.visitors:
        arm = experiment.arms_by_key[visitor.arm].index
        exposed_at = visitor.at if visitor.exposed_at is None else visitor.exposed_at
        claims.append(
            Claim(
                experiment.project_id, experiment.id, visitor.visitor_id, arm, allocation.number,
                allocation.weights[arm], visitor.at, exposed_at,
            )
        )  # fmt: skip
        alike: Counter[tuple[str, int]] = Counter()
        for event in visitor.events:
            alike[event.name, event.at] += 1  # the same thing twice in one moment is two events
            which = alike[event.name, event.at]
            basis = f"{experiment.id}/{experiment.key}/{visitor.visitor_id}/{event.name}/{event.at}/{which}"
            events.append(
                NewEvent(
                    experiment.project_id, str(uuid.uuid5(NAMESPACE, basis)), visitor.visitor_id, event.name,
                    event.at, now, None if event.value is None else to_micros(event.value),
                )
            )  # fmt: skip
    return Facts(tuple(claims), tuple(events))
