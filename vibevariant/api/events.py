"""Events: what a site saw. Each is stored once, by its id; the answer comes after the commit."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError
from pydantic_core import from_json, to_json
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, scope
from vibevariant.api.assign import Token
from vibevariant.api.auth import context_of
from vibevariant.api.body import (
    AttributeName,
    Body,
    EventName,
    Key,
    Reply,
    Scalar,
    Value,
    VisitorId,
    dotted,
    faults_of,
)
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.api.sender import Sender
from vibevariant.errors import InvalidInput
from vibevariant.experiments.catalog import Project
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.goals import to_micros
from vibevariant.experiments.segments import UNKNOWN
from vibevariant.experiments.signals import SIGNAL_EVENTS, fault_of
from vibevariant.storage.facts import EXPOSURE, NewEvent, RobotVisit

OLDEST = 7 * 86_400_000
"""Milliseconds: what a site sends later than a week after it happened is taken as a week old."""

MOST_EVENTS = 500
LARGEST_PROPERTIES = 8192
OWN_NAMES = ", ".join(f"`{name}`" for name in (EXPOSURE, *SIGNAL_EVENTS))
_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_LAST_MOMENT = 1 << 53


def _small(properties: dict[str, Scalar]) -> dict[str, Scalar]:
    if properties and len(to_json(properties)) > LARGEST_PROPERTIES:
        raise ValueError(f"The properties have more than {LARGEST_PROPERTIES} bytes as JSON")
    return properties


Moment = Annotated[int, Field(ge=0, le=_LAST_MOMENT, description="Epoch milliseconds UTC.")]
EventId = Annotated[
    str,
    StringConstraints(pattern=_UUID, to_lower=True),
    Field(description="A UUID made where the event happened, so that sending it again changes nothing."),
]
Properties = Annotated[
    dict[AttributeName, Scalar],
    Field(max_length=32, description=f"Up to 32 plain values, {LARGEST_PROPERTIES} bytes in all."),
    AfterValidator(_small),
]


class Event(Body):
    """Something a visitor did, or an exposure: `$exposure` with the experiment whose arm was shown.

    What goes before a conversion, the early signals, has names of its own: `$scroll` (value: the deepest share of the
    page, 0 to 1), `$time` (value: seconds in view, added up), `$click`, `$form_start` and `$form_submit`.
    """

    visitor_id: VisitorId
    name: EventName
    id: EventId | None = None
    at: Moment | None = Field(None, description="When it happened; none: when it is received.")
    value: Value | None = Field(None, description="Such as the price; added up over all events of a goal.")
    properties: Properties | None = None
    experiment: Key | None = Field(None, description="The experiment that an `$exposure` is about.")


class SingleEvent(Event):
    """One event by itself."""

    sent_at: Moment | None = Field(
        None, description="The sender's clock now, so that a wrong one does no harm."
    )
    token: Token | None = None
    project: Key | None = None


class EventBatch(Body):
    """Many events, each of which is accepted or rejected by itself."""

    events: Annotated[list[Event], Field(min_length=1, max_length=MOST_EVENTS)]
    sent_at: Moment | None = Field(
        None, description="The sender's clock now, so that a wrong one does no harm."
    )
    token: Token | None = None
    project: Key | None = None


class _AnyEvents(EventBatch):
    """A batch of which the events are looked at one by one."""

    events: Annotated[list[Any], Field(min_length=1, max_length=MOST_EVENTS)]


class Rejected(Reply):
    """An event that could not be taken, by its place in the batch."""

    index: int
    code: Literal["invalid_input", "unknown_experiment", "imported_experiment", "reserved_name"]
    detail: str


class EventsReply(Reply):
    """What became of the events. All that were accepted are stored, unless a robot sent them."""

    accepted: int
    duplicates: int = Field(description="Known by their id already; nothing was counted twice.")
    rejected: list[Rejected]


EventsRequest = EventBatch | SingleEvent


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What came in, with what is rejected of it so far."""

    body: EventBatch | SingleEvent | _AnyEvents
    events: Mapping[int, Event]
    rejected: dict[int, Rejected]


async def events(request: Request[Any, Any]) -> HTTPResponse:
    came = await auth.read_of_site(request, _read)
    caller = await auth.site(request, came.body.token)
    context = context_of(request)
    project = scope.project(caller, context.catalog.current, came.body.project)
    sender = Sender.of(request, caller)
    taken = _taken(context, project, came, sender)
    if came.rejected and isinstance(came.body, SingleEvent):
        refused = came.rejected[0]
        raise InvalidInput(refused.detail, field="value" if refused.code == "invalid_input" else "name")
    if not taken:
        inserted: tuple[bool, ...] = ()
    elif sender.is_robot:
        await context.ledger.count_robot(RobotVisit(project.id, context.clock.now_ms(), len(taken)))
        inserted = (True,) * len(taken)
    else:
        inserted = await context.ledger.record_events(taken)
    accepted = sum(inserted)
    return reply(
        {
            "accepted": accepted,
            "duplicates": len(inserted) - accepted,
            "rejected": [came.rejected[index] for index in sorted(came.rejected)],
        },
        202,
    )


def _read(body: bytes) -> _Envelope:
    if b'"events"' not in body:
        return _single(body)
    try:
        batch = EventBatch.model_validate_json(body)
    except ValidationError as fault:
        if fault.errors(include_url=False)[0]["type"] == "json_invalid":
            raise
        return _one_by_one(body)
    return _Envelope(batch, dict(enumerate(batch.events)), {})


def _single(body: bytes) -> _Envelope:
    event = SingleEvent.model_validate_json(body)
    return _Envelope(event, {0: event}, {})


def _one_by_one(body: bytes) -> _Envelope:
    """The events of a batch of which one at least is not right: what is good is kept, what is not is named."""
    whole = from_json(body)
    if not isinstance(whole, dict) or "events" not in whole:
        return _single(body)
    batch = _AnyEvents.model_validate_json(body)
    good: dict[int, Event] = {}
    rejected: dict[int, Rejected] = {}
    for index, plain in enumerate(batch.events):
        try:
            good[index] = Event.model_validate(plain)
        except ValidationError as fault:
            pointer, detail = faults_of(fault.errors(include_url=False), plain)[0]
            place = f"`{dotted(pointer)}`: " if pointer else ""
            rejected[index] = Rejected(index=index, code="invalid_input", detail=place + detail)
    return _Envelope(batch, good, rejected)


def _taken(context: Context, project: Project, came: _Envelope, sender: Sender) -> list[NewEvent]:
    """The events as they will be stored; those that mean nothing here join the rejected."""
    received = context.clock.now_ms()
    late = 0 if came.body.sent_at is None else received - came.body.sent_at
    experiments = context.catalog.current.experiments_of(project.id)
    taken = []
    for index, event in came.events.items():
        experiment = experiments.get(event.experiment) if event.experiment is not None else None
        refused = _refused(index, event, experiment)
        if refused is not None:
            came.rejected[index] = refused
            continue
        at = received if event.at is None else min(max(event.at + late, received - OLDEST), received)
        taken.append(
            NewEvent(
                project.id, event.id or new_event_id(received, index), event.visitor_id, event.name, at, received,
                None if event.value is None else to_micros(event.value), event.properties,
                None if experiment is None else experiment.id,
                UNKNOWN if experiment is None else sender.device(event.properties),
            )
        )  # fmt: skip
    return taken


def _refused(index: int, event: Event, experiment: Experiment | None) -> Rejected | None:
    if not event.name.startswith("$"):
        return None
    if event.name in SIGNAL_EVENTS:
        fault = fault_of(event.name, event.value)
        if fault is None:
            return None
        return Rejected(index=index, code="invalid_input", detail=f"`value`: {fault}")
    if event.name != EXPOSURE:
        return Rejected(
            index=index, code="reserved_name",
            detail=f"Names that begin with `$` are the appliance's own; those to send are {OWN_NAMES}.",
        )  # fmt: skip
    if experiment is None:
        return Rejected(
            index=index, code="unknown_experiment",
            detail=f"There is no experiment `{event.experiment}` here." if event.experiment
            else f"`{EXPOSURE}` names the `experiment` whose arm was shown.",
        )  # fmt: skip
    if experiment.source == "imported":
        return Rejected(
            index=index, code="imported_experiment",
            detail=f"`{experiment.key}` was recorded elsewhere; nobody can be shown its arms here.",
        )  # fmt: skip
    return None


def new_event_id(now: int, place: int = 0) -> str:
    """A UUIDv7: ordered by time, and within a batch by the place in it (RFC 9562, with the place as its counter)."""
    bits = now << 80 | 0x7 << 76 | place << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))
