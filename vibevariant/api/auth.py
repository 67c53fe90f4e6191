"""Who calls, and what that opens: a site by its project token, a program by a secret key, a browser by its session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import from_json
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api.body import refusal
from vibevariant.api.context import Context
from vibevariant.errors import Forbidden, InvalidInput, Unauthorized
from vibevariant.experiments.catalog import Project
from vibevariant.storage.accounts import SESSION_DAYS

Read = TypeVar("Read")

COOKIE = "vv_session"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `project_id` is the only project that is open to them, None opens all; `name` is for the record."""

    kind: Literal["token", "key", "session"]
    name: str
    user_id: int | None = None
    project_id: int | None = None


def context_of(request: Request[Any, Any]) -> Context:
    """What the doors share."""
    context: Context = request.app.ctx
    return context


async def site(request: Request[Any, Any], token: str | None = None) -> Caller:
    """Whoever may use a site's doors: its token, in the header or in the body, or somebody who may do more."""
    context = context_of(request)
    if "authorization" not in request.headers and token is not None:
        project = context.catalog.current.project_by_token.get(token)
        if project is None:
            raise Unauthorized(
                "Nobody knows this token.", field="token", hint="Copy the project's token anew."
            )
        caller = _of_project(project)
    else:
        caller = await _anybody(request)
    request.ctx.caller = caller.kind
    return caller


async def read_of_site(request: Request[Any, Any], parse: Callable[[bytes], Read]) -> Read:
    """A body that came to a site's door. Who may not come in is not told what is wrong with it."""
    refused: InvalidInput
    try:
        return parse(request.body)
    except ValidationError as fault:
        refused = refusal(fault, request.body)
    except InvalidInput as fault:
        refused = fault
    await site(request, _token_in(request.body))
    raise refused


def _token_in(body: bytes) -> str | None:
    try:
        given = from_json(body)
    except ValueError:
        return None
    token = given.get("token") if isinstance(given, dict) else None
    return token if isinstance(token, str) else None


async def manager(request: Request[Any, Any]) -> Caller:
    """Whoever may manage: a secret key or a signed-in user. A project token is public and opens nothing here."""
    caller = await _anybody(request)
    request.ctx.caller = caller.kind
    if caller.kind == "token":
        raise Forbidden(
            "A project token assigns visitors and sends events, and opens nothing else.",
            hint="Use a secret key (`Authorization: Bearer vv_sk_…`), from a server or a program.",
        )
    return caller


def owner(caller: Caller) -> int:
    """The user, where the caller stands for all of what is theirs and not for one project alone."""
    if caller.project_id is not None or caller.user_id is None:
        raise Forbidden(
            "This key is good for one project alone.",
            hint="Use a key that was made without a project, or sign in.",
        )
    return caller.user_id


async def _anybody(request: Request[Any, Any]) -> Caller:
    context = context_of(request)
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, credential = header.partition(" ")
        if scheme.lower() == "bearer":
            return await _bearer(context, credential.strip())
        raise Unauthorized(f"Tokens come as `Bearer`, not as `{ascii(scheme)[1:-1]:.20}`.")
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise Unauthorized("This needs a token, and none came along.")
    user = await context.accounts.session_user(cookie, context.clock.now_ms())
    if user is None:
        raise Unauthorized("This session is over.", hint="Sign in again, or run `vibevariant setup-link`.")
    if request.method not in READING:
        refuse_other_sites(request)
    return Caller("session", user.email or user.role, user.id)


async def _bearer(context: Context, credential: str) -> Caller:
    project = context.catalog.current.project_by_token.get(credential)
    if project is not None:
        return _of_project(project)
    holder = await context.accounts.key_holder(credential) if credential.startswith("vv_sk_") else None
    if holder is None:
        raise Unauthorized(
            "Nobody knows this token.", hint="It may be revoked, or cut short when it was copied."
        )
    return Caller("key", holder.prefix, holder.user_id, holder.project_id)


def _of_project(project: Project) -> Caller:
    return Caller("token", project.key, None, project.id)


def refuse_other_sites(request: Request[Any, Any]) -> None:
    """A browser sends our cookie along with what other sites make it send, and says from where that came.

    Programs say neither, and have no cookie of somebody else's to abuse.
    """
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        allowed = fetched in {"same-origin", "none"}
    else:
        origin = request.headers.get("origin")
        base = urlsplit(context_of(request).settings.base_url).netloc
        allowed = origin is None or urlsplit(origin).netloc.lower() in {
            request.host.lower(),
            base.lower(),
        } - {""}
    if not allowed:
        raise Forbidden(
            "Another site asked for this in your name.",
            hint="Do it on VibeVariant's own page, or with a secret key.",
        )


def set_session(request: Request[Any, Any], response: HTTPResponse, secret: str) -> None:
    """Has the browser keep the session, out of reach of scripts and of other sites."""
    response.add_cookie(
        COOKIE, secret, path="/", httponly=True, samesite="Lax", secure=over_https(request),
        max_age=SESSION_DAYS * 86_400,
    )  # fmt: skip


def end_session(request: Request[Any, Any], response: HTTPResponse) -> None:
    """Has the browser forget the session."""
    response.add_cookie(
        COOKIE, "", path="/", httponly=True, samesite="Lax", secure=over_https(request), max_age=0
    )


def over_https(request: Request[Any, Any]) -> bool:
    """Whether the browser came over https, to us or to the proxy before us.

    Who claims it falsely only ties their own cookie to https.
    """
    return (
        request.scheme == "https"
        or request.headers.get("x-forwarded-proto", "").lower() == "https"
        or context_of(request).settings.base_url.startswith("https://")
    )
