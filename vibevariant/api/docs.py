"""The documentation of the API as a page, rendered here, so that it can be read where there is no internet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api.openapi import document
from vibevariant.api.page import html, page

DEEPEST = 6
"""Levels of a body that are shown; deeper ones are named only."""


async def show_docs(request: Request[Any, Any]) -> HTTPResponse:
    del request
    response = html(_rendered())
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _rendered() -> str:
    described = document()
    info = described["info"]
    parts = [
        f'<h1>{escape(info["title"])} API <span class="soft">{escape(info["version"])}</span></h1>',
        f"<p>{_text(info['description'])}</p>",
        '<p><a href="openapi.json">openapi.json</a> holds the same for programs.</p>',
    ]
    for tag in described["tags"]:
        parts.append(
            f'<h2>{escape(tag["name"].capitalize())}</h2><p class="soft">{_text(tag["description"])}</p>'
        )
        parts += [
            _operation(method, path, operation)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
    return page("VibeVariant API", "".join(parts))


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    needs = " or ".join(name for scheme in operation["security"] for name in scheme)
    parts = [
        f'<details id="{escape(operation["operationId"])}"><summary><span class="method">{method.upper()}</span>',
        f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>",
        f"<p>{_text(operation['description'])}</p>" if operation["description"] else "",
        f'<p class="soft">Opened by: {escape(needs)}.</p>' if needs else "",
    ]
    if operation["parameters"]:
        rows = "".join(
            f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{parameter['in']}</td>"
            f"<td>{_kind(parameter['schema'])}</td><td>{_text(parameter['description'])}</td></tr>"
            for parameter in operation["parameters"]
        )
        parts.append(f'<h3>Parameters</h3><div class="scroll"><table>{rows}</table></div>')
    if "requestBody" in operation:
        schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
        parts.append(f"<h3>Body</h3>{_members(schema)}")
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items():
            parts.append(
                f'<h3>{status} <span class="soft">{escape(kind)}</span></h3>{_members(content["schema"])}'
            )
    return "".join(parts) + "</details>"


def _members(schema: dict[str, Any]) -> str:
    """The members of a body in one table, what is within them by its path: `arms[].key`, `weights.*`."""
    schema = _resolved(schema)
    if "anyOf" in schema and "properties" not in schema:
        found = [_members(choice) for choice in schema["anyOf"]]
        return '<p class="soft">or</p>'.join(table for table in found if table)
    rows = "".join(
        f'<tr><td class="name"><code>{escape(path)}</code></td><td>{_kind(part)}{" · required" if needed else ""}</td>'
        f"<td>{_said_of(part)}</td></tr>"
        for path, part, needed in _rows(schema, "", 0)
    )
    return f'<div class="scroll"><table>{rows}</table></div>' if rows else ""


def _rows(schema: dict[str, Any], path: str, depth: int) -> Iterator[tuple[str, dict[str, Any], bool]]:
    schema = _resolved(schema)
    if depth > DEEPEST:
        return
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here, part, name in required
        yield from _rows(part, here, depth + 1)
    if isinstance(schema.get("items"), dict):
        yield from _rows(schema["items"], f"{path}[]", depth + 1)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _rows(schema["additionalProperties"], f"{path}.*", depth + 1)
    for choice in schema.get("anyOf", ()):
        yield from _rows(choice, path, depth + 1)


def _kind(part: dict[str, Any]) -> str:
    """A member's type and limits in a few words."""
    name = part.get("$ref", "").rpartition("/")[2]
    part = _resolved(part)
    if "enum" in part:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in part["enum"])
    if "const" in part:
        return f"<code>{escape(str(part['const']))}</code>"
    if "anyOf" in part:
        return " or ".join(_kind(choice) for choice in part["anyOf"])
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    limits = [
        f"{said} {part[limit]}"
        for limit, said in {
            "minLength": "at least", "maxLength": "at most", "minimum": "from", "maximum": "to",
            "exclusiveMinimum": "above",
        }.items()
        if limit in part
    ]  # fmt: skip
    kind = name if name and "properties" in part else str(part.get("type", "any"))
    return escape(" ".join([kind, *limits]))


def _said_of(part: dict[str, Any]) -> str:
    """What is said of a member, or of the first of its choices of which something is said."""
    said = [part, *part.get("anyOf", ())]
    return _text(next((one["description"] for one in said if "description" in one), ""))


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _text(text: str) -> str:
    """A sentence, with what stands between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if turn % 2 else piece for turn, piece in enumerate(pieces))
