"""The example project: loaded and removed in one step each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth
from vibevariant.api.auth import context_of
from vibevariant.api.body import Reply
from vibevariant.api.door import reply
from vibevariant.errors import NotFound
from vibevariant.reports import ExamplesReport


class ExamplesReply(Reply):
    """How far the loading of the examples is."""

    state: Literal["absent", "loading", "loaded", "failed"]
    done: int = Field(description="Visitors loaded so far.")
    total: int = Field(description="Visitors to load; 0 until that is known.")


async def show_examples(request: Request[Any, Any]) -> HTTPResponse:
    return reply(_described(context_of(request).examples()))


async def load_examples(request: Request[Any, Any]) -> HTTPResponse:
    """Loading goes on after the answer; what is loaded already stays as it is."""
    auth.owner(request.ctx.manager)
    context = context_of(request)
    context.load_examples()
    return reply(_described(context.examples()), 202)


async def remove_examples(request: Request[Any, Any]) -> HTTPResponse:
    auth.owner(request.ctx.manager)
    remove = context_of(request).remove_examples
    if remove is None or not await remove():
        raise NotFound("There are no examples here.", hint="POST /api/v1/examples loads them.")
    return HTTPResponse(b"", 204)


def _described(report: ExamplesReport) -> ExamplesReply:
    return ExamplesReply(state=report.state, done=report.done, total=report.total)
