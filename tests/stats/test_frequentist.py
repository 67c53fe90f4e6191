import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from vibevariant.stats.frequentist import ZTest, chi_squared, newcombe_interval, two_proportion_z_test

TABLES = [(50, 1000, 90, 1000), (1, 50, 0, 50), (3, 20, 1, 20), (0, 7, 7, 7), (5000, 10**5, 5010, 99_000)]


@pytest.mark.parametrize(("s_a", "n_a", "s_b", "n_b"), TABLES)
def test_z_test_is_that_of_statsmodels(s_a, n_a, s_b, n_b):
    z, p = proportions_ztest([s_b, s_a], [n_b, n_a])
    ours = two_proportion_z_test(s_a, n_a, s_b, n_b)
    assert ours.z_score == pytest.approx(z, rel=1e-9)
    assert ours.p_value == pytest.approx(p, rel=1e-9)
    assert ours.significant == (p < 0.05)
    assert ours.reason is None


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ((0, 0, 0, 0), "no visitors"),
        ((0, 0, 1, 5), "no visitors"),
        ((0, 50, 0, 50), "no variation"),
        ((50, 50, 9, 9), "no variation"),
    ],
)
def test_where_there_is_no_z_score_there_is_a_reason(table, reason):
    assert two_proportion_z_test(*table) == ZTest(None, None, significant=False, reason=reason)


@pytest.mark.parametrize(
    ("conversions", "exposed"),
    [((50, 90), (1000, 1000)), ((3, 9, 4), (60, 70, 80)), ((1, 0, 0, 2), (10, 20, 30, 40))],
)
def test_chi_squared_is_that_of_scipy(conversions, exposed):
    table = [conversions, [n - s for s, n in zip(conversions, exposed, strict=True)]]
    theirs = scipy.stats.chi2_contingency(table, correction=False)
    ours = chi_squared(conversions, exposed)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.df == theirs.dof
    assert ours.smallest_expected == pytest.approx(np.min(theirs.expected_freq), rel=1e-9)


def test_chi_squared_of_two_arms_is_the_square_of_z():
    z = two_proportion_z_test(50, 1000, 90, 1000).z_score
    assert chi_squared((50, 90), (1000, 1000)).statistic == pytest.approx(z * z, rel=1e-12)


def test_arms_without_visitors_are_left_out_of_chi_squared():
    with_empty, without = chi_squared((3, 0, 9), (60, 0, 70)), chi_squared((3, 9), (60, 70))
    assert with_empty == without


@pytest.mark.parametrize(
    ("conversions", "exposed", "reason"),
    [
        ((), (), "one arm"),
        ((1,), (9,), "one arm"),
        ((0, 0), (0, 0), "no visitors"),
        ((3, 0), (9, 0), "no visitors"),
        ((0, 0, 0), (5, 6, 7), "no variation"),
    ],
)
def test_where_there_is_no_chi_squared_there_is_a_reason(conversions, exposed, reason):
    ours = chi_squared(conversions, exposed)
    assert (ours.statistic, ours.df, ours.p_value, ours.reason) == (None, None, None, reason)


@pytest.mark.parametrize(("s_a", "n_a", "s_b", "n_b"), TABLES)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_newcombe_interval_is_that_of_statsmodels(s_a, n_a, s_b, n_b, level):
    theirs = confint_proportions_2indep(s_b, n_b, s_a, n_a, method="newcomb", compare="diff", alpha=1 - level)
    assert newcombe_interval(s_a, n_a, s_b, n_b, level) == pytest.approx(theirs, abs=1e-9)


def test_newcombe_interval_has_a_width_when_nobody_converted():
    low, high = newcombe_interval(0, 50, 0, 50)
    assert low < -0.05 < 0.05 < high
    assert newcombe_interval(0, 0, 1, 50) is None


@pytest.mark.parametrize("test", [two_proportion_z_test, newcombe_interval])
def test_more_conversions_than_visitors_are_refused(test):
    with pytest.raises(ValueError, match="cannot be"):
        test(1, 2, 4, 3)
