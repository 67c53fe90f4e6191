"""Errors on the wire: RFC 9457 problem+json, with a stable code, the place, what to do next and the request's id."""

from __future__ import annotations

import traceback

import structlog
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from sanic.exceptions import SanicException
from sanic.helpers import STATUS_CODES
from sanic.response import HTTPResponse

from vibevariant.api.body import pointer_of
from vibevariant.errors import (
    Conflict,
    DiskFull,
    Forbidden,
    InvalidInput,
    NotFound,
    Overloaded,
    StorageError,
    Unauthorized,
    VibeVariantError,
)

PROBLEM = "application/problem+json"

STATUS: dict[type[VibeVariantError], int] = {
    InvalidInput: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Overloaded: 503,
    DiskFull: 503,
    StorageError: 503,
    VibeVariantError: 500,
}
"""The one table from an error to its HTTP number; an error that is not in it has that of its nearest ancestor."""

RETRY_AFTER_FAULT = 30
"""Seconds until it is worth trying again when the disk is full or faulty: somebody has to act first."""

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    414: "address_too_long",
    417: "expectation_failed",
}
"""Codes of what the server refuses before any door is reached."""

_HINTS = {
    404: "/docs lists every path.",
    405: "The header `Allow` names the methods of this path.",
    413: "Send less at once: a body may have 1 MiB.",
}


class Fault(BaseModel):
    """One wrong place in what was sent."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body or the query.")
    detail: str


class Problem(BaseModel):
    """What every refusal and every failure looks like (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str = Field(description="What the HTTP status means.")
    status: int
    detail: str = Field(description="What went wrong this time, for a person.")
    code: str = Field(description="What went wrong, for a program; never changes.")
    field: str | None = Field(None, description="The place in what was sent, like arms[0].weight.")
    errors: tuple[Fault, ...] | None = Field(None, description="Every wrong place.")
    hint: str | None = Field(None, description="What to do next.")
    request_id: str
    retry_after_seconds: int | None = None


def answer(fault: Exception, request_id: str, *, development: bool = False) -> HTTPResponse:
    """The answer to a request that went wrong."""
    headers: dict[str, str] = {}
    if isinstance(fault, VibeVariantError):
        problem = _of_ours(fault, request_id)
    elif isinstance(fault, SanicException) and fault.status_code < 500:
        problem = _of_sanic(fault, request_id)
        headers = {name: str(value) for name, value in fault.headers.items()}
    else:
        structlog.get_logger().error("A request failed.", request_id=request_id, exc_info=fault)
        problem = _of_nobody(fault, request_id, development=development)
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(problem.retry_after_seconds)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="vibevariant"'
    body = to_json(problem, exclude_none=True, inf_nan_mode="null")
    return HTTPResponse(body, problem.status, headers, PROBLEM)


def status_of(fault: VibeVariantError) -> int:
    """The HTTP number of an error."""
    return next(STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS)


def _of_ours(fault: VibeVariantError, request_id: str) -> Problem:
    status = status_of(fault)
    retry_after = None
    if isinstance(fault, Overloaded):
        retry_after = fault.retry_after
    elif isinstance(fault, StorageError):
        retry_after = RETRY_AFTER_FAULT
        structlog.get_logger().error("The storage failed.", request_id=request_id, reason=fault.message)
    errors = None
    if isinstance(fault, InvalidInput):
        places = fault.faults or ([(pointer_of(fault.field), fault.message)] if fault.field else [])
        errors = tuple(Fault(pointer=pointer, detail=detail) for pointer, detail in places) or None
    return Problem(
        title=_title(status), status=status, detail=_sendable(fault.message), code=fault.code, field=fault.field,
        errors=errors, hint=fault.hint or None, request_id=request_id, retry_after_seconds=retry_after,
    )  # fmt: skip


def _of_sanic(fault: SanicException, request_id: str) -> Problem:
    status = fault.status_code
    return Problem(
        title=_title(status), status=status, detail=f"{_sendable(str(fault)).removesuffix('.')}.",
        code=_CODES.get(status, "refused"), hint=_HINTS.get(status), request_id=request_id,
    )  # fmt: skip


def _of_nobody(fault: Exception, request_id: str, *, development: bool) -> Problem:
    """In production the id only: what is inside is nobody's business, and stands in the log under that id."""
    status = fault.status_code if isinstance(fault, SanicException) else 500
    detail = "Something went wrong inside VibeVariant; the log has the details under this request's id."
    if development:
        detail = "".join(traceback.format_exception(fault))
    return Problem(
        title=_title(status),
        status=status,
        detail=_sendable(detail),
        code="internal_error",
        request_id=request_id,
    )


def _title(status: int) -> str:
    return STATUS_CODES.get(status, b"Unknown").decode()


def _sendable(text: str) -> str:
    """Half of a surrogate pair, which may stand in a path that came in, cannot be sent back."""
    return text.encode("utf-8", "backslashreplace").decode()
