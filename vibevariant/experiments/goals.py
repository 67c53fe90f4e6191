"""Goals: the named things worth counting, one of them primary, and the exact sums of their values."""

from __future__ import annotations

from typing import Any, cast, get_args

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import ExperimentGoal, GoalRole
from vibevariant.experiments.fields import choice_of, items_of, key_of, mapping_of, printable_of, unique

MOST_GOALS = 10
"""Every goal is another chance to be wrong, and another row for every exposed visitor."""

LONGEST_EVENT = 64

LONGEST_WINDOW = 8760
"""Hours: a year. Only visitors whose window has closed are evidence, so a longer one would never prove anything."""

MOST_VALUE = 100_000_000
"""The largest value of an event, either way: its millionths, added up ninety thousand times, still fit a bigint."""

_MICRO = 1_000_000
_ROLES = get_args(GoalRole)


def goals_of(goals: Any) -> tuple[ExperimentGoal, ...]:
    """The goals that an owner wrote down as plain values, checked; the storage gives them their ids.

    A goal counts the event of its own key unless it names another, and without a window however late it comes. A goal
    alone is the primary one, and of several those without a role are secondary.
    """
    listed = items_of(goals, "goals", "goals", least=1, most=MOST_GOALS)
    checked = tuple(_goal_of(goal, f"goals[{i}]", alone=len(listed) == 1) for i, goal in enumerate(listed))
    unique((goal.key for goal in checked), "goals", "goals")
    primary = [goal.key for goal in checked if goal.role == "primary"]
    if len(primary) != 1:
        raise InvalidInput(
            f"The goals {', '.join(primary)} are all primary." if primary else "No goal is primary.",
            field="goals",
            hint="Give exactly one goal the role `primary`: the experiment is decided on it.",
        )
    return checked


def event_name_of(value: Any, field: str) -> str:
    """The name of an event that may be a goal; names that begin with `$` are the appliance's own."""
    name = printable_of(value, field, longest=LONGEST_EVENT)
    if name.startswith("$"):
        raise InvalidInput(
            "Event names that begin with `$` are the appliance's own.",
            field=field,
            hint="Choose another name.",
        )
    return name


def to_micros(value: Any, field: str = "value") -> int:
    """A value in whole millionths, so that sums are exact in whatever order they are made."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST_VALUE:
        raise InvalidInput(
            "The value must be a finite number.",
            field=field,
            hint=f"Give a number from -{MOST_VALUE} to {MOST_VALUE}.",
        )
    return round(value * _MICRO)


def from_micros(micros: int) -> float:
    """The value that so many millionths are."""
    return micros / _MICRO


def _goal_of(plain: Any, field: str, *, alone: bool) -> ExperimentGoal:
    given = mapping_of(plain, field, required=("key",), optional=("event", "role", "window_hours"))
    key = key_of(given["key"], f"{field}.key")
    event = given.get("event")
    role = given.get("role")
    if role is None:
        role = "primary" if alone else "secondary"
    return ExperimentGoal(
        id=0,
        key=key,
        event=key if event is None else event_name_of(event, f"{field}.event"),
        role=cast("GoalRole", choice_of(role, f"{field}.role", _ROLES)),
        window_hours=_window_of(given.get("window_hours"), f"{field}.window_hours"),
    )


def _window_of(value: Any, field: str) -> int | None:
    """Whole hours; none given is no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_WINDOW:
        raise InvalidInput(
            "A goal's window is a whole number of hours.",
            field=field,
            hint=f"Give 1 to {LONGEST_WINDOW}, or leave it out: then every later event counts.",
        )
    return value
