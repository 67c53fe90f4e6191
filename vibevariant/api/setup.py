"""The first run: a one-time link makes the owner, a first project and a key, and signs this browser in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth
from vibevariant.api.accounts import Email, Password, UserReply, described_user
from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Key, Reply, read
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.api.projects import ProjectReply, described
from vibevariant.errors import Forbidden, StorageError, VibeVariantError
from vibevariant.experiments.catalog import Project
from vibevariant.storage.accounts import User

FIRST_PROJECT = "my-site"

LinkToken = Annotated[str, Field(max_length=200)]


class Setup(Body):
    """The link's token, and optionally how to sign in later."""

    token: LinkToken
    email: Email | None = None
    password: Password | None = None
    project: Key = Field(FIRST_PROJECT, description="The key of the first project.")
    make_key: bool = Field(True, description="False: no secret key is wanted, only to be signed in.")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.email is None) is not (self.password is None):
            raise ValueError("Give an e-mail address and a password, or none of them")
        return self


class SetupReply(Reply):
    """What the first run gives. The secret key is shown this once."""

    user: UserReply
    project: ProjectReply | None = Field(description="None where the owner has deleted every project.")
    secret_key: str | None = Field(description="None where none was wanted.")


class LinkCheck(Body):
    """A link that somebody has opened."""

    token: LinkToken


class LinkReply(Reply):
    """What the link would do."""

    good: bool = Field(description="False when it was used, is too old, or never was one of ours.")
    first_run: bool = Field(description="It makes the owner; otherwise it signs the owner in.")


@dataclass(frozen=True, slots=True)
class Begun:
    """What the one-time link led to."""

    user: User
    project: Project | None
    secret_key: str | None
    session: str


async def set_up(request: Request[Any, Any]) -> HTTPResponse:
    auth.refuse_other_sites(request)
    begun = await _begin(context_of(request), read(Setup, request.body))
    response = reply(
        SetupReply(
            user=described_user(begun.user),
            project=described(begun.project) if begun.project else None,
            secret_key=begun.secret_key,
        )
    )
    auth.set_session(request, response, begun.session)
    return response


async def check_link(request: Request[Any, Any]) -> HTTPResponse:
    """Tells the page what to show before the click. Guessing here is as hopeless as at the door itself."""
    token = read(LinkCheck, request.body).token
    context = context_of(request)
    good = context.setup_link.is_good(token, context.clock.now_ms())
    return reply(LinkReply(good=good, first_run=await context.accounts.owner() is None))


async def _begin(context: Context, setup: Setup) -> Begun:
    now = context.clock.now_ms()
    if not context.setup_link.is_good(setup.token, now):
        raise _over()
    hashed = None if setup.password is None else await context.passwords.hash(setup.password)
    if not context.setup_link.use_up(setup.token, now):
        raise _over()
    name = "My site" if setup.project == FIRST_PROJECT else setup.project
    made = await context.accounts.make_owner(
        email=setup.email, password_hash=hashed, project_key=setup.project, project_name=name, now=now
    )
    if made is not None:
        user, project = made
        await context.catalog.reload()
        return await _opened(context, user, project, make_key=setup.make_key, now=now)
    user = await _owner(context)
    if setup.email is not None and hashed is not None:
        await context.accounts.set_credentials(user.id, setup.email, hashed)
        user = await _owner(context)
    own = (project for project in context.catalog.current.projects if not project.is_example)
    return await _opened(context, user, next(own, None), make_key=setup.make_key, now=now)


async def _opened(
    context: Context, user: User, project: Project | None, *, make_key: bool, now: int
) -> Begun:
    key = await context.accounts.make_key(user.id, "Made by the setup link", None, now) if make_key else None
    return Begun(user, project, key, await context.accounts.open_session(user.id, now))


async def _owner(context: Context) -> User:
    user = await context.accounts.owner()
    if user is None:
        raise StorageError("The owner is gone.")
    return user


def _over() -> VibeVariantError:
    return Forbidden(
        "This link has been used, or is older than 30 minutes.",
        hint="`vibevariant setup-link` prints another.",
    )
