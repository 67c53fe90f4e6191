import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from vibevariant.stats.delay import (
    DELAYS_DIFFER_AT,
    DelayCounts,
    delay_curve,
    delay_difference,
    delay_note,
    provisional_posterior,
    provisional_rate,
)
from vibevariant.stats.posterior import Beta

NOW = 200

histogram = st.lists(st.integers(0, 1000), max_size=12)
arms = st.lists(st.builds(DelayCounts, histogram, histogram), max_size=4)


def visitors(rng, count, rate, mean_delay, born):
    """Ages and the delays of those who will convert: what is seen of them now, and what will be in the end."""
    ages = NOW - born(count)
    delays = np.where(rng.random(count) < rate, rng.exponential(mean_delay, count), math.inf)
    return ages, delays


def counted(ages, delays):
    bins = np.arange(NOW + 1)
    seen = delays <= ages
    return DelayCounts(np.histogram(ages, bins)[0].tolist(), np.histogram(delays[seen], bins)[0].tolist())


def arms_of_a_bandit(rng, mean_a=30, mean_b=30):
    """5 % against 6.5 % with 20,000 visitors, of whom b gets more and more."""
    a = visitors(rng, 6000, 0.05, mean_a, lambda count: NOW * rng.beta(1, 1.5, count))
    b = visitors(rng, 14000, 0.065, mean_b, lambda count: NOW * rng.beta(1.5, 1, count))
    return counted(*a), counted(*b)


def test_rates_shown_are_within_a_hundredth_of_the_truth_where_plain_counts_are_a_fifth_below():
    rng = np.random.default_rng(41)
    shown, plain = [], []
    for _ in range(150):
        pair = arms_of_a_bandit(rng)
        effective = delay_curve(pair).effective_visitors(pair[1].ages)
        shown.append(provisional_rate(sum(pair[1].delays), effective))
        plain.append(sum(pair[1].delays) / sum(pair[1].ages))
    assert np.mean(shown) == pytest.approx(0.065, rel=0.01)
    assert np.mean(plain) < 0.054


def test_the_curve_is_kaplan_and_meiers():
    rng = np.random.default_rng(42)
    ages, delays = visitors(rng, 40_000, 0.05, 30, lambda count: NOW * rng.random(count))
    theirs = SurvfuncRight(np.minimum(ages, delays), delays <= ages)
    ours = delay_curve([counted(ages, delays)])
    reached = np.cumsum(ours.masses)
    survived = np.array([theirs.surv_prob[theirs.surv_times <= t].min() for t in (10, 30, 60, 150)])
    horizon = theirs.surv_prob[theirs.surv_times <= len(ours.masses)].min()
    # Theirs takes those who converted out of those at risk, a difference of the order of the rate.
    assert (1 - survived) / (1 - horizon) == pytest.approx(reached[[9, 29, 59, 149]], rel=0.02)


def test_when_everybody_has_had_the_time_everybody_counts():
    old = DelayCounts([0] * 50 + [1000], [30, 20, 10])
    curve = delay_curve([old])
    assert curve.effective_visitors(old.ages) == pytest.approx(1000)
    assert curve.masses[:3] == pytest.approx((0.5, 1 / 3, 1 / 6), rel=1e-12)
    assert sum(curve.masses) == pytest.approx(1, rel=1e-12)
    assert curve.quantile(0.5) == pytest.approx(1)


def test_a_visitor_of_this_very_moment_counts_for_almost_nothing():
    curve = delay_curve([DelayCounts([100] * 100, [5] * 50)])
    young, old = curve.effective_visitors([100]), curve.effective_visitors([0] * 99 + [100])
    assert 0 < young < 2
    assert old == pytest.approx(100)


def test_nothing_counts_after_the_goals_window():
    late = DelayCounts([10] * 100, [5] * 10 + [1] * 90)
    curve = delay_curve([late], window=10)
    assert len(curve.masses) == 10 or not any(curve.masses[10:])
    assert curve.effective_visitors([0] * 10 + [7]) == 7
    # Conversions after the window change nothing.
    assert curve == delay_curve([DelayCounts(late.ages, late.delays[:10])], window=10)


def test_a_conversion_among_the_last_old_visitors_does_not_bend_the_curve():
    ages, delays = [1000] * 50 + [0] * 49 + [1], [30] * 40
    steady = delay_curve([DelayCounts(ages, delays)])
    bent = delay_curve([DelayCounts(ages, [*delays, *[0] * 58, 1])])
    assert bent.masses == pytest.approx(steady.masses, rel=1e-12)


def test_few_conversions_say_nothing_of_delays_and_leave_every_visitor_whole():
    few = DelayCounts([50, 50], [10, 9])
    curve = delay_curve([few])
    assert curve.reason == "too few conversions"
    assert curve.effective_visitors(few.ages) == 100
    assert curve.quantile(0.5) is None
    assert delay_curve([]).reason == "no visitors"


@given(arms)
def test_any_histograms_give_a_share_between_none_and_all(each):
    curve = delay_curve(each)
    assert all(0 <= share <= 1 + 1e-12 for share in curve.arrived)
    assert list(curve.arrived) == sorted(curve.arrived)
    for arm in each:
        assert 0 <= curve.effective_visitors(arm.ages) <= sum(arm.ages) * (1 + 1e-12)


@given(arms)
def test_the_order_of_arms_is_irrelevant(each):
    assert delay_curve(each[::-1]).arrived == pytest.approx(delay_curve(each).arrived, rel=1e-12)


def test_late_conversions_are_allowed_for_in_the_posterior():
    assert provisional_posterior(5, 80.5) == Beta(6, 76.5)
    assert provisional_posterior(5, 3.0, Beta(1, 19)) == Beta(6, 19)
    assert provisional_rate(5, 3.0) == 1.0
    assert provisional_rate(0, 0.0) is None
    with pytest.raises(ValueError, match="cannot be"):
        provisional_posterior(-1, 3.0)
    with pytest.raises(ValueError, match="never negative"):
        DelayCounts([1], [-1])


def test_the_statistic_is_the_score_test_of_a_logistic_regression():
    a, b = arms_of_a_bandit(np.random.default_rng(43), mean_b=40)
    reach = [np.cumsum(arm.ages[::-1])[::-1] - np.array(arm.ages) / 2 for arm in (a, b)]
    converted = np.array([a.delays, b.delays])
    both = converted.sum(axis=0)
    used = both > 0
    model = sm.GLM(
        converted[::-1, used].T,
        np.ones((used.sum(), 1)),
        family=sm.families.Binomial(),
        offset=np.log(reach[1] / reach[0])[used],
    )
    rank = (np.cumsum(both) - both / 2)[used] / both.sum()
    theirs = model.fit(tol=1e-12).score_test(exog_extra=rank[:, None])[0]
    assert delay_difference(a, b).z_score ** 2 == pytest.approx(float(np.squeeze(theirs)), rel=1e-6)


def test_delays_three_times_as_long_are_noticed_and_equal_ones_are_not():
    rng = np.random.default_rng(44)
    same = [delay_difference(*arms_of_a_bandit(rng)) for _ in range(100)]
    slow = [delay_difference(*arms_of_a_bandit(rng, mean_b=90)) for _ in range(20)]
    assert sum(each.differs for each in same) <= 2
    assert np.std([each.z_score for each in same]) == pytest.approx(1, abs=0.2)
    assert all(each.differs and each.z_score > 0 for each in slow)


def test_a_note_names_the_slow_arm_and_a_window():
    a, b = arms_of_a_bandit(np.random.default_rng(45), mean_b=90)
    forth, back = delay_difference(a, b), delay_difference(b, a)
    note = delay_note(forth, "A", "B")
    assert note.startswith("Conversions of B come later than those of A")
    assert f"a window of {math.ceil(forth.window / 24)} days" in note
    assert delay_note(back, "B", "A") == note
    assert delay_note(delay_difference(a, a), "A", "A") is None
    assert "2 hours" in delay_note(forth, "A", "B", hours=2 / forth.window)


def test_delays_are_not_compared_without_conversions_in_both_arms():
    some, none = DelayCounts([50] * 9, [20] * 9), DelayCounts([50] * 9, [0] * 9)
    assert delay_difference(some, none).reason == "too few conversions"
    assert delay_difference(DelayCounts([], []), none).reason == "no visitors"
    at_once = DelayCounts([50] * 9, [20])
    assert delay_difference(at_once, at_once).z_score == 0


@given(arms)
def test_swapping_the_arms_turns_the_difference_around(each):
    if len(each) < 2:
        return
    there, back = delay_difference(each[0], each[1]), delay_difference(each[1], each[0])
    assert there.reason == back.reason
    if there.z_score is not None:
        assert there.z_score == pytest.approx(-back.z_score, abs=1e-6, rel=1e-6)
        assert there.differs == (abs(there.z_score) > DELAYS_DIFFER_AT)
