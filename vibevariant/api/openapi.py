"""The API's description, OpenAPI 3.1, made from the very models that check what comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json
from sanic import Request
from sanic.response import HTTPResponse

from vibevariant import __version__
from vibevariant.api.door import Access, Route
from vibevariant.api.error_handler import PROBLEM, Problem

Mode = Literal["validation", "serialization"]
_REF = "#/components/schemas/{model}"

_SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    "public": [],
    "token": [{"projectToken": []}, {"secretKey": []}, {"session": []}],
    "key": [{"secretKey": []}, {"session": []}],
}

_PATH = {
    "key": "The key that its owner chose.",
    "user_id": "The visitor's id, URL-encoded.",
    "name": "The file's name.",
    "arm": "The arm's key; of a combination the keys of its variants, with dots between them.",
    "prefix": "The part of the key that is kept readable.",
}

_TAGS = {
    "visitors": "What a site calls, with its project token `vv_proj_…`: in the header, or as `token` in the body, "
    "so that a text/plain body needs no preflight.",
    "experiments": "With a secret key `vv_sk_…` or the owner's session.",
    "projects": "Sites and the example data.",
    "accounts": "Who may do what.",
    "appliance": "How it is.",
    "pages": "For people, and what their browsers fetch.",
}


@cache
def document() -> dict[str, Any]:
    """The description of every route, its aliases included."""
    from vibevariant.api.routes import ROUTES  # this very document is one of the routes

    schemas, components = _schemas(ROUTES)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        for turn, path in enumerate((route.path, *route.aliases)):
            paths.setdefault(path, {})[route.method.lower()] = _operation(
                route, path, turn, schemas, components
            )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "VibeVariant",
            "version": __version__,
            "description": "A/B tests and bandits in one process: assign, count, decide. Times are epoch milliseconds "
            "UTC. Errors are problem+json (RFC 9457) with a stable `code`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "."}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                "Problem": {
                    "description": "What went wrong, and what to do next.",
                    "content": {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
                }
            },
            "securitySchemes": {
                "projectToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A project token, vv_proj_…",
                },
                "secretKey": {"type": "http", "scheme": "bearer", "description": "A secret key, vv_sk_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "vv_session"},
            },
        },
    }


@cache
def _as_bytes() -> bytes:
    return to_json(document(), indent=1)


async def show_openapi(request: Request[Any, Any]) -> HTTPResponse:
    del request
    return HTTPResponse(_as_bytes(), 200, {"Cache-Control": "no-cache"}, "application/json")


def _schemas(routes: tuple[Route, ...]) -> tuple[dict[tuple[str, Mode], Any], dict[str, Any]]:
    """The schema of everything that is sent or answered, and the parts they share."""
    adapters: dict[tuple[str, Mode], TypeAdapter[Any]] = {("Problem", "serialization"): TypeAdapter(Problem)}
    for route in routes:
        for type_, mode in _types(route):
            adapters.setdefault((_name(type_), mode), TypeAdapter(type_))
    found, rest = TypeAdapter.json_schemas(
        [(name, mode, adapter) for (name, mode), adapter in adapters.items()], ref_template=_REF
    )
    return {(str(name), mode): schema for (name, mode), schema in found.items()}, rest["$defs"]


def _types(route: Route) -> Iterator[tuple[Any, Mode]]:
    if route.query is not None:
        yield route.query, "validation"
    if route.request is not None:
        yield route.request, "validation"
    for answered in route.responses.values():
        if answered is not None:
            yield answered, "serialization"


def _name(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) else str(type_)


def _operation(
    route: Route, path: str, turn: int, schemas: dict[tuple[str, Mode], Any], components: dict[str, Any]
) -> dict[str, Any]:
    note = f"The same as `{route.method} {route.path}`. " if turn else ""
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__ + (f"_{turn + 1}" if turn else ""),
        "tags": [route.tag],
        "summary": route.summary,
        "description": (note + route.description).strip(),
        "security": _SECURITY[route.access],
        "parameters": [*_path_parameters(path), *_query_parameters(route.query, schemas, components)],
        "responses": {},
    }
    if route.request is not None:
        schema = schemas[_name(route.request), "validation"]
        content = {"application/json": {"schema": schema}}
        if route.access == "token":
            content["text/plain"] = {"schema": schema}
        operation["requestBody"] = {"required": route.handler.__name__ != "complete", "content": content}
    for status, answered in route.responses.items():
        response: dict[str, Any] = {
            "description": route.summary if status < 400 else "It cannot do its work."
        }
        if answered is not None:
            response["content"] = {route.media_type: {"schema": schemas[_name(answered), "serialization"]}}
        operation["responses"][str(status)] = response
    for family in ("4XX", "5XX"):
        operation["responses"][family] = {"$ref": "#/components/responses/Problem"}
    return operation


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH[name],
            "schema": {"type": "string"},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(
    model: type[BaseModel] | None, schemas: dict[tuple[str, Mode], Any], components: dict[str, Any]
) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = schemas[_name(model), "validation"]
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return [
        {
            "name": name, "in": "query", "required": name in schema.get("required", ()),
            "description": part.get("description", ""), "schema": _present(part),
        }
        for name, part in schema["properties"].items()
    ]  # fmt: skip


def _present(part: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is absent is absent: in a query there is no null."""
    kept = {name: value for name, value in part.items() if name not in ("description", "default", "title")}
    choices = [choice for choice in kept.pop("anyOf", []) if choice.get("type") != "null"]
    return {**kept, **choices[0]} if len(choices) == 1 else {**kept, "anyOf": choices} if choices else kept
