import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from vibevariant.stats.engagement import VisitorSignals, engagement, signal_table
from vibevariant.stats.laplace import contrasts
from vibevariant.stats.prior_shift import MOST_SURPRISING, PriorShift, no_shift, prior_shift
from vibevariant.stats.signal_weights import USUAL_WEIGHTS


def crowd(*counts, converts=False):
    """Of each arm, visitors who scrolled down and visitors who did not; of both a tenth may convert."""
    rows = []
    for arm, (deep, shallow) in enumerate(counts):
        for scroll, many in ((80, deep), (10, shallow)):
            of_these = many // 10 if converts else 0
            rows.append(VisitorSignals(arm, scroll=scroll, visitors=many - of_these))
            rows.append(VisitorSignals(arm, scroll=scroll, visitors=of_these, converted=True))
    return engagement(signal_table(rows), len(counts), USUAL_WEIGHTS)


@given(
    st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6),
    st.floats(0.01, 0.95), st.floats(0.02, 1), st.floats(0.02, 1),
)  # fmt: skip
def test_two_arms_are_shifted_by_the_closed_form(a, b, c, d, r, index_spread, spread):
    seen = crowd((a, b), (c, d))
    found = seen.difference(0, 1)
    t_c, t_e = math.sqrt(2) * spread, math.sqrt(2) * index_spread
    rest = t_e**2 + found.standard_error**2
    (in_a, in_b), sd = prior_shift(seen, r, index_spread, spread).at(spread)
    # Effects of two arms lie as far on either side of their mean, and no farther than is believed.
    most = 2 * r * spread * MOST_SURPRISING
    expected = min(max(r * t_c * t_e * found.difference / rest, -most), most)
    assert in_b - in_a == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert 2 * sd**2 == pytest.approx(t_c**2 * (1 - r**2 * t_e**2 / rest), rel=1e-6)


def test_equal_arms_of_n_visitors_in_all_have_a_standard_error_of_4_by_n():
    seen = crowd((30, 20), (20, 30))
    assert seen.difference(0, 1).standard_error ** 2 == pytest.approx(4 / 100)


def test_many_arms_are_shifted_as_the_joint_normal_distribution_says():
    counts = [(40, 10), (30, 70), (5, 15), (200, 300)]
    seen = crowd(*counts)
    n = np.array([sum(pair) for pair in counts])
    r, index_spread, spread, level = 0.4, 0.6, 0.25, 1e4
    means = np.array(seen.means)
    of_means = np.diag(index_spread**2 + 1 / n) + level
    of_both = r * index_spread * spread * np.eye(4)
    posterior = of_both @ np.linalg.solve(of_means, means)
    covariance = spread**2 * np.eye(4) - of_both @ np.linalg.solve(of_means, of_both)
    shifted, sd = prior_shift(seen, r, index_spread, spread).at(spread)
    assert np.array(shifted) == pytest.approx(posterior - posterior.mean(), abs=1e-6)
    basis = contrasts(4)
    assert sd**2 == pytest.approx(np.trace(basis.T @ covariance @ basis) / 3, rel=1e-6)


def test_conversions_are_left_out_as_the_joint_normal_distribution_says():
    seen = crowd((30, 20), (22, 28), converts=True)
    seen = replace(seen, follows=0.06)
    r, index_spread, spread = 0.5, 0.17, 0.21
    t_c, t_e = math.sqrt(2) * spread, math.sqrt(2) * index_spread
    d = 2 * seen.apart[1] / 50
    variance = t_e**2 - 2 * 0.06 * r * t_c * t_e + 0.06**2 * t_c**2 + 4 / 100
    both = r * t_c * t_e - 0.06 * t_c**2
    (in_a, in_b), sd = prior_shift(seen, r, index_spread, spread).at(spread)
    assert in_b - in_a == pytest.approx(both * d / variance)
    assert 2 * sd**2 == pytest.approx(t_c**2 - both**2 / variance)


def test_where_conversions_explain_all_of_it_engagement_adds_nothing():
    seen = replace(crowd((30, 20), (20, 30)), follows=0.5)
    assert prior_shift(seen, 0.3, 0.17) == no_shift(2)


def test_without_a_relation_or_visitors_or_a_second_arm_nothing_moves():
    seen = crowd((30, 20), (20, 30))
    assert prior_shift(seen, 0.0, 0.17) == no_shift(2)
    assert not prior_shift(crowd((0, 0), (0, 0)), 0.5, 0.17).moves
    assert prior_shift(crowd((30, 20)), 0.5, 0.17) == no_shift(1)
    assert prior_shift(crowd((30, 20), (0, 0)), 0.5, 0.17).at(0.2) == ((0.0, 0.0), 0.2)
    assert prior_shift(seen, 0.3, 0.17).moves


@given(st.permutations(range(3)))
def test_renumbering_arms_renumbers_the_shift(order):
    counts = [(40, 10), (30, 70), (5, 15)]
    shift = prior_shift(crowd(*counts), 0.4, 0.17)
    other = prior_shift(crowd(*(counts[arm] for arm in order)), 0.4, 0.17)
    assert other.means == pytest.approx([shift.means[arm] for arm in order], abs=1e-12)
    assert other.kept == pytest.approx(shift.kept)
    assert sum(shift.means) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("arms", [2, 3, 50])
def test_the_tilt_is_the_ratio_of_the_densities(arms):
    rng = np.random.default_rng(arms)
    means = rng.normal(0, 0.3, arms)
    shift = PriorShift(tuple(means - means.mean()), 0.8)
    effects, spreads = rng.normal(0, 0.2, (5, arms)), np.array([0.1, 0.3])
    basis = contrasts(arms)
    for column, spread in enumerate(spreads):
        at, sd = shift.at(spread)
        shifted = multivariate_normal(np.array(at) @ basis, sd**2 * np.eye(arms - 1))
        before = multivariate_normal(np.zeros(arms - 1), spread**2 * np.eye(arms - 1))
        oracle = shifted.logpdf(effects @ basis) - before.logpdf(effects @ basis)
        assert shift.log_tilt(effects, spreads)[:, column] == pytest.approx(oracle, rel=1e-9, abs=1e-9)
        assert shift.log_tilt(effects + 7, spreads)[:, column] == pytest.approx(oracle, rel=1e-9, abs=1e-9)


def test_more_visitors_of_the_same_kind_move_it_more_and_never_beyond_the_correlation():
    shifts = [prior_shift(crowd((3 * k, 2 * k), (2 * k, 3 * k)), 0.5, 0.17) for k in (1, 10, 100, 10**6)]
    leads = [shift.means[0] - shift.means[1] for shift in shifts]
    assert leads == sorted(leads)
    kept = [shift.kept for shift in shifts]
    assert kept == sorted(kept, reverse=True)
    assert kept[-1] == pytest.approx(1 - 0.5**2, abs=1e-4)


def test_what_cannot_be_is_refused():
    seen = crowd((30, 20), (20, 30))
    for wrong in ((-0.1, 0.17, 0.2), (1.0, 0.17, 0.2), (0.3, 0.0, 0.2), (0.3, 0.17, math.inf)):
        with pytest.raises(ValueError, match="a correlation lies"):
            prior_shift(seen, *wrong)


def test_arms_that_differ_beyond_all_belief_move_the_prior_no_farther():
    strange, stranger = (prior_shift(crowd((500, 0), (shallow, 500)), 0.3, 0.17) for shallow in (100, 0))
    assert strange.means == pytest.approx(stranger.means)
    assert max(stranger.means) == pytest.approx(0.3 * MOST_SURPRISING)
