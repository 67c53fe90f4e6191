import math

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from vibevariant.stats.priors import SpreadPrior
from vibevariant.stats.values import TIGHTEST_AT, ValueCounts, compare_values, value_cap

EVEN = (5000, 5000)


def shop(rng, exposed, buy_rate=0.05, mean_log=3.4, sigma=1.2):
    """What the buyers among so many visitors spent."""
    return rng.lognormal(mean_log, sigma, rng.binomial(exposed, buy_rate))


def covers(interval, truth):
    return interval[0] <= truth <= interval[1]


@pytest.fixture(scope="module")
def some():
    rng = np.random.default_rng(71)
    return [ValueCounts(EVEN, (2000, 1900), (shop(rng, 2000), shop(rng, 1900, mean_log=3.6)))]


def capped(counts, cap):
    """Every visitor's value, zeros too."""
    return [
        np.concatenate((np.minimum(sums, cap), np.zeros(n - len(sums))))
        for n, sums in zip(counts.exposed, counts.sums, strict=True)
    ]


def test_the_cap_is_the_quantile_over_all_visitors(some):
    everybody = np.concatenate(capped(some[0], np.inf))
    assert value_cap(some) == pytest.approx(np.quantile(everybody, 0.995), rel=0.02)
    seen = compare_values(some, 0, 1)
    assert seen.cap == value_cap(some)
    assert seen.a.capped + seen.b.capped == np.count_nonzero(everybody > seen.cap)


def test_where_few_buy_the_cap_still_leaves_nine_buyers_of_ten_alone():
    rare = [ValueCounts(EVEN, (100_000, 100_000), (list(range(1, 51)), list(range(51, 101))))]
    seen = compare_values(rare, 0, 1)
    assert seen.a.capped + seen.b.capped == 10
    assert value_cap([ValueCounts(EVEN, (5, 5), ((), ()))]) is None


def test_the_interval_is_welchs(some):
    seen = compare_values(some, 0, 1)
    a, b = capped(some[0], seen.cap)
    theirs = scipy.stats.ttest_ind(b, a, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    assert seen.interval_95 == pytest.approx((low, high), rel=1e-9)
    assert seen.difference / seen.standard_error == pytest.approx(theirs.statistic, rel=1e-9)
    assert (seen.a.mean, seen.b.mean) == pytest.approx((a.mean(), b.mean()), rel=1e-12)


def test_the_lift_is_fiellers_likelihood_times_the_prior(some):
    prior = SpreadPrior((0.05, 0.2, 0.4), (0.5, 0.3, 0.2))
    seen = compare_values(some, 0, 1, prior)
    m_a, m_b = seen.a.mean, seen.b.mean
    v_a, v_b = seen.a.standard_error**2, seen.b.standard_error**2

    def weight(d):
        r = mpmath.exp(d)
        before = sum(
            chance * mpmath.npdf(d, 0, math.sqrt(2) * spread)
            for spread, chance in zip(prior.spreads, prior.weights, strict=True)
        )
        return mpmath.exp(-((m_b - r * m_a) ** 2) / (2 * (v_b + r * r * v_a))) * before

    cuts = [-3, -1, -0.5, -0.2, 0, 0.2, 0.5, 1, 3]
    total = mpmath.quad(weight, cuts)
    assert seen.lift.p_better == pytest.approx(float(mpmath.quad(weight, cuts[4:]) / total), abs=1e-9)
    below = mpmath.quad(weight, [-3, -1, -0.5, 0, seen.lift.quantile(0.8)]) / total
    assert float(below) == pytest.approx(0.8, abs=1e-9)


def test_what_a_visitor_brings_is_the_share_who_buy_times_what_they_spend(some):
    for allocations in (some, [*some, ValueCounts((2000, 8000), (500, 2000), ([9.0] * 30, [8.0] * 90))]):
        for arm in (compare_values(allocations, 0, 1).a, compare_values(allocations, 0, 1).b):
            assert arm.mean == pytest.approx(arm.buy_rate * arm.order_value, rel=1e-12)
    assert compare_values(some, 0, 1).a.buy_rate == len(some[0].sums[0]) / 2000


@pytest.mark.parametrize("exposed", [500, 2000])
def test_without_a_difference_95_intervals_of_100_hold_0(exposed):
    rng = np.random.default_rng(72)
    seen = [
        compare_values(
            [ValueCounts(EVEN, (exposed, exposed), (shop(rng, exposed), shop(rng, exposed)))], 0, 1
        )
        for _ in range(400)
    ]
    # One shop in a thousand of the small ones has fewer than 30 buyers.
    seen = [each for each in seen if each.reason is None]
    held = np.mean([covers(each.interval_95, 0) for each in seen])
    assert len(seen) > 390
    assert 0.925 <= held <= 0.975
    assert np.mean([covers(each.lift.interval_95, 0) for each in seen]) >= held


def test_a_third_of_the_width_is_saved_by_the_cap():
    rng = np.random.default_rng(73)
    ratios = []
    for _ in range(60):
        counts = ValueCounts(EVEN, (2000, 2000), (shop(rng, 2000), shop(rng, 2000)))
        low, high = compare_values([counts], 0, 1).interval_95
        a, b = capped(counts, np.inf)
        ratios.append((high - low) / (2 * 1.96 * math.sqrt(a.var() / 2000 + b.var() / 2000)))
    assert 0.45 < np.median(ratios) < 0.7


def test_the_interval_that_always_holds_is_the_normal_mixture(some):
    seen = compare_values(some, 0, 1)
    t = 3900
    rho2 = (-2 * math.log(0.05) + math.log(-2 * math.log(0.05) + 1)) / TIGHTEST_AT
    sigma = seen.standard_error * math.sqrt(t)
    half = sigma * math.sqrt(2 * (t * rho2 + 1) / (t**2 * rho2) * math.log(math.sqrt(t * rho2 + 1) / 0.05))
    assert seen.interval_always == pytest.approx((seen.difference - half, seen.difference + half), rel=1e-12)


def test_looking_twenty_times_it_still_holds_where_one_look_does_not():
    rng = np.random.default_rng(74)
    tests, one_look, always = 120, 0, 0
    for _ in range(tests):
        sums = [[], []]
        missed = [False, False]
        for look in range(1, 21):
            for arm in (0, 1):
                sums[arm] = np.concatenate((sums[arm], shop(rng, 500)))
            seen = compare_values([ValueCounts(EVEN, (500 * look, 500 * look), sums)], 0, 1)
            missed[0] |= not covers(seen.interval_95, 0)
            missed[1] |= not covers(seen.interval_always, 0)
        one_look += missed[0]
        always += missed[1]
    assert always <= 0.05 * tests
    assert one_look >= 0.12 * tests


def test_under_several_allocations_the_time_is_adjusted_for():
    # Equal arms, three times as many buyers in the end, when most visitors get b.
    rng = np.random.default_rng(75)
    tests, held, naive, lifts = 150, 0, 0, 0
    for _ in range(tests):
        each = []
        for share, rate in ((0.2, 0.03), (0.4, 0.05), (0.6, 0.07), (0.85, 0.09)):
            n_b = int(rng.binomial(1500, share))
            weights = (round(10_000 * (1 - share)), round(10_000 * share))
            each.append(
                ValueCounts(weights, (1500 - n_b, n_b), (shop(rng, 1500 - n_b, rate), shop(rng, n_b, rate)))
            )
        seen = compare_values(each, 0, 1)
        held += covers(seen.interval_95, 0)
        lifts += covers(seen.lift.interval_95, 0)
        together = ValueCounts(
            EVEN,
            [sum(one.exposed[arm] for one in each) for arm in (0, 1)],
            [np.concatenate([one.sums[arm] for one in each]) for arm in (0, 1)],
        )
        naive += covers(compare_values([together], 0, 1).interval_95, 0)
    assert 0.91 <= held / tests <= 0.99
    assert lifts >= held
    assert naive <= 0.5 * tests


def test_a_dozen_buyers_say_nothing_of_money():
    few = compare_values([ValueCounts(EVEN, (500, 500), ([10.0] * 15, [12.0] * 14))], 0, 1)
    assert (few.reason, few.difference, few.interval_95, few.interval_always, few.lift) == (
        "too few buyers",
        *[None] * 4,
    )
    assert (few.a.mean, few.a.buyers) == (0.3, 15)
    lopsided = [ValueCounts(EVEN, (500, 500), ([10.0] * 9, [12.0] * 90))]
    assert compare_values(lopsided, 0, 1).reason == "too few buyers"


def test_what_is_undefined_says_why():
    assert compare_values([], 0, 1).reason == "no visitors"
    everybody_alike = [ValueCounts(EVEN, (50, 50), ([1.0] * 50, [1.0] * 50))]
    assert compare_values(everybody_alike, 0, 1).reason == "no variation"
    refunds = compare_values([ValueCounts(EVEN, (100, 100), ([-5.0] * 30, [4.0] * 30))], 0, 1)
    assert refunds.difference == pytest.approx(2.7)
    assert refunds.lift is None


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="more buyers"):
        ValueCounts(EVEN, (1, 1), ([1.0, 2.0], []))
    with pytest.raises(ValueError, match="every arm"):
        ValueCounts(EVEN, (1, 1), ([1.0],))


buyers = st.lists(st.floats(0.01, 1e6), max_size=60)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(buyers, buyers, st.integers(0, 10**6), st.integers(0, 10_000)), max_size=3))
def test_any_sums_give_numbers_or_a_reason(each):
    allocations = [
        ValueCounts((10_000 - weight, weight), (len(a) + more, len(b) + more), (a, b))
        for a, b, more, weight in each
    ]
    there, back = compare_values(allocations, 0, 1), compare_values(allocations, 1, 0)
    assert (there.difference is None) == (there.reason is not None)
    assert there.reason == back.reason
    if there.difference is not None:
        assert there.difference == pytest.approx(-back.difference, rel=1e-6, abs=1e-9)
        assert 0 < there.standard_error < math.inf
        low, high = there.interval_always
        assert low < there.interval_95[0] < there.interval_95[1] < high
        if there.lift is not None:
            assert there.lift.p_better + back.lift.p_better == pytest.approx(1, abs=1e-6)
