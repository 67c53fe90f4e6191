"""Accounts: who is signed in, and signing in and out with an e-mail address and a password."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth
from vibevariant.api.auth import COOKIE, context_of
from vibevariant.api.body import Body, Reply, read
from vibevariant.api.door import reply
from vibevariant.errors import Unauthorized
from vibevariant.storage.accounts import User

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s.]+(\.[^@\s.]+)+$",
    ),
]
Password = Annotated[
    str, StringConstraints(min_length=10, max_length=1024), Field(json_schema_extra={"format": "password"})
]


class Credentials(Body):
    """How a person signs in."""

    email: Email
    password: Password


class SignIn(Body):
    """An attempt to sign in; what cannot be right is simply wrong."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254)]
    password: Annotated[
        str, StringConstraints(max_length=1024), Field(json_schema_extra={"format": "password"})
    ]


class UserReply(Reply):
    """Somebody who may sign in."""

    email: str | None
    role: str


class AccountReply(Reply):
    """Who is calling, and how."""

    user: UserReply
    caller: Literal["session", "key"]


class SessionReply(Reply):
    """Whether this browser is signed in. Anybody may ask, so that a page can find out without being refused."""

    signed_in: bool
    has_owner: bool = Field(description="False until somebody has used the link of the first run.")
    user: UserReply | None = Field(description="Who is signed in; none unless somebody is.")


async def show_session(request: Request[Any, Any]) -> HTTPResponse:
    context = context_of(request)
    secret = request.cookies.get(COOKIE)
    user = secret and await context.accounts.session_user(secret, context.clock.now_ms())
    return reply(
        SessionReply(
            signed_in=bool(user),
            has_owner=bool(user) or await context.accounts.owner() is not None,
            user=described_user(user) if user else None,
        )
    )


async def sign_in(request: Request[Any, Any]) -> HTTPResponse:
    auth.refuse_other_sites(request)
    body = read(SignIn, request.body)
    context = context_of(request)
    found = await context.accounts.by_email(body.email)
    user, stored = found if found is not None else (None, None)
    if not await context.passwords.fits(stored, body.password) or user is None:
        raise Unauthorized(
            "The e-mail address or the password is not right.",
            hint="`vibevariant setup-link` prints a link that signs the owner in without them.",
        )
    response = reply(_described(user, "session"))
    auth.set_session(request, response, await context.accounts.open_session(user.id, context.clock.now_ms()))
    return response


async def sign_out(request: Request[Any, Any]) -> HTTPResponse:
    """Works for a session that is over as well: what is wanted is that there is none."""
    auth.refuse_other_sites(request)
    secret = request.cookies.get(COOKIE)
    if secret is not None:
        await context_of(request).accounts.close_session(secret)
    response = HTTPResponse(b"", 204)
    auth.end_session(request, response)
    return response


async def show_account(request: Request[Any, Any]) -> HTTPResponse:
    auth.owner(request.ctx.manager)
    user = await _owner(request)
    return reply(_described(user, request.ctx.manager.kind))


async def set_account(request: Request[Any, Any]) -> HTTPResponse:
    body = read(Credentials, request.body)
    user_id = auth.owner(request.ctx.manager)
    context = context_of(request)
    await context.accounts.set_credentials(user_id, body.email, await context.passwords.hash(body.password))
    return reply(_described(await _owner(request), request.ctx.manager.kind))


async def _owner(request: Request[Any, Any]) -> User:
    user = await context_of(request).accounts.owner()
    if user is None:
        raise Unauthorized("There is no owner yet.", hint="Open the link of the first run.")
    return user


def _described(user: User, caller: Literal["session", "key"]) -> AccountReply:
    return AccountReply(user=described_user(user), caller=caller)


def described_user(user: User) -> UserReply:
    return UserReply(email=user.email, role=user.role)
