"""Targeting: the conditions on a visitor's attributes that decide, before enrolment, who may take part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, get_args

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import Condition, Operator
from vibevariant.experiments.fields import choice_of, items_of, mapping_of, printable_of, text_of

MOST_CONDITIONS = 20
LONGEST_ATTRIBUTE = 64
MOST_OPTIONS = 1000
LONGEST_STRING = 256
"""The limits keep the rules of an experiment quick to evaluate on every first assignment and short to publish."""

_OPERATORS: tuple[Operator, ...] = get_args(Operator)


def eligible(conditions: Sequence[Condition], attributes: Mapping[str, Any]) -> bool:
    """Whether all conditions hold for a visitor; what is not known about the visitor never matches and never fails."""
    return all(_holds(condition, attributes.get(condition.attribute)) for condition in conditions)


def _holds(condition: Condition, actual: Any) -> bool:
    if condition.operator == "exists":
        return (actual is None) is (condition.value is False)
    if actual is None:
        return False
    if condition.operator == "equals":
        return _same(actual, condition.value)
    # Loosely first (1 == True), which is quick in a list of a thousand; only what passes gets the strict look.
    return any(_same(actual, option) for option in condition.value if option == actual)


def _same(actual: Any, wanted: Any) -> bool:
    """Equal in value and in JSON type: 1 is 1.0, but neither "1" nor true."""
    if isinstance(actual, bool) or isinstance(wanted, bool):
        return actual is wanted
    return bool(actual == wanted)


def targeting_of(conditions: Any) -> tuple[Condition, ...]:
    """The conditions that an owner wrote down as plain values, checked."""
    listed = items_of(conditions, "targeting", "conditions", most=MOST_CONDITIONS)
    return tuple(_condition_of(condition, f"targeting[{i}]") for i, condition in enumerate(listed))


def check_condition(condition: Condition, field: str = "targeting") -> Condition:
    """The condition in its one way of writing it, or `InvalidInput` that says what is wrong with it."""
    attribute = printable_of(condition.attribute, f"{field}.attribute", longest=LONGEST_ATTRIBUTE)
    value: Any = condition.value
    operator = choice_of(condition.operator, f"{field}.operator", _OPERATORS)
    if operator == "equals":
        return Condition(attribute, "equals", _scalar_of(value, f"{field}.value"))
    if operator == "in":
        options = items_of(value, f"{field}.value", "values", least=1, most=MOST_OPTIONS)
        checked = [_scalar_of(option, f"{field}.value[{i}]") for i, option in enumerate(options)]
        return Condition(attribute, "in", checked)
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(
            "An `exists` condition takes true or false.",
            field=f"{field}.value",
            hint="Give true for visitors who have the attribute, false for those who do not.",
        )
    return Condition(attribute, "exists", value is not False)


def _condition_of(plain: Any, field: str) -> Condition:
    given = mapping_of(plain, field, required=("attribute", "operator"), optional=("value",))
    return check_condition(Condition(given["attribute"], given["operator"], given.get("value")), field)


def _scalar_of(value: Any, field: str) -> str | int | float | bool:
    if isinstance(value, str):
        return text_of(value, field, longest=LONGEST_STRING)
    if isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    raise InvalidInput(
        "A condition compares with a string, a finite number, true or false.",
        field=field,
        hint="To ask whether the attribute is there at all, use the operator `exists`.",
    )
