"""Which rates are shown: raw as long as shares stood still, and had everyone seen each arm where they did not."""

from __future__ import annotations

import pytest

from tests.experiments.observed import START, read, running, tallies
from vibevariant.experiments.experiment import WHOLE
from vibevariant.experiments.lifecycle import pause, reallocate, resume
from vibevariant.experiments.rate_results import TOO_FEW_TO_ADJUST, WHY_ADJUSTED


def moved(first: tuple[int, int] = (5000, 5000), then: tuple[int, int] = (2000, 8000)):
    return reallocate(
        reallocate(running(), first, WHOLE, START + 1, "x", "x"), then, WHOLE, START + 2, "refresh", "x"
    )


def test_while_the_shares_stand_still_the_raw_rates_are_right() -> None:
    seen = read(running(), tallies([(1000, 30), (1000, 60)]))
    assert (seen.rates.method, seen.rates.note) == ("raw", None)
    assert [arm.rate for arm in seen.arms] == [0.03, 0.06]
    assert [arm.rate_95 for arm in seen.arms] == [arm.posterior.interval_95 for arm in seen.arms]
    paused = resume(pause(running(), START + 1, "x"), START + 2, "x")
    again = read(paused, tallies([(1000, 30), (1000, 60)]) + tallies([(1000, 30), (1000, 60)], allocation=3))
    assert again.rates.method == "raw"


def test_equal_arms_look_equal_though_most_visitors_of_one_came_when_more_converted() -> None:
    # Both convert at 3 % at first and at 9 % later, when arm 1 gets four of five visitors.
    counts = tallies([(2000, 60), (2000, 60)]) + tallies([(800, 72), (3200, 288)], allocation=2)
    seen = read(moved(), counts)
    assert (seen.rates.method, seen.rates.note) == ("adjusted", WHY_ADJUSTED)
    assert [arm.primary_conversion_rate for arm in seen.arms] == pytest.approx([132 / 2800, 348 / 5200])
    assert [arm.rate for arm in seen.arms] == pytest.approx([0.06, 0.06], abs=0.001)
    assert all(arm.rate_95[0] < 0.06 < arm.rate_95[1] for arm in seen.arms)
    (comparison,) = seen.comparisons
    assert comparison.difference.estimate > 0.019
    assert comparison.had_all_seen.mean == pytest.approx(0, abs=0.001)


def test_too_few_conversions_to_adjust_leave_the_raw_rates_with_a_warning() -> None:
    seen = read(moved(), tallies([(50, 1), (50, 2)]) + tallies([(20, 0), (80, 3)], allocation=2))
    assert (seen.rates.method, seen.rates.note) == ("raw", TOO_FEW_TO_ADJUST)
    assert [arm.rate for arm in seen.arms] == [arm.primary_conversion_rate for arm in seen.arms]
