"""Fields: the small checks on plain values that every part of a definition shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vibevariant.errors import InvalidInput

LONGEST_NAME = 200
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Keys stand in URLs, in JSON and in code on the site, so they hold nothing that needs quoting there."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters and line ends. `str.isprintable` would also refuse the joiners inside an emoji and the wide
space of Japanese."""
_LINE_SIGNS = re.compile(r"[\t\n\r]")


def mapping_of(
    value: Any, field: str, *, required: Iterable[str] = (), optional: Iterable[str] = ()
) -> Mapping[str, Any]:
    """An object with the members it needs and no others: a misspelt member would be silently lost."""
    if not isinstance(value, Mapping):
        raise InvalidInput("This must be an object.", field=field, hint="Give an object: {…}.")
    needed = tuple(required)
    known = (*needed, *optional)
    for name in needed:
        if value.get(name) is None:
            raise InvalidInput(f"The member `{name}` is missing.", field=f"{field}.{name}", hint="Add it.")
    for name in value:
        if name not in known:
            raise InvalidInput(
                f"There is no member {name!r:.80} here.",
                field=field,
                hint=f"Leave it out, or use one of: {', '.join(known)}.",
            )
    return value


def items_of(value: Any, field: str, what: str, *, least: int = 0, most: int) -> Sequence[Any]:
    """A list of a bounded number of items."""
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"The {what} must be a list.", field=field, hint="Give a list: […].")
    if not least <= len(value) <= most:
        few = "few" if len(value) < least else "many"
        bounds = f"exactly {most}" if least == most else f"{least} to {most}"
        raise InvalidInput(f"Too {few} {what}: {len(value)}.", field=field, hint=f"Give {bounds}.")
    return value


def key_of(value: Any, field: str) -> str:
    """A key: short, lower case, safe in a URL."""
    if not isinstance(value, str) or KEY.fullmatch(value) is None:
        raise InvalidInput(
            f"{_shown(value)} is not a key.",
            field=field,
            hint="Use 1 to 64 of a-z, 0-9, `-` and `_`, beginning with a letter or a digit.",
        )
    return value


def unique(keys: Iterable[str], field: str, what: str) -> None:
    """Refuse a key that is given twice."""
    seen = set()
    for key in keys:
        if key in seen:
            raise InvalidInput(
                f"There are two {what} with the key `{key}`.", field=field, hint="Rename one of them."
            )
        seen.add(key)


def printable_of(value: Any, field: str, *, longest: int = LONGEST_NAME) -> str:
    """A line of text: not empty, not only blanks, without line ends and control characters."""
    if not isinstance(value, str) or not value.strip() or _UNPRINTABLE.search(value):
        raise InvalidInput(
            "This must be a line of printable text.", field=field, hint=f"Use 1 to {longest} characters."
        )
    return text_of(value, field, longest=longest)


def prose_of(value: Any, field: str, *, longest: int) -> str:
    """A text that may be empty and may have several lines."""
    if not isinstance(value, str) or _UNPRINTABLE.search(_LINE_SIGNS.sub("", value)):
        raise InvalidInput(
            "This must be text without control characters.",
            field=field,
            hint=f"Use up to {longest} characters.",
        )
    return text_of(value, field, longest=longest)


def text_of(value: str, field: str, *, longest: int) -> str:
    """Well-formed Unicode of a bounded length; half of a surrogate pair could neither be stored nor sent."""
    if len(value) > longest:
        raise InvalidInput(
            f"A text of {len(value)} characters is too long.", field=field, hint=f"Use at most {longest}."
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The text holds half of a surrogate pair, which is not a character.",
            field=field,
            hint="Send well-formed Unicode.",
        ) from error
    return value


def choice_of(value: Any, field: str, choices: Sequence[str]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidInput(
            f"{_shown(value)} is not one of the choices.",
            field=field,
            hint=f"Use one of: {', '.join(choices)}.",
        )
    return value


def flag_of(value: Any, field: str) -> bool:
    """True or false; none given is false."""
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(
            "This must be true or false.", field=field, hint="Give true or false, without quotes."
        )
    return value is True


def _shown(value: Any) -> str:
    """What was given, in a few characters that any terminal and any JSON can carry."""
    return (
        f"`{ascii(value)[1:-1]:.60}`" if isinstance(value, str) else f"A value of type {type(value).__name__}"
    )
