"""What is sent, ready to go: each kind of request with how its right answer looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXPERIMENT = "hero"
GOAL = "signup"
RETURNING = 2_000
"""Visitors who are assigned before anything is measured."""

BATCH = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `make` gives the whole of the n-th one, `is_right` looks at its whole answer."""

    make: Callable[[int], bytes]
    is_right: Callable[[bytes], bool]


def kind(name: str, token: str) -> Kind:
    """The kind of this name: the body, and which door it goes to (an echo, or the appliance's own)."""
    where, _, what = name.partition(" ")
    template, numbers = _BODIES[what]
    path = "/echo" if where == "echo" else "/api/v1/assign" if "visitor" in what else "/api/v1/events"
    body = template % numbers(0)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    request = head.replace(b"%", b"%%") + template

    def make(number: int) -> bytes:
        made: bytes = request % numbers(number)
        return made

    if where == "echo":
        return Kind(make, lambda answer: answer.startswith(b"HTTP/1.1 200 ") and b'"visitor_id"' in answer)
    if "visitor" in what:
        return Kind(
            make, lambda answer: answer.startswith(b"HTTP/1.1 200 ") and b'{"hero":{"arm":"' in answer
        )
    accepted = b'{"accepted":%d,"duplicates":0,"rejected":[]}' % (BATCH if "20" in what else 1)
    return Kind(make, lambda answer: answer.startswith(b"HTTP/1.1 202 ") and answer.endswith(accepted))


def _template(body: Any) -> bytes:
    """The body with a place for each number: <v> for a visitor, <e> for an event."""
    text = json.dumps(body, separators=(",", ":")).replace("%", "%%")
    return text.replace("<v>", "%08d").replace("<e>", "%012x").encode()


def _event(name: str, **more: Any) -> dict[str, Any]:
    page = {"path": "/pricing", "referrer": "https://search.example/", "device": "phone"}
    return {
        "id": "01890a5d-ac96-774b-bcce-<e>", "visitor_id": "returning-<v>", "name": name, "properties": page, **more,
    }  # fmt: skip


def _assign(visitor: str) -> bytes:
    return _template({
        "visitor_id": f"{visitor}-<v>", "experiments": [EXPERIMENT], "expose": True,
        "attributes": {"country": "DE", "device": "phone", "returning": False},
    })  # fmt: skip


_ONE = _template(_event(GOAL, value=49.5))
# One page view with all that a visitor does on it: shown an arm, one goal reached, many other events.
_MANY = _template({
    "events": [
        _event("$exposure", experiment=EXPERIMENT), _event(GOAL, value=49.5), *[_event("scroll")] * (BATCH - 2),
    ]
})  # fmt: skip

_BODIES: dict[str, tuple[bytes, Callable[[int], Any]]] = {
    "new visitor": (_assign("new"), lambda number: number),
    "returning visitor": (_assign("returning"), lambda number: number % RETURNING),
    "1 event": (_ONE, lambda number: (number, number % RETURNING)),
    "20 events": (
        _MANY,
        lambda number: tuple(
            part for each in range(BATCH) for part in ((1 << 44) + number * BATCH + each, number % RETURNING)
        ),
    ),
}
