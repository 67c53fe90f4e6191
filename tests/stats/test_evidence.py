import math

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.evidence import (
    EVIDENCE_SPREAD,
    LIFT_SPREAD,
    Stratum,
    evidence,
    evidence_better,
    lift_posterior,
)


def even(conversions_a, conversions_b):
    return [Stratum(5000, 5000, conversions_a, conversions_b)]


SOME = [
    even(0, 1),
    even(3, 1),
    even(12, 3),
    even(50, 90),
    even(5000, 5010),
    even(500_000, 501_000),
    [Stratum(5000, 5000, 8, 9), Stratum(2000, 8000, 11, 70), Stratum(9900, 100, 40, 3)],
]

strata = st.lists(
    st.builds(Stratum, st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 500), st.integers(0, 500)),
    max_size=6,
)


def likelihood_ratio(each, d):
    """exp L(d), visitor by visitor: the tilted chance of what was seen over the planned one."""
    out = mpmath.mpf(1)
    for stratum in each:
        pi = mpmath.mpf(stratum.weight_b) / (stratum.weight_a + stratum.weight_b)
        tilted = pi * mpmath.exp(d) / (1 - pi + pi * mpmath.exp(d))
        out *= (tilted / pi) ** stratum.conversions_b
        out *= ((1 - tilted) / (1 - pi)) ** stratum.conversions_a
    return out


def integral(each, spread, low, high):
    """Of the mixture between two values of d, by mpmath, cut up around the observed log ratio."""
    observed = math.log((sum(s.conversions_b for s in each) + 6) / (sum(s.conversions_a for s in each) + 6))
    width = 2 / math.sqrt(sum(s.conversions_a + s.conversions_b for s in each) + 25)
    cuts = [observed + width * step for step in (-12, -6, -3, -1, 0, 1, 3, 6, 12)]
    cuts = [-3, *sorted(c for c in [*cuts, 0] if -3 < c < 3), 3]
    cuts = [low, *(c for c in cuts if low < c < high), high]
    return mpmath.quad(lambda d: likelihood_ratio(each, d) * mpmath.npdf(d, 0, spread), cuts)


@pytest.mark.parametrize("each", SOME)
def test_evidence_agrees_with_mpmath(each):
    with mpmath.workdps(25):
        two_sided = float(mpmath.log(integral(each, EVIDENCE_SPREAD, -5, 5)))
        one_sided = float(mpmath.log(2 * integral(each, EVIDENCE_SPREAD, 0, 5)))
    assert evidence(each) == pytest.approx(two_sided, abs=1e-10)
    assert evidence_better(each) == pytest.approx(one_sided, abs=1e-10)


@pytest.mark.parametrize("each", SOME)
def test_lift_posterior_agrees_with_mpmath(each):
    lift = lift_posterior(each)
    low, high = lift.interval_95
    with mpmath.workdps(25):
        total = integral(each, LIFT_SPREAD, -5, 5)
        better = float(integral(each, LIFT_SPREAD, 0, 5) / total)
        below_low = float(integral(each, LIFT_SPREAD, -5, low) / total)
        below_high = float(integral(each, LIFT_SPREAD, -5, high) / total)
        within = float(integral(each, LIFT_SPREAD, mpmath.mpf(-0.05), mpmath.mpf(0.05)) / total)
    assert lift.p_better == pytest.approx(better, abs=1e-10)
    assert (below_low, below_high) == pytest.approx((0.025, 0.975), abs=1e-10)
    assert lift.probability_within(-0.05, 0.05) == pytest.approx(within, abs=1e-10)


def test_no_conversions_are_no_evidence_and_leave_the_prior():
    assert evidence([]) == evidence_better([]) == evidence(even(0, 0)) == 0.0
    lift = lift_posterior(even(0, 0))
    assert lift.p_better == pytest.approx(0.5, abs=1e-14)
    assert lift.quantile(0.975) == pytest.approx(scipy.stats.norm.ppf(0.975) * LIFT_SPREAD, rel=1e-10)
    assert lift.probability_below(0.1) == pytest.approx(scipy.stats.norm.cdf(0.1 / LIFT_SPREAD), rel=1e-12)
    assert (lift.probability_below(-9), lift.probability_below(9)) == (0.0, 1.0)


def test_one_conversion_against_none_is_close_to_a_coin_flip():
    assert 0.55 < lift_posterior(even(0, 1)).p_better < 0.56


@pytest.mark.parametrize("counts", [(10**6, 0), (0, 10**6), (10**6, 10**6), (3, 10**6), (10**7, 10**7)])
def test_a_million_conversions_are_as_good_as_one(counts):
    lift = lift_posterior(even(*counts))
    low, high = lift.interval_95
    assert -math.inf < low < high < math.inf
    assert 0 <= lift.p_better <= 1
    assert math.isfinite(evidence(even(*counts)))
    assert math.isfinite(evidence_better(even(*counts)))
    if min(counts) > 1000:
        # With this much data the prior has gone: a normal curve of variance 1/a + 1/b.
        assert high - low == pytest.approx(2 * 1.96 * math.sqrt(1 / counts[0] + 1 / counts[1]), rel=1e-3)


def test_an_allocation_without_a_weight_for_both_arms_says_nothing():
    silent = [Stratum(10_000, 0, 50, 0), Stratum(0, 10_000, 0, 70), Stratum(0, 0, 0, 0)]
    assert evidence(silent) == 0.0
    assert evidence(even(3, 9) + silent) == evidence(even(3, 9))
    assert lift_posterior(even(3, 9) + silent).p_better == lift_posterior(even(3, 9)).p_better


def test_a_ratio_that_only_the_weights_made_is_no_difference():
    # 90 conversions against 10 where nine in ten visitors were sent to b.
    assert evidence([Stratum(1000, 9000, 10, 90)]) < 0
    assert lift_posterior([Stratum(1000, 9000, 10, 90)]).p_better == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("weights", [(5000, 5000), (2000, 8000), (9990, 10)])
@pytest.mark.parametrize("e_value", [evidence, evidence_better])
def test_the_mean_of_the_e_value_without_a_difference_is_1(weights, e_value):
    conversions = 60
    in_b = scipy.stats.binom(conversions, weights[1] / sum(weights))
    mean = sum(
        in_b.pmf(s) * math.exp(e_value([Stratum(*weights, conversions - s, s)]))
        for s in range(conversions + 1)
    )
    assert mean == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("worse", [0.5, 0.8, 0.95])
def test_the_mean_of_the_one_sided_e_value_is_below_1_when_b_is_worse(worse):
    in_b = scipy.stats.binom(60, worse / (1 + worse))
    mean = sum(in_b.pmf(s) * math.exp(evidence_better(even(60 - s, s))) for s in range(61))
    assert mean < 1


@given(strata)
def test_two_sided_evidence_is_the_mean_of_better_and_worse(each):
    swapped = [Stratum(s.weight_b, s.weight_a, s.conversions_b, s.conversions_a) for s in each]
    mean = np.logaddexp(evidence_better(each), evidence_better(swapped)) - math.log(2)
    assert evidence(each) == pytest.approx(mean, rel=1e-10, abs=1e-9)


@given(strata)
def test_swapping_the_arms_turns_the_lift_around(each):
    swapped = [Stratum(s.weight_b, s.weight_a, s.conversions_b, s.conversions_a) for s in each]
    there, back = lift_posterior(each), lift_posterior(swapped)
    assert there.p_better + back.p_better == pytest.approx(1, abs=1e-10)
    assert there.quantile(0.1) == pytest.approx(-back.quantile(0.9), abs=1e-9)


@given(strata)
def test_quantiles_are_where_the_probability_below_says(each):
    lift = lift_posterior(each)
    for q in (0.001, 0.1, 0.5, 0.9, 0.999):
        assert lift.probability_below(lift.quantile(q)) == pytest.approx(q, abs=1e-10)
    assert lift.probability_below(0.0) == pytest.approx(1 - lift.p_better, abs=1e-10)


@given(strata)
def test_losses_differ_by_the_mean_lift(each):
    lift = lift_posterior(each)
    mean = float(np.sum(lift.masses * np.expm1(lift.mesh.nodes)))
    assert lift.loss_of_a >= 0
    assert lift.loss_of_b >= 0
    assert lift.loss_of_a - lift.loss_of_b == pytest.approx(mean, rel=1e-9, abs=1e-12)


@given(
    st.integers(1, 9999), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5)
)
def test_cutting_an_allocation_into_pieces_changes_nothing(weight, pieces):
    whole = [Stratum(10_000 - weight, weight, sum(a for a, _ in pieces), sum(b for _, b in pieces))]
    cut = [Stratum(10_000 - weight, weight, a, b) for a, b in pieces]
    assert evidence(cut) == pytest.approx(evidence(whole), abs=1e-10)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        Stratum(5000, 5000, -1, 3)
    with pytest.raises(ValueError, match="spread"):
        evidence(even(1, 2), spread=0)
    with pytest.raises(ValueError, match="inside 0 and 1"):
        lift_posterior([]).quantile(1.0)
