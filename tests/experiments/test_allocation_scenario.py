"""A scenario is read strictly: what is misspelt or impossible is refused with a sentence that says what to change."""

from __future__ import annotations

import tomllib

import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.allocation_scenario import HEADLINE, MULTI_ELEMENT, NAMED, scenario_of

PLAIN = {
    "name": "Pricing page",
    "arms": ["control", "yearly"],
    "true_rates": {"control": 0.03, "yearly": 0.04},
}

COMBINED = """
name = "Landing"
[[elements]]
key = "button"
variants = ["green", { key = "red", name = "Red", is_control = true }]
[[elements]]
key = "copy"
name = "Hero copy"
variants = ["short", "long"]
"""
QUOTED = """
[true_rates]
"green.short" = 0.030
"green.long" = 0.031
"red.short" = 0.028
"red.long" = 0.045
"""
NESTED = """
[true_rates.red]
long = 0.045
short = 0.028
[true_rates.green]
short = 0.030
long = 0.031
"""


def test_a_few_lines_are_a_scenario():
    scenario = scenario_of({"name": "Pricing page", "true_rates": {"control": 0.03, "yearly": 0.04}})
    assert scenario == scenario_of(PLAIN)
    assert (scenario.key, scenario.goal, scenario.mode) == ("pricing-page", "signup", "balanced")
    assert (scenario.visitors, scenario.lasts_days) == (10_000, 14)
    assert scenario.rates == (0.03, 0.04)
    assert scenario.best == 1


@pytest.mark.parametrize("rates", [QUOTED, NESTED], ids=["quoted keys", "tables in tables"])
def test_rates_of_combinations_are_found_however_their_keys_are_written(rates: str):
    scenario = scenario_of(tomllib.loads(COMBINED + rates))
    experiment = scenario.experiment(0)
    assert [arm.key for arm in experiment.arms] == ["green.short", "green.long", "red.short", "red.long"]
    assert scenario.rates == (0.030, 0.031, 0.028, 0.045)
    assert experiment.control.key == "red.short"
    assert experiment.design is not None
    assert experiment.design.variants == (2, 2)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"colour": "red"}, "scenario", "There is no member 'colour' here"),
        ({"true_rates": None}, "scenario.true_rates", "The member `true_rates` is missing"),
        ({"true_rates": [0.1, 0.2]}, "true_rates", "must be an object"),
        ({"true_rates": {"control": 0.03}}, "true_rates", "The arm `yearly` has no true rate"),
        ({"true_rates": {"control": 0.03, "yearly": 0.04, "x": 0.1}}, "true_rates", "There is no arm 'x'"),
        ({"true_rates": {"control": 0, "yearly": 0.04}}, "true_rates.control", "above 0 and below 1"),
        ({"true_rates": {"control": 0.03, "yearly": 1}}, "true_rates.yearly", "above 0 and below 1"),
        ({"true_rates": {"control": True, "yearly": 0.04}}, "true_rates.control", "above 0 and below 1"),
        ({"true_rates": {"control": 0.4, "yearly": 0.3}, "drift": "rising"}, "true_rates", "rate is 1.2"),
        ({"arms": ["control"]}, "arms", "Too few arms: 1"),
        ({"arms": "control"}, "arms", "The arms must be a list"),
        ({"arms": ["control", "Yearly!"]}, "arms[1].key", "is not a key"),
        ({"arms": ["control", {"key": "yearly", "colour": 1}]}, "arms[1]", "There is no member 'colour'"),
        ({"elements": []}, "elements", "`arms` or `elements`, not both"),
        ({"drift": "falling"}, "drift", "`falling` is not one of the choices"),
        ({"mode": "adaptive"}, "mode", "`adaptive` is not one of the choices"),
        ({"goal": "Sign up"}, "goal", "is not a key"),
        ({"visitors": 0}, "visitors", "a whole number from 1 to 1,000,000"),
        ({"visitors": 10.5}, "visitors", "a whole number"),
        ({"visitors": True}, "visitors", "a whole number"),
        ({"delay_hours": -1}, "delay_hours", "must be a number above 0"),
        ({"days": 400}, "days", "at most 365"),
        ({"days": 14, "visitors_per_day": 10}, "days", "say the same in two ways"),
        ({"visitors_per_day": 10}, "days", "10,000 visitors in 1000 days cannot be simulated"),
        ({"days": 0.0001}, "days", "10,000 visitors in 0.0001 days cannot be simulated"),
        ({"name": "価格"}, "name", "No key can be made from this name"),
        ({"name": ""}, "name", "a line of printable text"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_place(change: dict[str, object], field: str, said: str):
    with pytest.raises(InvalidInput) as refused:
        scenario_of({name: value for name, value in (PLAIN | change).items() if value is not None})
    assert refused.value.field == field
    assert said in refused.value.message
    assert refused.value.hint


def test_what_is_no_object_is_refused():
    with pytest.raises(InvalidInput, match="must be an object"):
        scenario_of([1, 2])


def test_traffic_says_how_long_it_lasts_and_days_asked_for_go_first():
    busy = scenario_of(PLAIN | {"visitors": 3_000, "visitors_per_day": 1_500})
    assert busy.lasts_days == 2
    assert busy.changed(visitors=6_000).lasts_days == 4
    assert busy.changed(visitors=6_000, days=21).lasts_days == 21


def test_arms_that_are_equally_good_leave_no_best_one():
    assert scenario_of(PLAIN | {"true_rates": {"control": 0.04, "yearly": 0.04}}).best is None


def test_the_named_scenarios_are_those_that_were_asked_for():
    assert list(NAMED) == ["headline", "multi-element"]
    assert len(HEADLINE.rates) == 4
    assert 2_000 <= HEADLINE.visitors < 10_000
    experiment = MULTI_ELEMENT.experiment(0)
    assert [element.name for element in experiment.elements] == ["CTA button", "Hero copy"]
    assert (MULTI_ELEMENT.visitors, len(experiment.arms)) == (10_000, 9)
    rates = {
        tuple(arm.key.split(".")): rate
        for arm, rate in zip(experiment.arms, MULTI_ELEMENT.rates, strict=True)
    }
    for copy in "xyz":  # CTA-B is the best button with Copy-Y, and the worst with the others
        of_copy = {cta: rates[cta, copy] for cta in "abc"}
        best = max if copy == "y" else min
        assert best(of_copy, key=lambda cta: of_copy[cta]) == "b"
    assert experiment.arms[MULTI_ELEMENT.best or 0].key == "b.y"


def test_what_an_owner_writes_down_does_not_tell_the_truth():
    for scenario in NAMED.values():
        written = repr(scenario.definition) + repr(scenario.experiment(0))
        assert not any(str(rate) in written for rate in scenario.rates)
