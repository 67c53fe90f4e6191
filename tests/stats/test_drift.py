import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2

from tests.stats.bandit import drifting_bandits
from vibevariant.stats.drift import MIX_CHANGED, mantel_haenszel, naive_ratio, traffic_mix

EVEN = (5000, 5000)
# The same rates in both arms throughout: 2 % first, 8 % later, when most visitors get b.
SIMPSON = [((8000, 2000), (8000, 2000), (160, 40)), ((2000, 8000), (2000, 8000), (160, 640))]
SOME = [
    ((8000, 2000), (810, 190), (31, 12)),
    ((5000, 5000), (240, 260), (6, 11)),
    ((1000, 9000), (95, 905), (9, 88)),
]

counted = st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
allocations = st.lists(
    st.tuples(counted, counted).map(lambda ab: (EVEN, (ab[0][0], ab[1][0]), (ab[0][1], ab[1][1]))), max_size=6
)


def tables(each):
    """Of b over a, as statsmodels wants them: arm, outcome, stratum."""
    return np.array([[[s[1], n[1] - s[1]], [s[0], n[0] - s[0]]] for _, n, s in each], dtype=float).transpose(
        1, 2, 0
    )


def covers(interval, truth):
    return interval[0] <= truth <= interval[1]


@pytest.mark.parametrize("each", [SOME, SIMPSON, SOME[:1], SOME + SIMPSON])
def test_the_ratio_is_that_of_statsmodels(each):
    ours = mantel_haenszel(each, 0, 1)
    assert math.exp(ours.log_ratio) == pytest.approx(
        StratifiedTable(tables(each)).riskratio_pooled, rel=1e-12
    )


def test_with_one_stratum_both_are_the_textbook_risk_ratio():
    table = Table2x2(tables(SOME[:1])[:, :, 0])
    for ours in (mantel_haenszel(SOME[:1], 0, 1), naive_ratio(SOME[:1], 0, 1)):
        assert ours.log_ratio == pytest.approx(table.log_riskratio, rel=1e-12)
        assert ours.standard_error == pytest.approx(table.log_riskratio_se, rel=1e-12)
        assert ours.interval_95 == pytest.approx(table.log_riskratio_confint(), rel=1e-9)


def test_the_standard_error_is_how_much_the_ratio_varies():
    rng = np.random.default_rng(5)
    rates = [(0.05, 0.07), (0.1, 0.14), (0.2, 0.28)]
    shown = [(900, 300), (500, 500), (200, 800)]
    found = []
    for _ in range(3000):
        each = [
            (EVEN, n, tuple(int(rng.binomial(n[k], p[k])) for k in range(2)))
            for n, p in zip(shown, rates, strict=True)
        ]
        found.append(mantel_haenszel(each, 0, 1))
    assert np.std([one.log_ratio for one in found]) == pytest.approx(
        np.mean([one.standard_error for one in found]), rel=0.05
    )


def test_arms_that_met_different_traffic_are_compared_within_it():
    mix = traffic_mix(SIMPSON, 0, 1)
    assert math.exp(mix.naive.log_ratio) == pytest.approx(2.125)
    assert mix.adjusted.log_ratio == pytest.approx(0, abs=1e-12)
    assert mix.changed
    assert mix.note == MIX_CHANGED


def test_traffic_that_stood_still_is_not_said_to_have_changed():
    steady = [((8000, 2000), (8000, 2000), (400, 100)), ((2000, 8000), (2000, 8000), (100, 400))]
    mix = traffic_mix(steady, 0, 1)
    assert not mix.changed
    assert mix.note is None
    assert mix.z_score == pytest.approx(0, abs=1e-9)


def test_a_single_allocation_needs_no_adjustment():
    mix = traffic_mix(SOME[:1], 0, 1)
    assert mix.naive == mix.adjusted
    assert (mix.z_score, mix.changed) == (0.0, False)


def test_under_a_bandit_and_a_rate_that_triples_only_the_stratified_interval_holds_the_truth():
    rng = np.random.default_rng(31)
    tests = 200
    mixes = [
        traffic_mix(each, 0, 1) for each in drifting_bandits(rng, tests, np.linspace(0.03, 0.09, 100), 1)
    ]
    assert sum(covers(mix.adjusted.interval_95, 0) for mix in mixes) >= 0.90 * tests
    assert sum(covers(mix.naive.interval_95, 0) for mix in mixes) <= 0.30 * tests
    assert sum(mix.changed for mix in mixes) >= 0.85 * tests


def test_under_a_bandit_and_steady_traffic_a_change_is_seldom_seen():
    rng = np.random.default_rng(32)
    tests = 200
    mixes = [traffic_mix(each, 0, 1) for each in drifting_bandits(rng, tests, np.full(100, 0.05), 1)]
    assert sum(mix.changed for mix in mixes) <= 0.11 * tests
    assert sum(covers(mix.adjusted.interval_95, 0) for mix in mixes) >= 0.90 * tests


@given(allocations)
def test_any_counts_give_numbers_or_a_reason(each):
    mix = traffic_mix(each, 0, 1)
    for ratio in (mix.naive, mix.adjusted):
        given_numbers = (ratio.log_ratio, ratio.standard_error, ratio.interval_95)
        assert all((number is None) == (ratio.reason is not None) for number in given_numbers)
        assert ratio.standard_error is None or 0 < ratio.standard_error < math.inf
    assert mix.z_score is None or math.isfinite(mix.z_score)


@given(allocations)
def test_swapping_the_arms_turns_the_ratio_around_and_the_order_of_allocations_is_irrelevant(each):
    there, back = mantel_haenszel(each, 0, 1), mantel_haenszel(each[::-1], 1, 0)
    assert there.reason == back.reason
    if there.log_ratio is not None:
        assert there.log_ratio == pytest.approx(-back.log_ratio, abs=1e-9)
        assert there.standard_error == pytest.approx(back.standard_error, rel=1e-9)


def test_what_is_undefined_says_why():
    assert naive_ratio([], 0, 1).reason == "no visitors"
    assert mantel_haenszel([(EVEN, (50, 0), (3, 0)), (EVEN, (0, 50), (0, 3))], 0, 1).reason == "no visitors"
    assert mantel_haenszel([(EVEN, (50, 50), (0, 1))], 0, 1).reason == "no conversions"
    assert mantel_haenszel([(EVEN, (50, 50), (50, 50))], 0, 1).reason == "no variation"


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="cannot be"):
        naive_ratio([(EVEN, (5, 5), (6, 1))], 0, 1)
