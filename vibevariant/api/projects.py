"""Projects: the sites that this appliance serves, each with its public token."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, scope
from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Key, Name, Reply, read
from vibevariant.api.door import reply
from vibevariant.experiments.catalog import Project


class NewProject(Body):
    """A site to serve."""

    key: Key
    name: Name | None = Field(None, description="None: the key.")


class ProjectReply(Reply):
    """A project as its owner sees it."""

    key: str
    name: str
    token: str = Field(
        description="Public: it stands in the site's pages, assigns visitors and sends events."
    )
    example: bool = Field(description="Holds the example data.")
    created_at: int


class ProjectList(Reply):
    """The projects that are open to the caller."""

    projects: list[ProjectReply]


class ActivityReply(Reply):
    """What has come in so far. Nobody of an imported experiment is a visitor here."""

    visitor: bool = Field(description="A visitor was assigned.")
    exposure: bool = Field(description="A visitor was shown an arm.")
    event: bool = Field(description="An event came in that is no exposure, from the site or by an import.")


def described(project: Project) -> ProjectReply:
    return ProjectReply(
        key=project.key, name=project.name, token=project.token, example=project.is_example,
        created_at=project.created_at,
    )  # fmt: skip


async def list_projects(request: Request[Any, Any]) -> HTTPResponse:
    found = scope.projects(request.ctx.manager, context_of(request).catalog.current)
    return reply(ProjectList(projects=[described(project) for project in found]))


async def make_project(request: Request[Any, Any]) -> HTTPResponse:
    body = read(NewProject, request.body)
    auth.owner(request.ctx.manager)
    context = context_of(request)
    made = await context.projects.insert(
        body.key, body.name or body.key, is_example=False, now=context.clock.now_ms()
    )
    await context.catalog.reload()
    response = reply(described(made), 201)
    response.headers["Location"] = f"projects/{made.key}"  # as seen from here, whatever path a proxy adds
    return response


async def show_project(request: Request[Any, Any], key: str) -> HTTPResponse:
    return reply(
        described(scope.project_named(request.ctx.manager, context_of(request).catalog.current, key))
    )


async def show_activity(request: Request[Any, Any], key: str) -> HTTPResponse:
    context = context_of(request)
    project = scope.project_named(request.ctx.manager, context.catalog.current, key)
    found = await context.projects.activity(project.id)
    return reply(ActivityReply(visitor=found.visitor, exposure=found.exposure, event=found.event))


async def delete_project(request: Request[Any, Any], key: str) -> HTTPResponse:
    """With its experiments, visitors and events. The example project goes the same way as by its own door."""
    auth.owner(request.ctx.manager)
    context = context_of(request)
    project = scope.project_named(request.ctx.manager, context.catalog.current, key)
    if project.is_example and context.remove_examples is not None:
        await context.remove_examples()
    else:
        for experiment in list(context.catalog.current.experiments_of(project.id).values()):
            await context.experiments.delete(experiment.id)
        await context.projects.delete(project.id)
        context.ledger.forget()
        await context.catalog.reload()
    return HTTPResponse(b"", 204)
