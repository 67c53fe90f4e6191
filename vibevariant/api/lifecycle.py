"""An experiment's life: start, pause, complete, and the allocations and decisions there were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Reply, read
from vibevariant.api.door import reply
from vibevariant.api.experiments import Share, asked_for, described
from vibevariant.experiments import lifecycle
from vibevariant.experiments.experiment import WHOLE, Experiment
from vibevariant.stats.decision import Reason
from vibevariant.stats.decision import Status as DecisionStatus


class Completion(Body):
    """How an experiment ends."""

    winner: str | None = Field(None, max_length=1000, description="The arm that everyone gets from now on.")


class AllocationReply(Reply):
    """A numbered set of weights over the arms."""

    number: int
    weights: dict[str, Share]
    traffic: Share
    enrolling: bool = Field(description="False while nobody new is let in.")
    started_at: int
    cause: str
    actor: str


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
    arms = [arm.key for arm in experiment.arms]
    listed = [
        AllocationReply(
            number=allocation.number,
            weights={arm: weight / WHOLE for arm, weight in zip(arms, allocation.weights, strict=True)},
            traffic=allocation.traffic / WHOLE,
            enrolling=allocation.enrolling,
            started_at=allocation.started_at,
            cause=allocation.cause,
            actor=allocation.actor,
        )
        for allocation in experiment.allocations
    ]
    return reply(AllocationList(allocations=listed))


async def list_decisions(request: Request[Any, Any], key: str) -> HTTPResponse:
    experiment = asked_for(request, key)
    return reply({"decisions": await context_of(request).posteriors.history(experiment.id)})
