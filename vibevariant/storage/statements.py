"""Statements: named queries within an open transaction that take many rows at once, as one JSON parameter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vibevariant.storage.connection import Connection


@dataclass(frozen=True, slots=True)
class Statements:
    """Runs named queries over rows."""

    queries: Any
    connection: Connection

    async def rows(self, query: str, rows: Iterable[Iterable[Any]]) -> list[Any]:
        """What a query answers for these rows."""
        found = getattr(self.queries, query)(self.connection, rows=_as_json(rows))
        return [row async for row in found]

    async def do(self, query: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs a query for its effect; with no rows there is none."""
        listed = _as_json(rows)
        if listed != "[]":
            await getattr(self.queries, query)(self.connection, rows=listed)


def _as_json(rows: Iterable[Iterable[Any]]) -> str:
    return json.dumps([list(row) for row in rows], separators=(",", ":"))
