"""Visitors have minds of their own: whoever assigns them meets the same people."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from vibevariant.experiments.allocation_scenario import HEADLINE, AllocationScenario
from vibevariant.experiments.crowd import START, Crowd

MANY = replace(HEADLINE, visitors=40_000)


def share_converting(crowd: Crowd, arm: int, first: int = 0, end: int | None = None) -> float:
    numbers = range(first, len(crowd) if end is None else end)
    return sum(crowd.converted_at(number, arm) is not None for number in numbers) / len(numbers)


def test_the_same_seed_brings_the_same_visitors_and_another_one_brings_others():
    first, again, other = (Crowd.of(HEADLINE, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.hurdles, again.hurdles)
    assert not np.array_equal(first.hurdles, other.hurdles)
    assert {first.visitor_id(n) for n in range(100)}.isdisjoint(other.visitor_id(n) for n in range(100))


@pytest.mark.parametrize("arm", range(4))
def test_an_arm_converts_at_its_true_rate(arm: int):
    rate = MANY.rates[arm]
    error = math.sqrt(rate * (1 - rate) / len(Crowd.of(MANY, 3)))
    assert share_converting(Crowd.of(MANY, 3), arm) == pytest.approx(rate, abs=4 * error)


def test_who_converts_in_an_arm_converts_in_every_better_one():
    crowd = Crowd.of(HEADLINE, 1)
    worst_first = sorted(range(4), key=lambda arm: crowd.rates[arm])
    for number in range(len(crowd)):
        converts = [crowd.converted_at(number, arm) is not None for arm in worst_first]
        assert converts == sorted(converts)


@pytest.mark.parametrize(
    ("drift", "early", "late"), [("rising", 1.1, 2.9), ("launch", 2.2, 1.0), ("flat", 1.0, 1.0)]
)
def test_rates_drift_together(drift: str, early: float, late: float):
    crowd = Crowd.of(replace(MANY, drift=drift), 5)
    tenth = len(crowd) // 10
    for arm in (0, 2):
        rate = crowd.rates[arm]
        assert share_converting(crowd, arm, 0, tenth) == pytest.approx(early * rate, rel=0.2)
        assert share_converting(crowd, arm, 9 * tenth) == pytest.approx(late * rate, rel=0.2)


def test_a_weekend_is_a_weekend():
    """The first visitor comes on a Monday: the sixth and the seventh day have twice the rate."""
    crowd = Crowd.of(replace(HEADLINE, drift="weekend"), 1)
    days = (crowd.at - START) // 86_400_000 % 7
    assert set(crowd.factors[days >= 5]) == {2.0}
    assert set(crowd.factors[days < 5]) == {1.0}


def late(hours: float) -> AllocationScenario:
    return replace(MANY, delay_hours=hours, days=4.0)


def test_conversions_come_as_late_as_was_said_and_never_after_the_end():
    crowd = Crowd.of(late(24), 7)
    delays = [
        (at - int(crowd.at[number])) / 3_600_000
        for number in range(len(crowd) // 10)
        if (at := crowd.converted_at(number, 2)) is not None
    ]
    assert np.mean(delays) == pytest.approx(24, rel=0.2)
    known = [crowd.converted_at(number, 2) for number in range(len(crowd))]
    assert max(at for at in known if at is not None) <= crowd.ends_at


@pytest.mark.parametrize("scenario", [MANY, late(24), replace(late(10), drift="rising")])
def test_what_an_even_split_brings_is_what_all_arms_bring_on_average(scenario: AllocationScenario):
    crowds = [Crowd.of(scenario, seed) for seed in range(3)]
    brought = [sum(share_converting(crowd, arm) for arm in range(4)) / 4 * len(crowd) for crowd in crowds]
    assert np.mean(brought) == pytest.approx(crowds[0].even_split, rel=0.02)


def test_only_the_best_arm_loses_nothing():
    crowd = Crowd.of(HEADLINE, 1)
    lost = [crowd.lost(np.full(len(crowd), arm)) for arm in range(4)]
    assert lost == pytest.approx([6000 * (0.1 - rate) for rate in HEADLINE.rates])
