"""Counts the facts of a database file with nothing of the program's own code, to compare with the tallies it keeps."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

Counts = Counter[tuple[str, int, str, str]]
"""By experiment, arm, goal ("" for the exposed) and what is counted."""


def counted(database: Path) -> Counts:
    """What the facts amount to: first exposures, first conversions at or after them, and all matching events."""
    found: Counts = Counter()
    with closing(sqlite3.connect(database)) as connection:
        exposed = connection.execute(
            "select e.id, e.key, a.visitor_id, a.arm, a.exposed_at from assignments a "
            "join experiments e on e.id = a.experiment_id where a.exposed_at is not null"
        ).fetchall()
        goals = connection.execute(
            "select x.experiment_id, g.key, g.event from experiment_goals x join goals g on g.id = x.goal_id"
        ).fetchall()
        events = connection.execute("select visitor_id, name, at, coalesce(value, 0) from events").fetchall()
    by_visitor: dict[int, list[tuple[str, int, int]]] = {}
    for visitor, name, at, value in events:
        by_visitor.setdefault(visitor, []).append((name, at, value))
    for experiment, key, visitor, arm, exposed_at in exposed:
        found[key, arm, "", "exposed"] += 1
        for of, goal, name in goals:
            if of == experiment:
                matching = [v for n, at, v in by_visitor.get(visitor, []) if n == name and at >= exposed_at]
                found[key, arm, goal, "conversions"] += bool(matching)
                found[key, arm, goal, "events"] += len(matching)
                found[key, arm, goal, "value"] += sum(matching)
    return +found


def kept(database: Path) -> Counts:
    """What the program has added up along the way."""
    found: Counts = Counter()
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "select e.key, t.arm, coalesce(g.key, ''), sum(t.exposed), sum(t.conversions), sum(t.events), sum(t.value) "
            "from tallies t join experiments e on e.id = t.experiment_id left join goals g on g.id = t.goal_id "
            "group by 1, 2, 3"
        ).fetchall()
    for key, arm, goal, *sums in rows:
        for name, value in zip(("exposed", "conversions", "events", "value"), sums, strict=True):
            found[key, arm, goal, name] += value
    return +found
