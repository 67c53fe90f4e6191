import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import Condition
from vibevariant.experiments.targeting import check_condition, eligible, targeting_of


def holds(operator, value, attributes):
    return eligible((Condition("a", operator, value),), attributes)


@pytest.mark.parametrize(
    ("wanted", "actual", "same"),
    [
        ("NO", "NO", True),
        ("NO", "no", False),
        ("", "", True),
        (1, 1, True),
        (1, 1.0, True),
        (0.5, 0.5, True),
        (1, "1", False),
        ("1", 1, False),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (True, True, True),
        (False, False, True),
        (True, "true", False),
        (1, None, False),
        ("a", ["a"], False),
        ("a", {"a": 1}, False),
        (1, float("nan"), False),
        (2**53 + 1, 2.0**53, False),
    ],
)
def test_equals_compares_value_and_type_and_in_does_so_for_each_option(wanted, actual, same):
    assert holds("equals", wanted, {"a": actual}) is same
    assert holds("in", ["another", wanted, 99], {"a": actual}) is same


@pytest.mark.parametrize("operator", ["equals", "in"])
def test_unknown_attribute_does_not_match(operator):
    value = "x" if operator == "equals" else ["x"]
    assert not holds(operator, value, {})
    assert not holds(operator, value, {"b": "x"})


@pytest.mark.parametrize(
    ("value", "attributes", "expected"),
    [
        (True, {"a": 0}, True),
        (True, {"a": False}, True),
        (True, {"a": ""}, True),
        (True, {}, False),
        (True, {"a": None}, False),
        (None, {"a": 1}, True),
        (None, {}, False),
        (False, {}, True),
        (False, {"a": None}, True),
        (False, {"a": 0}, False),
    ],
)
def test_exists_asks_whether_there_is_anything(value, attributes, expected):
    assert holds("exists", value, attributes) is expected


def test_all_conditions_must_hold():
    conditions = (Condition("country", "in", ["NO", "SE"]), Condition("beta", "exists", False))
    assert eligible(conditions, {"country": "SE"})
    assert not eligible(conditions, {"country": "SE", "beta": True})
    assert not eligible(conditions, {"country": "DK"})


def test_no_conditions_let_everyone_in():
    assert eligible((), {})


def test_conditions_are_brought_into_one_form():
    assert targeting_of(
        [
            {"attribute": "country", "operator": "in", "value": ("NO", "SE")},
            {"attribute": "plan", "operator": "exists"},
            {"attribute": "plan", "operator": "equals", "value": "pro"},
        ]
    ) == (
        Condition("country", "in", ["NO", "SE"]),
        Condition("plan", "exists", True),
        Condition("plan", "equals", "pro"),
    )


def test_options_are_copied():
    options = ["NO"]
    checked = check_condition(Condition("country", "in", options))
    options.append("SE")
    assert checked.value == ["NO"]


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ("country = NO", "targeting[0]"),
        ({"operator": "exists"}, "targeting[0].attribute"),
        ({"attribute": "a"}, "targeting[0].operator"),
        ({"attribute": "a", "operator": "exists", "values": True}, "targeting[0]"),
        ({"attribute": "", "operator": "exists"}, "targeting[0].attribute"),
        ({"attribute": "a" * 65, "operator": "exists"}, "targeting[0].attribute"),
        ({"attribute": "a\x00", "operator": "exists"}, "targeting[0].attribute"),
        ({"attribute": 1, "operator": "exists"}, "targeting[0].attribute"),
        ({"attribute": "a", "operator": "like", "value": "x"}, "targeting[0].operator"),
        ({"attribute": "a", "operator": ["in"], "value": ["x"]}, "targeting[0].operator"),
        ({"attribute": "a", "operator": "equals"}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": ["x"]}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": {}}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": float("nan")}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": float("inf")}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": "x" * 257}, "targeting[0].value"),
        ({"attribute": "a", "operator": "equals", "value": "\ud800"}, "targeting[0].value"),
        ({"attribute": "a", "operator": "in", "value": "x"}, "targeting[0].value"),
        ({"attribute": "a", "operator": "in", "value": []}, "targeting[0].value"),
        ({"attribute": "a", "operator": "in", "value": ["x"] * 1001}, "targeting[0].value"),
        ({"attribute": "a", "operator": "in", "value": ["x", None]}, "targeting[0].value[1]"),
        ({"attribute": "a", "operator": "exists", "value": 1}, "targeting[0].value"),
        ({"attribute": "a", "operator": "exists", "value": "no"}, "targeting[0].value"),
    ],
)
def test_malformed_condition_is_refused_at_its_field(condition, field):
    with pytest.raises(InvalidInput) as refusal:
        targeting_of([condition])
    assert refusal.value.field == field
    assert refusal.value.hint


@pytest.mark.parametrize("conditions", [{"attribute": "a", "operator": "exists"}, "all", 1])
def test_conditions_come_as_a_list(conditions):
    with pytest.raises(InvalidInput, match="must be a list"):
        targeting_of(conditions)


def test_limits_themselves_are_allowed():
    wide = {"attribute": "a" * 64, "operator": "in", "value": ["x" * 256] * 1000}
    assert len(targeting_of([wide] * 20)) == 20
    with pytest.raises(InvalidInput, match="Too many conditions: 21"):
        targeting_of([wide] * 21)
