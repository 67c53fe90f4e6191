import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stats.bandit import drifting_bandits
from vibevariant.stats.aipw import (
    Batch,
    conversion_batches,
    counterfactual_difference,
    counterfactual_mean,
    counterfactual_rate,
)

EVEN = (5000, 5000)
SOME = [
    ((5000, 3000, 2000), (52, 29, 19), (5, 4, 2)),
    ((2000, 3000, 5000), (18, 33, 49), (2, 6, 9)),
    ((1000, 1000, 8000), (12, 9, 79), (3, 1, 15)),
]

counted = st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
allocations = st.lists(
    st.tuples(counted, counted, st.integers(0, 10_000)).map(
        lambda x: ((10_000 - x[2], x[2]), (x[0][0], x[1][0]), (x[0][1], x[1][1]))
    ),
    max_size=6,
)


def scores(each, arm, of):
    """Visitor by visitor: the regression, plus what the visitor brought beyond it over the propensity.

    `of` are the arms in question: what they bring on average is where the regression starts.
    """
    brought = [[[1.0] * s[k] + [0.0] * (n[k] - s[k]) for k in range(len(n))] for _, n, s in each]
    start = np.mean([y for batch in brought for k in of for y in batch[k]])
    out, before = [], []
    for (weights, _, _), batch in zip(each, brought, strict=True):
        m = (sum(before) + 20 * start) / (len(before) + 20)
        pi = weights[arm] / sum(weights)
        out += [m + (k == arm) * (y - m) / pi for k, ys in enumerate(batch) for y in ys]
        before += batch[arm]
    return np.array(out)


def covers(interval, truth):
    return interval[0] <= truth <= interval[1]


@pytest.mark.parametrize("arm", [0, 1, 2])
def test_the_sums_are_those_of_the_visitors_one_by_one(arm):
    each = scores(SOME, arm, [arm])
    ours = counterfactual_rate(SOME, arm)
    assert ours.mean == pytest.approx(each.mean(), rel=1e-12)
    assert ours.standard_error == pytest.approx(each.std(ddof=1) / math.sqrt(each.size), rel=1e-12)
    assert (ours.visitors, ours.left_out) == (300, 0)


def test_so_are_those_of_a_difference():
    each = scores(SOME, 2, [0, 2]) - scores(SOME, 0, [0, 2])
    ours = counterfactual_difference(conversion_batches(SOME), 0, 2)
    assert ours.mean == pytest.approx(each.mean(), rel=1e-12)
    assert ours.standard_error == pytest.approx(each.std(ddof=1) / math.sqrt(each.size), rel=1e-12)


def test_with_one_batch_and_the_planned_split_it_is_the_rate_as_counted():
    ours = counterfactual_rate([(EVEN, (1000, 1000), (50, 70))], 1)
    assert ours.mean == pytest.approx(0.07, rel=1e-12)
    # Knowing the rate beforehand leaves the variance of the visitors who saw the arm: p (1 - p) / n.
    assert ours.standard_error == pytest.approx(math.sqrt(0.07 * 0.93 / 1000), rel=1e-3)


def test_everyone_counts_alike_whichever_arm_they_saw():
    # 2 % in quiet hours, 8 % in busy ones; b was mostly seen in the latter, and counting says 6.8 %.
    each = [((8000, 2000), (8000, 2000), (160, 40)), ((2000, 8000), (2000, 8000), (160, 640))]
    for arm in (0, 1):
        assert counterfactual_rate(each, arm).mean == pytest.approx(0.05, rel=1e-9)


def test_under_a_bandit_and_a_rate_that_triples_the_intervals_hold_the_truth():
    rng = np.random.default_rng(33)
    tests, rates = 200, np.linspace(0.03, 0.09, 100)
    held = {"difference": 0, "rate": 0, "naive": 0}
    for each in drifting_bandits(rng, tests, rates, 1.3):
        difference = counterfactual_difference(conversion_batches(each), 0, 1)
        held["difference"] += covers(difference.interval_95, 0.3 * rates.mean())
        held["rate"] += covers(counterfactual_rate(each, 1).interval_95, 1.3 * rates.mean())
        n, s = (np.array([sum(batch[part][arm] for batch in each) for arm in (0, 1)]) for part in (1, 2))
        naive, error = s / n, 1.96 * math.sqrt((s / n * (1 - s / n) / n).sum())
        held["naive"] += covers(
            (naive[1] - naive[0] - error, naive[1] - naive[0] + error), 0.3 * rates.mean()
        )
    assert held["difference"] >= 0.90 * tests
    assert held["rate"] >= 0.90 * tests
    assert held["naive"] <= 0.60 * tests


def test_visitors_of_batches_without_the_arm_are_not_spoken_of():
    off = ((10_000, 0), (500, 0), (25, 0))
    on = (EVEN, (1000, 1000), (50, 70))
    ours = counterfactual_difference(conversion_batches([on, off]), 0, 1)
    assert (ours.visitors, ours.left_out) == (2000, 500)
    assert ours.mean == counterfactual_difference(conversion_batches([on]), 0, 1).mean


def test_values_are_taken_as_they_are():
    # Two visitors of b bought for 10 and 30, of 100; everything doubles with the currency.
    def shop(scale):
        return Batch(EVEN, (100, 100), (6, 6), (60 * scale, 120 * scale), (800 * scale**2, 3000 * scale**2))

    one, two = (counterfactual_difference([shop(scale)], 0, 1) for scale in (1, 2))
    assert one.mean == pytest.approx(0.6, rel=1e-9)
    assert (two.mean, two.standard_error) == pytest.approx((2 * one.mean, 2 * one.standard_error))


def test_more_of_the_same_narrows_the_interval():
    small, large = (
        counterfactual_rate([(EVEN, (1000 * k, 1000 * k), (50 * k, 50 * k))], 1).standard_error
        for k in (1, 4)
    )
    assert large == pytest.approx(small / 2, rel=1e-3)


@given(allocations)
def test_any_counts_give_numbers_or_a_reason(each):
    for ours in (
        counterfactual_rate(each, 1),
        counterfactual_mean(conversion_batches(each), 0),
        counterfactual_difference(conversion_batches(each), 0, 1),
    ):
        assert (ours.mean is None) == (ours.standard_error is None) == (ours.reason is not None)
        assert ours.standard_error is None or math.isfinite(ours.standard_error)
        assert ours.visitors + ours.left_out == sum(sum(shown) for _, shown, _ in each)
    rate = counterfactual_rate(each, 1)
    assert rate.mean is None or 0 <= rate.interval_95[0] <= rate.mean <= rate.interval_95[1] <= 1


@given(allocations)
def test_swapping_the_arms_turns_the_difference_around(each):
    batches = conversion_batches(each)
    there, back = counterfactual_difference(batches, 0, 1), counterfactual_difference(batches, 1, 0)
    assert there.reason == back.reason
    if there.mean is not None:
        assert there.mean == pytest.approx(-back.mean, rel=1e-9, abs=1e-12)


def test_what_is_undefined_says_why():
    assert counterfactual_rate([], 0).reason == "no visitors"
    assert counterfactual_rate([((10_000, 0), (50, 0), (9, 0))], 1).reason == "no visitors"
    assert counterfactual_rate([(EVEN, (50, 50), (9, 1))], 1).reason == "too few conversions"
    with pytest.raises(ValueError, match="another"):
        counterfactual_difference([], 1, 1)
