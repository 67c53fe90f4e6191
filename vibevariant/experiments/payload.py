"""Payload: the small JSON value that an arm carries to the visitor's page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import JsonValue

DEEPEST = 5
LARGEST = 10_000
"""Bytes as compact JSON in UTF-8: a payload travels with every assignment and is kept in memory for each arm."""


def payload_of(value: Any, field: str) -> JsonValue:
    """A copy of a JSON value that is small enough; later changes to the given one do not reach it."""
    _bounded(value, field)
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(written.encode())
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            "The payload is not JSON.",
            field=field,
            hint="Use objects, lists, well-formed strings, finite numbers, true, false and null.",
        ) from error
    if size > LARGEST:
        raise InvalidInput(
            f"The payload has {size} bytes as JSON.",
            field=field,
            hint=f"Keep it to {LARGEST} bytes: leave the content on the site and name it here.",
        )
    return json.loads(written)


def _bounded(value: Any, field: str) -> None:
    """Look level by level, not by recursion: the depth of what comes in is not ours to choose."""
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer, field)]
        if not level:
            return
    raise InvalidInput(
        f"The payload is nested more than {DEEPEST} deep.", field=field, hint="Make it flatter."
    )


def _inside(value: Any, field: str) -> Iterable[Any]:
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise InvalidInput(
                "The payload is not JSON.", field=field, hint="The names in an object are strings."
            )
        return value.values()
    return value if isinstance(value, list | tuple) else ()
