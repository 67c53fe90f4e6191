"""What elements do, in numbers and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments.observed import START, read, running, tallies
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.lifecycle import start

BUTTONS, COPIES = "abc", "xyz"


def grid(buttons: str = BUTTONS, copies: str = COPIES) -> Experiment:
    elements = [
        {
            "key": "cta",
            "name": "Button",
            "variants": [{"key": k, "name": f"Button {k.upper()}"} for k in buttons],
        },
        {
            "key": "copy",
            "name": "Copy",
            "variants": [{"key": k, "name": f"Copy {k.upper()}"} for k in copies],
        },
    ]
    made = define(
        project_id=1, key="grid", type="multi_element", elements=elements, goals=[{"key": "signup"}], mode="balanced",
        now=START,
    )  # fmt: skip
    return start(replace(made, id=1, goals=tuple(replace(goal, id=1) for goal in made.goals)), START, "owner")


def of(conversions: list[int], visitors: int = 5_000, **shape: str):
    seen = read(grid(**shape), tallies([(visitors, count) for count in conversions]))
    assert seen.elements is not None
    return seen.elements


def test_an_ab_test_has_no_elements() -> None:
    assert read(running(), tallies([(100, 3), (100, 5)])).elements is None


def test_a_combination_that_works_only_together_is_named() -> None:
    found = of([150, 160, 155, 130, 375, 135, 155, 165, 150])
    (pair,) = found.together
    assert (pair.variants, pair.name) == ({"cta": "b", "copy": "y"}, "Button B + Copy Y")
    assert pair.works_only_together
    assert pair.extra > 0.5
    assert pair.p_matters > 0.95
    assert (
        "Button B + Copy Y work only together: most of what they bring, neither brings by itself."
        in found.sentences
    )
    assert found.sentences[0].startswith("Most likely the best combination: Button B + Copy Y (")


def test_elements_that_only_add_up_have_effects_and_no_pair() -> None:
    # Button B brings half as much again with every copy; copies do nothing.
    found = of([200, 205, 195, 300, 310, 295, 200, 195, 205])
    button, copy = found.elements
    assert [variant.is_control for variant in button.variants] == [True, False, False]
    assert button.variants[0].lift is None
    assert button.variants[1].p_better > 0.99
    assert button.variants[1].lift["0.5"] == pytest.approx(0.5, abs=0.08)
    assert button.variants[1].lift["0.025"] < 0.5 < button.variants[1].lift["0.975"]
    assert abs(copy.variants[1].lift["0.5"]) < 0.08
    assert button.share > 5 * copy.share
    assert found.together == ()
    assert found.sentences[1] == (
        "Button: averaged over everything else, Button B is better than Button A (more than 99 in 100)."
    )
    assert found.sentences[2] == "Copy: nothing to choose between its variants so far."


def test_a_control_that_beats_the_others_is_said_to() -> None:
    found = of([300, 310, 295, 200, 205, 195, 200, 195, 205])
    assert found.sentences[1].startswith(
        "Button: averaged over everything else, Button A is better than the others (more than 99 in 100"
    )


def test_variants_that_get_in_each_others_way_are_named_without_a_badge() -> None:
    found = of([200, 400, 400, 260], visitors=10_000, buttons="ab", copies="xy")
    assert {pair.name for pair in found.together} == {"Button A + Copy X", "Button B + Copy Y"}
    assert not any(pair.works_only_together for pair in found.together)
    assert found.sentences[-1] == (
        "Button B + Copy Y get in each other's way: together they bring less than one of them alone."
    )


def test_before_the_first_conversion_nothing_is_said() -> None:
    found = of([0] * 9, visitors=10)
    assert found.sentences == ()
    assert found.together == ()
    assert len(found.elements) == 2
