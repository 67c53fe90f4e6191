"""The first run: a one-time link makes the owner, a first project and a key, and signs this browser in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl

from pydantic import Field, ValidationError, model_validator
from pydantic_core import to_json
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api import auth, setup_page
from vibevariant.api.accounts import Email, Password, UserReply, described_user
from vibevariant.api.auth import context_of
from vibevariant.api.body import Body, Key, Query, Reply, read, refusal
from vibevariant.api.context import Context
from vibevariant.api.door import reply
from vibevariant.api.page import html
from vibevariant.api.projects import ProjectReply, described
from vibevariant.errors import Forbidden, InvalidInput, StorageError, VibeVariantError
from vibevariant.experiments.catalog import Project
from vibevariant.storage.accounts import User

FIRST_PROJECT = "my-site"


class Setup(Body):
    """The link's token, and optionally how to sign in later."""

    token: Annotated[str, Field(max_length=200)]
    email: Email | None = None
    password: Password | None = None
    project: Key = Field(FIRST_PROJECT, description="The key of the first project.")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.email is None) is not (self.password is None):
            raise ValueError("Give an e-mail address and a password, or none of them")
        return self


class SetupQuery(Query):
    """What stands in the one-time link."""

    token: str = ""


class SetupReply(Reply):
    """What the first run gives. The secret key is shown this once."""

    user: UserReply
    project: ProjectReply | None = Field(description="None where the owner has deleted every project.")
    secret_key: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What the one-time link led to."""

    user: User
    project: Project | None
    secret_key: str
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


async def show_setup(request: Request[Any, Any]) -> HTTPResponse:
    """Looking at the page uses nothing up: mail scanners and previews look at links too."""
    context = context_of(request)
    token = dict(request.get_query_args()).get("token", "")
    if not context.setup_link.is_good(token, context.clock.now_ms()):
        return html(setup_page.expired(), 403)
    first = await context.accounts.owner() is None
    return html(setup_page.welcome(token, first_run=first))


async def submit_setup(request: Request[Any, Any]) -> HTTPResponse:
    """The page's form. What is wrong is said on the page, with the form to try again."""
    context = context_of(request)
    fields = _form(request.body)
    token = fields.get("token", "")
    if not context.setup_link.is_good(token, context.clock.now_ms()):
        return html(setup_page.expired(), 403)
    try:
        auth.refuse_other_sites(request)
        begun = await _begin(context, _from_form(fields))
    except Forbidden as fault:
        return html(setup_page.expired(fault.message), 403)
    except InvalidInput as fault:
        return html(setup_page.welcome(token, email=fields.get("email", ""), fault=fault.message), 400)
    except StorageError as fault:
        return html(setup_page.welcome(token, email=fields.get("email", ""), fault=fault.message), 503)
    response = html(setup_page.ready(begun.project, begun.secret_key, _address(request)))
    response.headers["Cache-Control"] = "no-store"  # going back must not show the key again
    auth.set_session(request, response, begun.session)
    return response


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
        return await _opened(context, user, project, now)
    user = await _owner(context)
    if setup.email is not None and hashed is not None:
        await context.accounts.set_credentials(user.id, setup.email, hashed)
        user = await _owner(context)
    own = (project for project in context.catalog.current.projects if not project.is_example)
    return await _opened(context, user, next(own, None), now)


async def _opened(context: Context, user: User, project: Project | None, now: int) -> Begun:
    key = await context.accounts.make_key(user.id, "Made by the setup link", None, now)
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


def _form(body: bytes) -> dict[str, str]:
    """A form's fields; of one that comes twice the first."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as fault:  # not UTF-8, or more fields than the page has
        raise InvalidInput("This is not the form of the setup page.") from fault
    return dict(reversed(pairs))


def _from_form(fields: dict[str, str]) -> Setup:
    given = to_json({name: fields[name] for name in ("token", "email", "password") if fields.get(name)})
    try:
        return Setup.model_validate_json(given)
    except ValidationError as fault:
        raise refusal(fault, given) from fault


def _address(request: Request[Any, Any]) -> str:
    """Where this appliance is, as the browser sees it."""
    scheme = "https" if auth.over_https(request) else "http"
    return context_of(request).settings.base_url or f"{scheme}://{request.host}"
