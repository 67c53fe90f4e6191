"""Whether what came in can be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments.observed import START, WEEK, running, tallies
from vibevariant.experiments.data_health import data_health, visitors_per_week
from vibevariant.experiments.observations import HourCount, Observations
from vibevariant.experiments.tallies import HOUR
from vibevariant.stats.delay import DelayCounts
from vibevariant.stats.silence import Arrivals

FIRST = START // HOUR


def judged(observed: Observations, window: int | None = None):
    hero = running()
    goal = replace(hero.primary_goal, window_hours=window)
    return data_health(hero, observed, goal)


def test_traffic_is_that_of_the_last_seven_days() -> None:
    hours = [HourCount(FIRST + n, 10 if n < 168 else 4, 0) for n in range(336)]
    assert visitors_per_week(hours, START, START + 2 * WEEK - 1) == pytest.approx(4 * 168, rel=0.02)
    assert visitors_per_week(hours[:168], START, START + WEEK - 1) == pytest.approx(10 * 168, rel=0.02)


def test_the_first_hours_are_taken_as_a_day() -> None:
    assert visitors_per_week([HourCount(FIRST, 48, 0)], START, START) == 7 * 48
    assert visitors_per_week([], START, START) is None
    assert visitors_per_week([HourCount(FIRST, 48, 0)], None, START) is None
    assert visitors_per_week([HourCount(FIRST, 48, 0)], START, START + 3 * WEEK) is None


def test_what_was_left_out_is_told_as_a_share() -> None:
    health = judged(Observations((), arrivals=Arrivals(70, 20, 10)))
    assert health.share_left_out == pytest.approx(0.3)
    assert (health.silence, health.delay, health.unreached, health.notes) == (None, None, (), ())


def test_a_goal_that_nobody_has_reached_is_named() -> None:
    assert judged(Observations(tallies([(50, 3), (50, 0)]))).unreached == ("purchase",)
    assert judged(Observations(tallies([(50, 0), (50, 0)]))).unreached == ("signup", "purchase")


def late(slow: bool) -> list[DelayCounts]:
    """Two arms of 960 visitors each, ten in every hour, of whom a tenth convert, after about two or six hours."""
    quick = [20, 30, 20, 10, 5, 3, 2, 2, 1, 1]
    late_ = [2, 4, 6, 8, 10, 12, 14, 12, 10, 8]
    return [DelayCounts([10] * 96, quick), DelayCounts([10] * 96, late_ if slow else quick)]


def test_conversions_that_are_still_to_come_count_the_young_visitors_for_less() -> None:
    health = judged(Observations(tallies([(960, 94), (960, 94)]), delays=late(slow=False)))
    assert health.delay is not None
    assert 1 < health.delay.median_hours < 3
    assert health.delay.median_hours < health.delay.slow_hours < 10
    for arm in health.delay.arms:
        assert 900 < arm.effective_visitors < 960
        assert arm.rate == pytest.approx(94 / arm.effective_visitors)


def test_arms_whose_conversions_come_later_are_named_with_a_window_that_would_be_fair() -> None:
    (note,) = judged(Observations(tallies([(960, 94), (960, 86)]), delays=late(slow=True))).notes
    assert note.startswith("Conversions of Page 1 come later than those of Page 0")
    assert "Give the goal a window of" in note
    assert not judged(Observations(tallies([(960, 94), (960, 86)]), delays=late(slow=True)), window=12).notes


def test_conversions_that_come_at_once_are_nothing_to_wait_for() -> None:
    delays = [DelayCounts([10] * 24, [30, 1, 0]), DelayCounts([10] * 24, [30, 1, 0])]
    assert judged(Observations(tallies([(240, 31), (240, 31)]), delays=delays)).delay is None


def test_visitors_whose_window_is_open_are_counted_and_said_to_be_waited_for() -> None:
    all_, matured = tallies([(100, 5), (100, 6)]), tallies([(60, 4), (55, 3)])
    (note,) = judged(Observations(all_, matured={1: matured}), window=24).notes
    assert note.startswith("85 visitors may still reach 'signup'")
    assert not judged(Observations(all_, matured={1: all_}), window=24).notes
