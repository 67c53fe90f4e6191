"""Experiments: made, listed, shown, changed and deleted."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import scope
from vibevariant.api.auth import context_of
from vibevariant.api.body import Key, Query, Reply, read, read_query
from vibevariant.api.definition import ExperimentChange, NewExperiment, changed, defined
from vibevariant.api.door import reply
from vibevariant.api.results import read_results
from vibevariant.errors import NotFound
from vibevariant.experiments.catalog import Catalog
from vibevariant.experiments.experiment import (
    WHOLE,
    AllocationKind,
    Experiment,
    ExperimentType,
    GoalRole,
    Operator,
    Source,
    Status,
)
from vibevariant.experiments.priors import PriorWord, written
from vibevariant.experiments.results import Results
from vibevariant.stats.allocation import Mode
from vibevariant.stats.decision import Action, Reason
from vibevariant.stats.decision import Status as DecisionStatus

Share = Annotated[float, Field(ge=0, le=1)]


class ArmReply(Reply):
    """What a visitor may get; `weight` is the share of newcomers who get it now."""

    id: str = Field(description="The key, under the name that many clients look for.")
    key: str
    name: str
    weight: Share
    is_control: bool
    dropped: bool = Field(description="Nobody is served it any more; its visitors are shown the control.")
    variants: dict[str, str] = Field(description="The variant of each element.")
    payload: Any


class VariantReply(Reply):
    """One option of an element."""

    key: str
    name: str
    is_control: bool
    payload: Any


class ElementReply(Reply):
    """A thing that varies; an `ab_test` has one."""

    key: str
    name: str
    variants: list[VariantReply]


class GoalReply(Reply):
    """A goal and the event that counts for it."""

    key: str
    event: str
    role: GoalRole
    window_hours: int | None = Field(description="Hours after the exposure in which an event counts.")


class ConditionReply(Reply):
    """A rule on one attribute of the visitor."""

    attribute: str
    operator: Operator
    value: Any


class CustomPriorReply(Reply):
    """A prior of the owner's own, Beta(alpha, beta)."""

    alpha: float
    beta: float


class DecisionReply(Reply):
    """What to do, as of the last refresh."""

    status: DecisionStatus
    reason: Reason
    arm: str | None
    sentence: str
    action: Action
    sure: str | None = Field(description="How likely each arm is the best, in words.")
    stakes: str | None = Field(description="What choosing wrongly would cost.")
    outlook: str = Field(description="What would change this decision.")
    false_alarms: str = Field(description="How often such decisions are false alarms at this size.")


class ExperimentReply(Reply):
    """An experiment."""

    key: str
    project: str
    example: bool = Field(description="Belongs to the example data.")
    name: str
    description: str
    type: ExperimentType
    allocation: AllocationKind
    mode: Mode | None = Field(description="What visitors are spent on; none where the weights are fixed.")
    allocation_number: int | None = Field(description="Of the allocation in force; none before the start.")
    status: Status
    source: Source
    traffic: Share
    arms: list[ArmReply]
    elements: list[ElementReply]
    goals: list[GoalReply]
    targeting: list[ConditionReply]
    prior: PriorWord | CustomPriorReply = Field(description="What each arm's rate starts from.")
    winner: str | None
    created_at: int
    started_at: int | None
    ended_at: int | None
    decision: DecisionReply | None = Field(description="None until the first refresh.")


class ExperimentDetails(ExperimentReply):
    """An experiment with its results."""

    stats: Results


class ExperimentList(Reply):
    """Experiments, oldest first."""

    experiments: list[ExperimentReply]


class ListQuery(Query):
    """Which experiments to list."""

    project: Key | None = None
    status: Status | None = None


class ProjectQuery(Query):
    """Which project, where several have an experiment of this key."""

    project: Key | None = None


async def list_experiments(request: Request[Any, Any]) -> HTTPResponse:
    query = read_query(ListQuery, request.get_query_args(keep_blank_values=True))
    context = context_of(request)
    catalog, caller = context.catalog.current, request.ctx.manager
    found = scope.projects(caller, catalog)
    if query.project is not None:
        found = (scope.project_named(caller, catalog, query.project),)
    decisions = {id_: last.reading.get("decision") for id_, last in (await context.posteriors.all()).items()}
    listed = [
        described(experiment, catalog, decisions.get(experiment.id))
        for project in found
        for experiment in catalog.experiments_of(project.id).values()
        if query.status is None or experiment.status is query.status
    ]
    return reply({"experiments": listed})


async def make_experiment(request: Request[Any, Any]) -> HTTPResponse:
    body = read(NewExperiment, request.body)
    context = context_of(request)
    project = scope.project(request.ctx.manager, context.catalog.current, body.project)
    new = defined(body, project.id, context.clock.now_ms(), request.ctx.manager.name)
    id_ = await context.experiments.insert(new)
    catalog = await context.catalog.reload()
    made = catalog.experiment_by_id.get(id_)
    if made is None:
        raise NotFound("Somebody deleted this experiment meanwhile.")
    response = reply(described(made, catalog, None), 201)
    response.headers["Location"] = f"experiments/{made.key}?project={project.key}"
    return response


async def show_experiment(request: Request[Any, Any], key: str) -> HTTPResponse:
    experiment = asked_for(request, key)
    context = context_of(request)
    last = await context.posteriors.of(experiment.id)
    details = described(experiment, context.catalog.current, last.reading.get("decision") if last else None)
    return reply({**details, "stats": await read_results(context, experiment)})


async def change_experiment(request: Request[Any, Any], key: str) -> HTTPResponse:
    body = read(ExperimentChange, request.body)
    experiment = asked_for(request, key)
    context = context_of(request)
    now, actor = context.clock.now_ms(), request.ctx.manager.name
    after = await context.experiments.change(experiment.id, lambda stored: changed(stored, body, now, actor))
    return reply(described(after, await context.catalog.reload(), None))


async def delete_experiment(request: Request[Any, Any], key: str) -> HTTPResponse:
    experiment = asked_for(request, key)
    context = context_of(request)
    await context.experiments.delete(experiment.id)
    await context.catalog.reload()
    return HTTPResponse(b"", 204)


def asked_for(request: Request[Any, Any], key: str) -> Experiment:
    """The experiment of the path, in the project of the query where one is named."""
    query = read_query(ProjectQuery, request.get_query_args(keep_blank_values=True))
    return scope.experiment(request.ctx.manager, context_of(request).catalog.current, key, query.project)


def described(experiment: Experiment, catalog: Catalog, decision: Any) -> dict[str, Any]:
    """An experiment as it goes out: what `ExperimentReply` describes."""
    project = catalog.project_by_id[experiment.project_id]
    return {
        "key": experiment.key,
        "project": project.key,
        "example": project.is_example,
        "name": experiment.name,
        "description": experiment.description,
        "type": experiment.type,
        "allocation": experiment.kind,
        "mode": None if experiment.mode == "fixed" else experiment.mode,
        "allocation_number": experiment.allocation.number if experiment.allocation else None,
        "status": experiment.status,
        "source": experiment.source,
        "traffic": experiment.traffic / WHOLE,
        "arms": [
            {
                "id": arm.key, "key": arm.key, "name": arm.name, "weight": weight / WHOLE,
                "is_control": arm.is_control, "dropped": arm.key in experiment.dropped, "variants": arm.variants, "payload": arm.payload,
            }
            for arm, weight in zip(experiment.arms, experiment.weights, strict=True)
        ],
        "elements": experiment.elements,
        "goals": [
            {"key": goal.key, "event": goal.event, "role": goal.role, "window_hours": goal.window_hours}
            for goal in experiment.goals
        ],
        "targeting": experiment.targeting,
        "prior": written(experiment.prior),
        "winner": experiment.winner,
        "created_at": experiment.created_at,
        "started_at": experiment.started_at,
        "ended_at": experiment.ended_at,
        "decision": decision,
    }  # fmt: skip
