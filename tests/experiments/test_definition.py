import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import Condition, Status

TWO = [{"key": "a"}, {"key": "b"}]


def element(key, *variants, **more):
    return {"key": key, "variants": [{"key": variant} for variant in variants], **more}


def test_smallest_definition_is_an_even_draft(make, now):
    experiment = make()
    assert (experiment.id, experiment.project_id, experiment.status) == (0, 1, Status.DRAFT)
    assert (experiment.type, experiment.mode, experiment.source) == ("ab_test", "fixed", "live")
    assert (experiment.name, experiment.description, experiment.targeting) == ("hero", "", ())
    assert (experiment.weights, experiment.traffic) == ((5000, 5000), 10_000)
    assert (experiment.created_at, experiment.started_at, experiment.allocations) == (now, None, ())
    assert [(e.key, e.name) for e in experiment.elements] == [("variant", "Variant")]
    assert [arm.name for arm in experiment.arms] == ["control", "variant_a"]


def test_everything_that_is_given_is_kept(make):
    experiment = make(
        name="Homepage Hero",
        description="Which headline?\nAsked by Ann.",
        mode="balanced",
        source="imported",
        arms=[
            {"key": "a", "name": "As it is", "weight": 0.2, "payload": {"text": "Hi"}},
            {"key": "b", "is_control": True, "weight": 0.8},
        ],
        targeting=[{"attribute": "country", "operator": "in", "value": ["NO"]}],
        traffic=0.25,
    )
    assert (experiment.name, experiment.mode, experiment.source) == ("Homepage Hero", "balanced", "imported")
    assert experiment.description == "Which headline?\nAsked by Ann."
    assert experiment.arms[0].payload == {"text": "Hi"}
    assert experiment.control.key == "b"
    assert experiment.targeting == (Condition("country", "in", ["NO"]),)
    assert (experiment.weights, experiment.traffic) == ((2000, 8000), 2500)


@pytest.mark.parametrize(
    ("arms", "control"),
    [
        ([{"key": "a"}, {"key": "b"}], "a"),
        ([{"key": "a"}, {"key": "control"}], "control"),
        ([{"key": "a"}, {"key": "control"}, {"key": "b", "is_control": True}], "b"),
        ([{"key": "a", "is_control": False}, {"key": "b", "is_control": False}], "a"),
    ],
)
def test_control_is_the_marked_arm_else_the_one_called_so_else_the_first(make, arms, control):
    assert make(arms=arms).control.key == control


def test_weights_may_be_a_list_over_the_arms_or_the_combinations(make, pages):
    assert make(weights=[90, 10]).weights == (9000, 1000)
    combined = make(type="multi_element", arms=None, elements=pages, weights=[0.4, 0.3, 0.2, 0.1])
    assert combined.weights == (4000, 3000, 2000, 1000)


def test_combinations_are_even_unless_weighted(make, pages):
    assert make(type="multi_element", arms=None, elements=pages).weights == (2500,) * 4


def test_fixed_arms_may_have_weight_zero(make):
    assert make(weights=[1, 0]).weights == (10_000, 0)


def test_forty_nine_arms_are_allowed(make):
    assert len(make(arms=[{"key": f"a{i}"} for i in range(49)]).arms) == 49
    seven = [f"v{i}" for i in range(7)]
    squared = make(type="multi_element", arms=None, elements=[element("x", *seven), element("y", *seven)])
    assert len(squared.arms) == 49


@pytest.mark.parametrize(
    ("otherwise", "field", "says"),
    [
        ({"key": "Hero"}, "key", "not a key"),
        ({"key": ""}, "key", "not a key"),
        ({"key": "k" * 65}, "key", "not a key"),
        ({"key": 7}, "key", "not a key"),
        ({"name": ""}, "name", "printable"),
        ({"name": "n" * 201}, "name", "too long"),
        ({"name": 5}, "name", "printable"),
        ({"description": "d" * 2001}, "description", "too long"),
        ({"description": False}, "description", "text"),
        ({"type": "bandit"}, "type", "not one of"),
        ({"mode": "auto"}, "mode", "not one of"),
        ({"source": "copied"}, "source", "not one of"),
        ({"arms": None}, "arms", "must be a list"),
        ({"arms": "ab"}, "arms", "must be a list"),
        ({"arms": []}, "arms", "Too few arms: 0"),
        ({"arms": [{"key": "a"}]}, "arms", "Too few arms: 1"),
        ({"arms": [{"key": f"a{i}"} for i in range(50)]}, "arms", "Too many arms: 50"),
        ({"arms": ["a", "b"]}, "arms[0]", "object"),
        ({"arms": [{"key": "a"}, {"name": "B"}]}, "arms[1].key", "missing"),
        ({"arms": [{"key": "a"}, {"key": "B"}]}, "arms[1].key", "not a key"),
        ({"arms": [{"key": "a"}, {"key": "a"}]}, "arms", "two arms with the key `a`"),
        ({"arms": [{"key": "a"}, {"key": "b", "colour": 1}]}, "arms[1]", "no member 'colour'"),
        ({"arms": [{"key": "a", "name": " "}, {"key": "b"}]}, "arms[0].name", "printable"),
        ({"arms": [{"key": "a", "is_control": 1}, {"key": "b"}]}, "arms[0].is_control", "true or false"),
        ({"arms": [{"key": k, "is_control": True} for k in "ab"]}, "arms", "Both a and b"),
        ({"arms": [{"key": "a", "payload": [[[[[[1]]]]]]}, {"key": "b"}]}, "arms[0].payload", "deep"),
        ({"arms": [{"key": "a", "payload": "x" * 10_000}, {"key": "b"}]}, "arms[0].payload", "bytes"),
        ({"arms": [{"key": "a", "weight": 1}, {"key": "b"}]}, "arms[1].weight", "Some arms"),
        ({"arms": [{"key": k, "weight": 0.4} for k in "ab"]}, "arms", "sum to 0.8"),
        ({"arms": [{"key": k, "weight": "0.5"} for k in "ab"]}, "arms[0].weight", "number"),
        ({"arms": [{"key": k, "weight": 0.5} for k in "ab"], "weights": [0.5, 0.5]}, "weights", "twice"),
        ({"weights": [0.5, 0.4]}, "weights", "sum to 0.9"),
        ({"weights": [0.5, 0.3, 0.2]}, "weights", "Too many weights: 3"),
        ({"weights": [1]}, "weights", "Too few weights: 1"),
        ({"weights": [0, 0]}, "weights", "sum to 0"),
        ({"weights": [1.5, -0.5]}, "weights[1]", "number"),
        ({"weights": [float("nan"), 1]}, "weights[0]", "number"),
        ({"weights": [float("inf"), 1]}, "weights[0]", "number"),
        ({"weights": {"a": 1}}, "weights", "must be a list"),
        ({"mode": "balanced", "weights": [1, 0]}, "weights[1]", "every arm a chance"),
        ({"elements": []}, "elements", "has arms, not elements"),
        ({"goals": []}, "goals", "Too few goals: 0"),
        ({"goals": [{"key": "a"}, {"key": "b"}]}, "goals", "No goal is primary"),
        ({"targeting": [{"attribute": "a", "operator": "near"}]}, "targeting[0].operator", "not one of"),
        ({"targeting": {}}, "targeting", "must be a list"),
        ({"traffic": 0}, "traffic", "above 0"),
        ({"traffic": 1.5}, "traffic", "above 0"),
        ({"traffic": float("nan")}, "traffic", "above 0"),
    ],
)
def test_bad_definition_is_refused_at_its_field_with_what_to_do(make, otherwise, field, says):
    refuses(make, otherwise, field, says)


@pytest.mark.parametrize(
    ("elements", "field", "says"),
    [
        (None, "elements", "must be a list"),
        ([], "elements", "Too few elements: 0"),
        ([element("headline", "a", "b")], "elements", "it is an `ab_test`"),
        ([element("x", "a", "b"), element("x", "a", "b")], "elements", "two elements with the key `x`"),
        ([element("x", "a", "b"), element("Y", "a", "b")], "elements[1].key", "not a key"),
        ([element("x", "a", "b"), element("y", "a")], "elements[1].variants", "Too few variants: 1"),
        ([element("x", "a", "b"), {"key": "y"}], "elements[1].variants", "missing"),
        (
            [element("x", "a", "b"), element("y", "a", "a")],
            "elements[1].variants",
            "two variants with the key",
        ),
        ([element("x", "a", "b"), element("y", "a", "B")], "elements[1].variants[1].key", "not a key"),
        ([element("x", "a", "b", name=""), element("y", "a", "b")], "elements[0].name", "printable"),
        ([element("x", "a", "b", weight=1), element("y", "a", "b")], "elements[0]", "no member 'weight'"),
        ([element("x", *"abcdefgh"), element("y", *"abcdefg")], "elements", "56 arms"),
        ([element(f"x{i}", "a", "b") for i in range(6)], "elements", "Too many elements: 6"),
        (
            [element("x", "a", "b"), {"key": "y", "variants": [{"key": "a", "weight": 1}, {"key": "b"}]}],
            "elements[1].variants[0]",
            "no member 'weight'",
        ),
        (
            [
                element("x", "a", "b"),
                {"key": "y", "variants": [{"key": k, "is_control": True} for k in "ab"]},
            ],
            "elements[1].variants",
            "Both a and b",
        ),
    ],
)
def test_bad_elements_are_refused_at_their_field_with_what_to_do(make, elements, field, says):
    refuses(make, {"type": "multi_element", "arms": None, "elements": elements}, field, says)


def test_arms_of_a_multi_element_experiment_are_not_given(make, pages):
    refuses(make, {"type": "multi_element", "elements": pages}, "arms", "combinations")


def refuses(make, otherwise, field, says):
    with pytest.raises(InvalidInput) as refusal:
        make(**otherwise)
    assert refusal.value.field == field
    assert says in refusal.value.message
    assert refusal.value.hint
