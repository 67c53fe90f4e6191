import random
from decimal import Decimal

import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import ExperimentGoal
from vibevariant.experiments.goals import from_micros, goals_of, to_micros


def test_goal_alone_is_primary_and_counts_the_event_of_its_key():
    assert goals_of([{"key": "signup"}]) == (ExperimentGoal(0, "signup", "signup", "primary"),)


def test_goals_without_a_role_beside_a_primary_one_are_secondary():
    assert [
        (goal.event, goal.role)
        for goal in goals_of(
            [
                {"key": "buy", "event": "Order placed", "role": "primary"},
                {"key": "visit"},
                {"key": "error", "role": "guardrail"},
            ]
        )
    ] == [("Order placed", "primary"), ("visit", "secondary"), ("error", "guardrail")]


@pytest.mark.parametrize(
    ("goals", "field"),
    [
        ([], "goals"),
        ("signup", "goals"),
        ([{"key": f"g{i}"} for i in range(11)], "goals"),
        (["signup"], "goals[0]"),
        ([{"event": "signup"}], "goals[0].key"),
        ([{"key": "Sign up"}], "goals[0].key"),
        ([{"key": "signup", "name": "Sign-up"}], "goals[0]"),
        ([{"key": "signup", "event": ""}], "goals[0].event"),
        ([{"key": "signup", "event": "e" * 65}], "goals[0].event"),
        ([{"key": "signup", "event": "a\nb"}], "goals[0].event"),
        ([{"key": "signup", "event": "a\x00b"}], "goals[0].event"),
        ([{"key": "signup", "event": "\ud800"}], "goals[0].event"),
        ([{"key": "signup", "event": "$exposure"}], "goals[0].event"),
        ([{"key": "signup", "event": 5}], "goals[0].event"),
        ([{"key": "signup", "role": "main"}], "goals[0].role"),
        ([{"key": "signup", "window_hours": 0}], "goals[0].window_hours"),
        ([{"key": "signup", "window_hours": 8761}], "goals[0].window_hours"),
        ([{"key": "signup", "window_hours": 24.0}], "goals[0].window_hours"),
        ([{"key": "signup", "window_hours": True}], "goals[0].window_hours"),
        ([{"key": "signup", "window_hours": "24"}], "goals[0].window_hours"),
        ([{"key": "signup", "role": "guardrail"}], "goals"),
        ([{"key": "a"}, {"key": "b"}], "goals"),
        ([{"key": "a", "role": "primary"}, {"key": "b", "role": "primary"}], "goals"),
        ([{"key": "a", "role": "primary"}, {"key": "a"}], "goals"),
    ],
)
def test_malformed_goals_are_refused_at_their_field(goals, field):
    with pytest.raises(InvalidInput) as refusal:
        goals_of(goals)
    assert refusal.value.field == field
    assert refusal.value.hint


@pytest.mark.parametrize("hours", [None, 1, 24, 8760])
def test_a_window_is_an_hour_to_a_year_or_none(hours):
    assert goals_of([{"key": "signup", "window_hours": hours}])[0].window_hours == hours


def test_ten_goals_are_allowed():
    assert len(goals_of([{"key": "g", "role": "primary"}, *({"key": f"g{i}"} for i in range(9))])) == 10


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        (0, 0),
        (1, 1_000_000),
        (19.99, 19_990_000),
        (0.1 + 0.2, 300_000),
        (-2.5, -2_500_000),
        (0.0000004, 0),
        (0.0000006, 1),
        (1e8, 10**14),
        (-1e8, -(10**14)),
        (99_999_999.999999, 99_999_999_999_999),
    ],
)
def test_values_are_kept_in_whole_millionths(value, micros):
    assert to_micros(value) == micros


def test_every_value_of_six_decimals_survives():
    rng = random.Random(6)
    for _ in range(20_000):
        micros = rng.randint(-(10**14), 10**14)
        assert to_micros(float(Decimal(micros) / 1_000_000)) == micros
        assert to_micros(from_micros(micros)) == micros


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), 1.1e8, -1.1e8, 10**400, True, "5", None]
)
def test_value_that_is_no_finite_number_within_bounds_is_refused(value):
    with pytest.raises(InvalidInput) as refusal:
        to_micros(value, "events[3].value")
    assert refusal.value.field == "events[3].value"
