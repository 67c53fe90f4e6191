"""A door: what one route is, and what happens to every request that goes through it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

import structlog
from pydantic import BaseModel
from pydantic_core import to_json
from sanic import Request, Sanic
from sanic.response import HTTPResponse

from vibevariant.api import auth
from vibevariant.api.auth import context_of
from vibevariant.api.error_handler import answer

Access = Literal["public", "token", "key"]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

CORS = {"Access-Control-Allow-Origin": "*"}
"""A site's own pages live elsewhere, so its doors are open to every origin, and never with cookies."""

CORS_REFUSED = {**CORS, "Access-Control-Expose-Headers": "Retry-After, X-Request-ID"}

PREFLIGHT = {
    "Access-Control-Allow-Headers": "authorization, content-type, x-request-id",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One path and method: who may call it, what it takes, what it gives."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    access: Access
    tag: str
    summary: str
    description: str = ""
    query: type[BaseModel] | None = None
    request: Any = None
    responses: Mapping[int, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    aliases: tuple[str, ...] = ()
    quiet: bool = False
    """Comes in thousands: its lines in the log are for the level DEBUG."""


def reply(body: Any, status: int = 200, media_type: str = "application/json") -> HTTPResponse:
    """An answer in JSON."""
    return HTTPResponse(to_json(body, inf_nan_mode="null"), status, None, media_type)


def install(app: Sanic[Any, Any], routes: tuple[Route, ...]) -> None:
    """Opens the doors of an app, with the one place where all that goes wrong is answered."""
    # Without a word on the format of errors, Sanic reads each handler's source to guess it: 0.1 s in all.
    ours: dict[str, Any] = {"unquote": True, "error_format": "json"}
    crossed: dict[str, set[str]] = {}
    for number, route in enumerate(routes):
        methods = [route.method, "HEAD"] if route.method == "GET" else [route.method]
        for turn, path in enumerate((route.path, *route.aliases)):
            app.add_route(
                _opened(route), _in_sanic(path), methods=methods, name=f"door_{number}_{turn}",
                ctx_door=route, **ours,
            )  # fmt: skip
            if route.access == "token":
                crossed.setdefault(path, set()).update(methods)
    for number, (path, names) in enumerate(crossed.items()):
        app.add_route(
            _preflight(", ".join(sorted(names))), _in_sanic(path), methods=["OPTIONS"], name=f"preflight_{number}",
            **ours,
        )  # fmt: skip
    app.error_handler.add(Exception, _before_any_door)


def _in_sanic(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"<\1:str>", path)


def _opened(route: Route) -> Handler:
    async def door(request: Request[Any, Any], **path: str) -> HTTPResponse:
        started = perf_counter()
        ours = request.ctx
        ours.request_id = _request_id(request)
        ours.caller = None
        if not route.quiet:
            structlog.contextvars.bind_contextvars(request_id=ours.request_id)
        try:
            if route.access == "key":
                ours.manager = await auth.manager(request)
            response = await route.handler(request, **path)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it gets an answer and a line in the log
            response = answer(fault, ours.request_id, development=_development(request))
        _finish(request, response, route)
        _log(request, response, route, started)
        if not route.quiet:
            structlog.contextvars.unbind_contextvars("request_id")
        return response

    return door


def _preflight(methods: str) -> Handler:
    headers = {**CORS, **PREFLIGHT, "Access-Control-Allow-Methods": methods}

    async def preflight(_: Request[Any, Any], **__: str) -> HTTPResponse:
        return HTTPResponse(b"", 204, headers)

    return preflight


def _before_any_door(request: Request[Any, Any], fault: Exception) -> HTTPResponse:
    """What Sanic refuses by itself: an unknown path or method, a body that is too large, a broken request."""
    started = perf_counter()
    request_id = request.ctx.request_id = _request_id(request)
    route: Route | None = getattr(request.route.ctx, "door", None) if request.route else None
    response = answer(fault, request_id, development=_development(request))
    _finish(request, response, route)
    _log(request, response, route, started)
    return response


def _request_id(request: Request[Any, Any]) -> str:
    given = request.headers.get("x-request-id")
    return given if given and _SANE_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"


def _development(request: Request[Any, Any]) -> bool:
    return context_of(request).settings.env == "development"


def _finish(request: Request[Any, Any], response: HTTPResponse, route: Route | None) -> None:
    headers = response.headers
    headers["X-Request-ID"] = request.ctx.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if request.method in auth.READING:  # what is written is never cached in any case
        headers.setdefault("Cache-Control", "no-store")
    if route is not None and route.access == "token":
        headers.update(CORS if response.status < 400 else CORS_REFUSED)


def _log(request: Request[Any, Any], response: HTTPResponse, route: Route | None, started: float) -> None:
    """One line a request, with the route and not the path: a path may hold a visitor's id."""
    failed = response.status >= 500
    quiet = route is not None and route.quiet and not failed
    if quiet and context_of(request).settings.log_level != "DEBUG":
        return
    log = structlog.get_logger()
    write = log.error if failed else log.debug if quiet else log.info
    write(
        "Answered.",
        request_id=request.ctx.request_id,
        method=request.method,
        route=route.path if route else f"none: {request.path[:200]}",
        status=response.status,
        duration_ms=round((perf_counter() - started) * 1000, 2),
        caller=getattr(request.ctx, "caller", None),
    )
