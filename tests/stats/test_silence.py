import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.silence import SILENT_AT, Arrivals, silence

hours = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=50)


def test_a_goal_of_every_twentieth_visitor_is_missed_after_three_hundred():
    steady = silence([100] * 24, [5] * 24)
    assert (steady.last_seen, steady.since, steady.is_silent) == (23, 0, False)
    quiet = silence([100] * 24 + [100], [5] * 24 + [0])
    assert (quiet.since, quiet.expected, quiet.is_silent) == (100, 5, False)
    silent = silence([100] * 24 + [100] * 3, [5] * 24 + [0] * 3)
    assert (silent.last_seen, silent.expected, silent.is_silent) == (23, 15, True)


def test_a_night_without_visitors_is_no_silence():
    night = silence([100] * 24 + [0] * 100, [5] * 24 + [0] * 100)
    assert (night.since, night.expected, night.is_silent) == (0, 0, False)


def test_a_goal_that_never_fired_has_not_gone_silent():
    never = silence([1000] * 9, [0] * 9)
    assert (never.last_seen, never.since, never.probability, never.is_silent) == (None, 9000, 1.0, False)
    assert silence([], []).last_seen is None


def test_a_single_event_long_ago_is_no_rate():
    # One event among the first 100 visitors says little of the next 2,000, although "20 were expected".
    once = silence([100] * 21, [1] + [0] * 20)
    assert once.expected == 20
    assert not once.is_silent


def test_its_chance_bounds_the_exact_one_and_is_poissons_for_many_events():
    fired, before, since = 200, 4000, 160
    exact = scipy.stats.hypergeom(before + since, fired, since).pmf(0)
    ours = silence([before, since], [fired, 0]).probability
    assert exact <= ours / fired
    assert ours / fired == pytest.approx(exact, rel=0.25)
    assert ours / fired == pytest.approx(math.exp(-fired * since / before), rel=0.25)


def test_under_constant_checking_hardly_a_steady_goal_is_ever_called_silent():
    rng = np.random.default_rng(81)
    alarms = 0
    for _ in range(300):
        visitors, events = rng.poisson(20, 400), []
        events = rng.binomial(visitors, 0.05)
        alarms += any(
            silence(visitors[:hour].tolist(), events[:hour].tolist()).is_silent for hour in range(5, 401, 5)
        )
    assert alarms <= 2


@given(hours)
def test_any_hours_give_a_probability(each):
    ours = silence([v for v, _ in each], [e for _, e in each])
    assert 0 <= ours.probability <= 1
    assert ours.is_silent == (ours.probability < SILENT_AT)
    assert math.isfinite(ours.expected)


@given(hours, st.integers(1, 1000))
def test_a_silence_grows_more_telling_with_every_visitor(each, more):
    visitors, events = [v for v, _ in each], [e for _, e in each]
    now, later = silence(visitors, events), silence([*visitors, more], [*events, 0])
    assert later.probability <= now.probability
    assert later.last_seen == now.last_seen


def test_what_was_left_out_is_a_share_of_all_that_came_in():
    assert Arrivals(80, 15, 5).share_left_out == 0.2
    assert Arrivals(0, 0, 0).share_left_out is None
    with pytest.raises(ValueError, match="never negative"):
        Arrivals(1, -1, 0)


def test_hours_that_cannot_be_are_refused():
    for bad in (([1], []), ([1], [-1])):
        with pytest.raises(ValueError, match="every hour"):
            silence(*bad)
