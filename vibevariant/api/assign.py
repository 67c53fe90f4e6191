"""Assign: which arms a visitor gets. The hash decides first-timers, the stored row everyone else."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, scope
from vibevariant.api.arms import GivenArm, arms_of
from vibevariant.api.auth import context_of
from vibevariant.api.body import AttributeName, Body, Key, Reply, Scalar, VisitorId
from vibevariant.api.door import reply
from vibevariant.api.sender import Sender
from vibevariant.experiments.experiment import WHOLE

Excluded = Literal["targeting", "traffic", "paused", "draft", "completed", "robot"]
Attributes = Annotated[
    dict[AttributeName, Scalar],
    Field(
        max_length=64,
        description="What the site knows of the visitor, for the targeting rules. It is not stored, but for `device` "
        "(`mobile`, `tablet` or `desktop`) where no browser tells it.",
    ),
]
Token = Annotated[
    str, Field(max_length=128, description="The project token, where no Authorization header is sent.")
]


class AssignRequest(Body):
    """Who asks, and for which experiments."""

    visitor_id: VisitorId
    attributes: Attributes = Field(default_factory=dict)
    experiments: Annotated[list[Key], Field(max_length=1000)] | None = Field(
        None, description="Keys of experiments; without it, all that run."
    )
    expose: bool = Field(False, description="True where the caller renders now what it gets.")
    token: Token | None = None
    project: Key | None = Field(None, description="For a secret key that opens several projects.")


class Assigned(Reply):
    """The arm that a visitor gets in one experiment."""

    arm: str
    variants: dict[str, str] = Field(description="The variant of each element.")
    payload: Any = Field(description="What the arm carries, as its owner wrote it.")
    allocation: int = Field(description="The number of the allocation under which the arm was chosen.")
    propensity: float = Field(ge=0, le=1, description="How likely this arm was.")


class AssignReply(Reply):
    """The arms of a visitor, and why there is none where there is none: the site then shows the control."""

    visitor_id: str
    assignments: dict[str, Assigned]
    excluded: dict[str, Excluded]


async def assign(request: Request[Any, Any]) -> HTTPResponse:
    body = await auth.read_of_site(request, AssignRequest.model_validate_json)
    caller = await auth.site(request, body.token)
    context = context_of(request)
    project = scope.project(caller, context.catalog.current, body.project)
    sender = Sender.of(request, caller)
    found = await arms_of(
        context, project, body.visitor_id, body.experiments, body.attributes, sender, expose=body.expose
    )
    return reply(
        {
            "visitor_id": body.visitor_id,
            "assignments": {key: assigned(arm) for key, arm in found.items() if isinstance(arm, GivenArm)},
            "excluded": {key: reason for key, reason in found.items() if not isinstance(reason, GivenArm)},
        }
    )


def assigned(given: GivenArm) -> dict[str, Any]:
    """An arm as it goes out: what `Assigned` describes, without the making of one, for this is sent in thousands."""
    return {
        "arm": given.arm.key,
        "variants": given.arm.variants,
        "payload": given.arm.payload,
        "allocation": given.allocation,
        "propensity": given.propensity / WHOLE,
    }
