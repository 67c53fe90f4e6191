"""Secret keys: for servers and programs, each shown once and revoked by the part of it that is kept readable."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, scope
from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Key, Name, Reply, read
from vibevariant.api.door import reply
from vibevariant.errors import NotFound
from vibevariant.experiments.catalog import Catalog
from vibevariant.storage.accounts import PREFIX_LENGTH, SecretKey


class NewKey(Body):
    """A key to make."""

    name: Name = Field(description="What it is for, so that it can be told from the others.")
    project: Key | None = Field(None, description="The only project that it opens; none: all.")


class KeyReply(Reply):
    """A secret key, without the secret."""

    prefix: str
    name: str
    project: str | None
    created_at: int
    revoked_at: int | None


class NewKeyReply(Reply):
    """A new key; this is the only time that it is shown."""

    key: str
    prefix: str
    name: str
    project: str | None


class KeyList(Reply):
    """The keys of the caller, newest first."""

    keys: list[KeyReply]


async def list_keys(request: Request[Any, Any]) -> HTTPResponse:
    user_id = auth.owner(request.ctx.manager)
    context = context_of(request)
    found = await context.accounts.keys(user_id)
    return reply(KeyList(keys=[_described(key, context.catalog.current) for key in found]))


async def make_key(request: Request[Any, Any]) -> HTTPResponse:
    body = read(NewKey, request.body)
    user_id = auth.owner(request.ctx.manager)
    context = context_of(request)
    project = body.project and scope.project_named(request.ctx.manager, context.catalog.current, body.project)
    key = await context.accounts.make_key(
        user_id, body.name, project.id if project else None, context.clock.now_ms()
    )
    return reply(NewKeyReply(key=key, prefix=key[:PREFIX_LENGTH], name=body.name, project=body.project), 201)


async def revoke_key(request: Request[Any, Any], prefix: str) -> HTTPResponse:
    user_id = auth.owner(request.ctx.manager)
    context = context_of(request)
    if not await context.accounts.revoke_key(user_id, prefix, context.clock.now_ms()):
        raise NotFound("There is no such key, or it is revoked already.", field="prefix")
    return HTTPResponse(b"", 204)


def _described(key: SecretKey, catalog: Catalog) -> KeyReply:
    project = catalog.project_by_id.get(key.project_id) if key.project_id is not None else None
    return KeyReply(
        prefix=key.prefix, name=key.name, project=project.key if project else None, created_at=key.created_at,
        revoked_at=key.revoked_at,
    )  # fmt: skip
