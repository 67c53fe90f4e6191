"""Counts alone, read whole."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.allocation import TEN_THOUSANDTHS
from vibevariant.stats.analysis import analyse, observed_weights

EVEN = (5_000, 5_000)


def test_the_first_conversion_of_all_is_read_as_close_to_a_coin_flip():
    analysis = analyse(["control", "b"], 0, [(EVEN, (50, 50), (0, 1))])
    independent, calibrated = analysis.arms[1].p_best, analysis.arms[1].p_best_calibrated
    assert independent == pytest.approx(0.752475, abs=1e-6)  # what flat priors say
    assert 0.5 < calibrated < 0.56
    assert analysis.decision.status == "collecting"
    (pair,) = analysis.pairs
    assert pair.lift_95_anytime[1] is None  # nobody converted in the control: no lift is too large


def test_proof_needs_a_week_and_then_ships():
    counts = [(EVEN, (1_000, 1_000), (50, 110))]
    days = {day: analyse(["control", "b"], 0, counts, hours=24 * day).decision for day in (3, 14)}
    assert (days[3].status, days[3].reason) == ("keep testing", "weekend")
    assert (days[14].status, days[14].arm) == ("ship", "b")


def test_the_interval_that_survives_looking_leaves_out_no_difference_exactly_when_there_is_proof():
    for converted in range(50, 120, 5):
        (pair,) = analyse(["control", "b"], 0, [(EVEN, (1_000, 1_000), (50, converted))]).pairs
        low, high = pair.lift_95_anytime
        assert (low <= 0 <= high) == (pair.comparison.log_e < math.log(20))


def test_a_base_rate_that_triples_under_a_bandit_is_no_win():
    """One arm gets more visitors while everybody converts more: added up, it looks far better."""
    allocations = [
        ((5_000, 5_000), (1_000, 1_000), (30, 30)),
        ((2_000, 8_000), (400, 1_600), (36, 144)),
    ]
    analysis = analyse(["control", "b"], 0, allocations, hours=24 * 14)
    (pair,) = analysis.pairs
    assert pair.classical.z.significant
    assert pair.comparison.p_better == pytest.approx(0.5, abs=0.05)
    assert analysis.decision.status != "ship"


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=50))
def test_observed_weights_are_weights_and_cut_off_nobody_who_came(exposed):
    weights = observed_weights(exposed)
    assert sum(weights) == TEN_THOUSANDTHS
    assert all(weight > 0 for weight, shown in zip(weights, exposed, strict=True) if shown)


def test_observed_shares_make_no_proof_out_of_an_uneven_split():
    exposed, converted = (2_000, 1_000), (100, 50)
    read_even = analyse(["control", "b"], 0, [(EVEN, exposed, converted)]).pairs[0].comparison
    read_observed = analyse(["control", "b"], 0, [(observed_weights(exposed), exposed, converted)]).pairs[0]
    assert read_even.log_e > 3  # the mistake
    assert read_observed.comparison.log_e < 0.1
