"""What a request brings, read strictly: whatever is wrong in it is named with its place, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from vibevariant.errors import InvalidInput
from vibevariant.experiments.fields import KEY, LONGEST_NAME
from vibevariant.experiments.goals import MOST_VALUE

MOST_FAULTS = 20
"""A reader mends one after the other; a body of a thousand faults is of another kind altogether."""

_NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*$"
_LINE = _NO_CONTROLS.replace("]", "\u2028\u2029]")


class Body(BaseModel):
    """A request's body: no member that nobody knows, no text for a number, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Query(BaseModel):
    """What stands after the `?`: no parameter that nobody knows."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Reply(BaseModel):
    """What a door answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


VisitorId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, pattern=_NO_CONTROLS),
    Field(
        description="The site's own opaque id of a visitor: 1 to 128 characters, none of them a control character."
    ),
]
Key = Annotated[str, StringConstraints(pattern=f"^{KEY.pattern}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=_LINE)]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_LINE)]
Value = Annotated[float, Field(ge=-MOST_VALUE, le=MOST_VALUE)]
Scalar = str | int | float | bool | None
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=64)]

_SHOULD = "Input should be"
Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], body: bytes) -> Model:
    """The body of a request that manages something; a name that is given twice is refused, for one would be lost."""
    try:
        read_body = model.model_validate_json(body)
    except ValidationError as fault:
        raise refusal(fault, body) from fault
    _refuse_repetition(body)
    return read_body


def read_query(model: type[Model], parameters: Iterable[tuple[str, str]]) -> Model:
    """The query of a request; a parameter that is given twice is refused."""
    given: dict[str, str] = {}
    for name, value in parameters:
        if name in given:
            raise InvalidInput(f"The query parameter `{ascii(name)[1:-1]:.64}` is given twice.", field=name)
        given[name] = value
    try:
        return model.model_validate_strings(given)
    except ValidationError as fault:
        raise _refused("query", faults_of(fault.errors(include_url=False), given)) from fault


def refusal(fault: ValidationError, body: bytes) -> InvalidInput:
    """What is wrong with a body, place by place."""
    errors = fault.errors(include_url=False)
    if errors[0]["type"] == "json_invalid":
        return _not_json(body, errors[0]["ctx"]["error"])
    return _refused("body", faults_of(errors, json.loads(body)))


def faults_of(errors: Sequence[ErrorDetails], whole: Any) -> list[tuple[str, str]]:
    """Each wrong place as a JSON pointer, with what is wrong there; the first finding of a place speaks for it."""
    found: dict[str, str] = {}
    for error in errors:
        pointer = _pointer(error["loc"], whole, missing=error["type"] == "missing")
        detail = _detail(error, pointer.rpartition("/")[2])
        if pointer not in found:
            found[pointer] = detail
        elif detail.startswith(_SHOULD) and detail not in found[pointer]:  # another branch of a union
            found[pointer] = f"{found[pointer].removesuffix('.')}, or{detail.removeprefix(_SHOULD)}"
    return list(found.items())[:MOST_FAULTS]


def _detail(error: ErrorDetails, member: str) -> str:
    if error["type"] == "missing":
        return "This member is missing."
    if error["type"] == "extra_forbidden":
        return f"Nobody knows `{ascii(member)[1:-1]:.64}`; check the spelling or leave it out."
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] in (_LINE, _NO_CONTROLS):
        return "Control characters and line ends are not possible here."
    return f"{error['msg'].removeprefix('Value error, ').removesuffix('.')}."


def _refused(where: str, faults: list[tuple[str, str]]) -> InvalidInput:
    pointer, detail = faults[0]
    place = f"`{dotted(pointer)}`" if pointer else f"The {where}"
    more = f" ({len(faults) - 1} more in `errors`.)" if len(faults) > 1 else ""
    return InvalidInput(f"{place}: {detail}{more}", faults=faults, field=dotted(pointer) or None)


def _not_json(body: bytes, reason: str) -> InvalidInput:
    if not body.strip():
        return InvalidInput("The body is empty; it must be JSON.", faults=[("", "The body is empty.")])
    return InvalidInput(
        f"The body is not JSON as this API reads it: {reason}.",
        faults=[("", reason)],
        hint="Send one JSON object in UTF-8, without NaN, without half surrogate pairs, nested moderately.",
    )


def pointer_of(field: str) -> str:
    """The JSON pointer of a place that is written like arms[0].weight."""
    parts = field.replace("[", ".").replace("]", "").split(".")
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts if part)


def dotted(pointer: str) -> str:
    """The place of a JSON pointer, written like arms[0].weight."""
    written = ""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        written += f"[{name}]" if name.isdigit() else f".{name}" if written else name
    return written


def _pointer(place: Sequence[int | str], whole: Any, *, missing: bool) -> str:
    """Where in the body a place is: pydantic also names the branches of a union, which are nowhere in it."""
    pointer, value = "", whole
    for position, step in enumerate(place):
        known = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if step in known:
            value = value[step]
        elif not (missing and position == len(place) - 1):
            continue
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return pointer


def _refuse_repetition(body: bytes) -> None:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) < len(pairs):
            seen: set[str] = set()
            name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise InvalidInput(
                f"The member `{ascii(name)[1:-1]:.64}` stands twice in one object.",
                field=name,
                hint="Leave one of them out.",
            )
        return names

    json.loads(body, object_pairs_hook=members)
