"""An experiment's life: start, pause, complete, arms that come and go, the allocations and decisions there were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Key, Name, Reply, read
from vibevariant.api.door import reply
from vibevariant.api.experiments import Share, asked_for, described
from vibevariant.experiments import arms, lifecycle
from vibevariant.experiments.definition import LONGEST_DESCRIPTION, variant_of
from vibevariant.experiments.experiment import WHOLE, Experiment
from vibevariant.experiments.fields import prose_of
from vibevariant.stats.decision import Reason
from vibevariant.stats.decision import Status as DecisionStatus


class Completion(Body):
    """How an experiment ends."""

    winner: str | None = Field(None, max_length=1000, description="The arm that everyone gets from now on.")


Why = Annotated[
    str, Field(max_length=LONGEST_DESCRIPTION, description="For the history: what speaks for it.")
]


class ArmChange(Body):
    """Why an arm is dropped or brought back."""

    reason: Why = ""


class AddedArm(Body):
    """Another option, while the experiment runs."""

    key: Key
    name: Name | None = None
    payload: Any = Field(None, description="Any small JSON value; the visitor's page gets it with the arm.")
    reason: Why = ""


class AllocationReply(Reply):
    """A numbered set of weights over the arms."""

    number: int
    weights: dict[str, Share]
    traffic: Share
    enrolling: bool = Field(description="False while nobody new is let in.")
    started_at: int
    cause: str
    actor: str
    reason: str = Field(description="What the actor said of it.")


class AllocationList(Reply):
    """Every allocation there ever was, oldest first."""

    allocations: list[AllocationReply]


class PastDecisionReply(Reply):
    """What was decided from some time on."""

    at: int
    status: DecisionStatus
    reason: Reason
    arm: str | None
    sentence: str


class DecisionList(Reply):
    """Each change of mind, oldest first."""

    decisions: list[PastDecisionReply]


async def start(request: Request[Any, Any], key: str) -> HTTPResponse:
    return await _step(request, key, lifecycle.start)


async def pause(request: Request[Any, Any], key: str) -> HTTPResponse:
    return await _step(request, key, lifecycle.pause)


async def complete(request: Request[Any, Any], key: str) -> HTTPResponse:
    winner = read(Completion, request.body or b"{}").winner
    return await _step(
        request, key, lambda stored, now, actor: lifecycle.complete(stored, now, actor, winner)
    )


async def drop_arm(request: Request[Any, Any], key: str, arm: str) -> HTTPResponse:
    why = _why(request)
    return await _step(request, key, lambda stored, now, actor: arms.drop(stored, arm, now, actor, why))


async def restore_arm(request: Request[Any, Any], key: str, arm: str) -> HTTPResponse:
    why = _why(request)
    return await _step(request, key, lambda stored, now, actor: arms.restore(stored, arm, now, actor, why))


async def add_arm(request: Request[Any, Any], key: str) -> HTTPResponse:
    body = read(AddedArm, request.body)
    variant = variant_of(body.model_dump(include={"key", "name", "payload"}))
    why = prose_of(body.reason, "reason", longest=LONGEST_DESCRIPTION)
    return await _step(request, key, lambda stored, now, actor: arms.add(stored, variant, now, actor, why))


def _why(request: Request[Any, Any]) -> str:
    return prose_of(read(ArmChange, request.body or b"{}").reason, "reason", longest=LONGEST_DESCRIPTION)


async def _step(
    request: Request[Any, Any], key: str, step: Callable[[Experiment, int, str], Experiment]
) -> HTTPResponse:
    experiment = asked_for(request, key)
    context = context_of(request)
    now, actor = context.clock.now_ms(), request.ctx.manager.name
    after = await context.experiments.change(experiment.id, lambda stored: step(stored, now, actor))
    return reply(described(after, await context.catalog.reload(), None))


async def list_allocations(request: Request[Any, Any], key: str) -> HTTPResponse:
    experiment = asked_for(request, key)
    keys = [arm.key for arm in experiment.arms]
    listed = [
        AllocationReply(
            number=allocation.number,
            weights={arm: weight / WHOLE for arm, weight in zip(keys, allocation.weights, strict=True)},
            traffic=allocation.traffic / WHOLE,
            enrolling=allocation.enrolling,
            started_at=allocation.started_at,
            cause=allocation.cause,
            actor=allocation.actor,
            reason=allocation.reason,
        )
        for allocation in experiment.allocations
    ]
    return reply(AllocationList(allocations=listed))


async def list_decisions(request: Request[Any, Any], key: str) -> HTTPResponse:
    experiment = asked_for(request, key)
    return reply({"decisions": await context_of(request).posteriors.history(experiment.id)})
