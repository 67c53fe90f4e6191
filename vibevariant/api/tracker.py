"""The doors that name one experiment: assign, convert and look up, for a site that renders what it gets."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, scope
from vibevariant.api.arms import GivenArm, arms_of, refuse_imported
from vibevariant.api.assign import Attributes, Excluded, Token, assigned
from vibevariant.api.auth import Caller, context_of
from vibevariant.api.body import Body, Key, Query, Reply, Value, VisitorId, read_query
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.api.events import EventId, new_event_id
from vibevariant.api.sender import Sender
from vibevariant.errors import Forbidden, InvalidInput, NotFound
from vibevariant.experiments.catalog import Project
from vibevariant.experiments.experiment import Experiment, ExperimentGoal, Status
from vibevariant.experiments.goals import to_micros
from vibevariant.storage.facts import NewEvent, RobotVisit

VISITOR_COOKIE = "vv_id"
"""In which a site's own page keeps the visitor's id."""


class Visitor(Body):
    """The visitor by one of the names that sites use for the id."""

    visitor_id: VisitorId | None = None
    browser_id: VisitorId | None = None
    user_id: VisitorId | None = None
    token: Token | None = None
    project: Key | None = Field(None, description="For a secret key that opens several projects.")

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if len(self._names()) != 1:
            raise ValueError("Name the visitor once: as `visitor_id`, `browser_id` or `user_id`")
        return self

    def _names(self) -> list[str]:
        return [name for name in (self.visitor_id, self.browser_id, self.user_id) if name is not None]

    @property
    def visitor(self) -> str:
        return self._names()[0]


class ExperimentAssignRequest(Visitor):
    """Who asks for an arm, and what is known of them."""

    attributes: Attributes = Field(default_factory=dict)
    expose: bool = Field(True, description="False where the arm will not be shown now.")


class TrackerAssignRequest(ExperimentAssignRequest):
    """The same, with the experiment."""

    experiment: Key | None = None
    experiment_id: Key | None = None

    @model_validator(mode="after")
    def _one_experiment(self) -> Self:
        if (self.experiment is None) is (self.experiment_id is None):
            raise ValueError("Name the experiment once: as `experiment` or `experiment_id`")
        return self


class ConvertRequest(Visitor):
    """Who reached a goal."""

    goal: Key | None = Field(None, description="The goal's key; none: the primary goal.")
    value: Value | None = None
    id: EventId | None = None


class TrackerConvertRequest(ConvertRequest):
    """The same, with the experiment; without one, the goals of all that the visitor is in."""

    experiment: Key | None = None
    experiment_id: Key | None = None


class AssignmentQuery(Query):
    """How to look an assignment up."""

    expose: bool = Field(True, description="False where the arm will not be shown now.")
    project: Key | None = None


class Rendering(Reply):
    """What to render for a visitor: the arm, or the control where the visitor takes no part."""

    visitor_id: str
    experiment: str
    arm: str
    variants: dict[str, str] = Field(description="The variant of each element.")
    payload: Any
    allocation: int | None = Field(description="None where the visitor takes no part.")
    propensity: Annotated[float, Field(ge=0, le=1)] | None
    excluded: Excluded | None = Field(description="Why the visitor takes no part, and is not counted.")


class ConvertReply(Reply):
    """What became of the conversion."""

    accepted: int = Field(
        description="New events; each counts where the visitor was shown an arm before. A robot's are not kept."
    )
    duplicates: int
    goals: list[str]


async def tracker_assign(request: Request[Any, Any]) -> HTTPResponse:
    body = await auth.read_of_site(request, TrackerAssignRequest.model_validate_json)
    return await _assign(request, body, body.experiment or body.experiment_id or "")


async def experiment_assign(request: Request[Any, Any], key: str) -> HTTPResponse:
    return await _assign(
        request, await auth.read_of_site(request, ExperimentAssignRequest.model_validate_json), key
    )


async def assignment(request: Request[Any, Any], key: str, user_id: str) -> HTTPResponse:
    caller = await auth.site(request)
    query = read_query(AssignmentQuery, request.get_query_args(keep_blank_values=True))
    visitor_id = _visitor_in_path(user_id)
    own = request.cookies.get(VISITOR_COOKIE)
    if caller.kind == "token" and own is not None and own != visitor_id:
        raise Forbidden("A visitor's page may look up its own visitor only.", field="user_id")
    context = context_of(request)
    experiment = scope.experiment(caller, context.catalog.current, key, query.project)
    sender = Sender.of(request, caller)
    return reply(await _rendering(context, experiment, visitor_id, {}, sender, expose=query.expose))


async def tracker_convert(request: Request[Any, Any]) -> HTTPResponse:
    body = await auth.read_of_site(request, TrackerConvertRequest.model_validate_json)
    return await _convert(request, body, body.experiment or body.experiment_id)


async def experiment_convert(request: Request[Any, Any], key: str) -> HTTPResponse:
    return await _convert(request, await auth.read_of_site(request, ConvertRequest.model_validate_json), key)


async def _assign(request: Request[Any, Any], body: ExperimentAssignRequest, key: str) -> HTTPResponse:
    caller = await auth.site(request, body.token)
    context = context_of(request)
    experiment = scope.experiment(caller, context.catalog.current, key, body.project)
    sender = Sender.of(request, caller)
    return reply(
        await _rendering(context, experiment, body.visitor, body.attributes, sender, expose=body.expose)
    )


async def _rendering(
    context: Context,
    experiment: Experiment,
    visitor_id: str,
    attributes: dict[str, Any],
    sender: Sender,
    *,
    expose: bool,
) -> dict[str, Any]:
    project = context.catalog.current.project_by_id[experiment.project_id]
    found = await arms_of(context, project, visitor_id, [experiment.key], attributes, sender, expose=expose)
    given = found[experiment.key]
    named = {"visitor_id": visitor_id, "experiment": experiment.key}
    if isinstance(given, GivenArm):
        return {**named, **assigned(given), "excluded": None}
    control = assigned(GivenArm(experiment.control, 0, 0))
    return {**named, **control, "allocation": None, "propensity": None, "excluded": given}


async def _convert(request: Request[Any, Any], body: ConvertRequest, key: str | None) -> HTTPResponse:
    caller = await auth.site(request, body.token)
    context = context_of(request)
    project, goals = await _goals(context, caller, body, key)
    now = context.clock.now_ms()
    value = None if body.value is None else to_micros(body.value)
    names = dict.fromkeys(goal.event for goal in goals)
    keys = list(dict.fromkeys(goal.key for goal in goals))
    if Sender.of(request, caller).is_robot:
        await context.ledger.count_robot(RobotVisit(project.id, now, len(names)))
        return reply({"accepted": len(names), "duplicates": 0, "goals": keys}, 202)
    inserted = await context.ledger.record_events(
        [
            NewEvent(
                project.id,
                _id(body.id, name, now, alone=len(names) == 1),
                body.visitor,
                name,
                now,
                now,
                value,
            )
            for name in names
        ]
    )
    accepted = sum(inserted)
    return reply({"accepted": accepted, "duplicates": len(inserted) - accepted, "goals": keys}, 202)


async def _goals(
    context: Context, caller: Caller, body: ConvertRequest, key: str | None
) -> tuple[Project, list[ExperimentGoal]]:
    """The goals that the visitor reached: of the experiment named, else of all that the visitor is in."""
    catalog = context.catalog.current
    if key is not None:
        experiment = scope.experiment(caller, catalog, key, body.project)
        refuse_imported(experiment)
        return catalog.project_by_id[experiment.project_id], [_goal([experiment], body.goal)]
    project = scope.project(caller, catalog, body.project)
    experiments = [e for e in catalog.experiments_of(project.id).values() if e.source == "live"]
    if body.goal is not None:
        return project, [_goal(experiments, body.goal)]
    going = [e for e in experiments if e.status in (Status.RUNNING, Status.PAUSED)]
    return project, [
        e.primary_goal for e in going if await context.ledger.assignment(e, body.visitor) is not None
    ]


def _goal(experiments: Iterable[Experiment], key: str | None) -> ExperimentGoal:
    for experiment in experiments:
        if key is None:
            return experiment.primary_goal
        for goal in experiment.goals:
            if goal.key == key:
                return goal
    raise NotFound(
        f"There is no goal `{key}` here.", field="goal", hint="GET the experiment lists its goals."
    )


def _id(given: str | None, event: str, now: int, *, alone: bool) -> str:
    """The event's id: of several events that one call makes, each has its own, and the same when it is repeated."""
    if given is None:
        return new_event_id(now)
    return given if alone else str(uuid.uuid5(uuid.UUID(given), event))


_VISITOR: TypeAdapter[str] = TypeAdapter(VisitorId)


def _visitor_in_path(given: str) -> str:
    try:
        return _VISITOR.validate_python(given)
    except ValidationError as fault:
        raise InvalidInput(
            f"This cannot be a visitor's id: {fault.errors(include_url=False)[0]['msg']}.", field="user_id"
        ) from fault
