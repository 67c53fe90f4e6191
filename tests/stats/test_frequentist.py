import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from vibevariant.stats.frequentist import (
    ZTest,
    agresti_caffo_interval,
    chi_squared,
    has_no_width,
    newcombe_interval,
    two_proportion_z_test,
    wald_interval,
    yates_chi_squared,
)

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


@pytest.mark.parametrize(("s_a", "n_a", "s_b", "n_b"), [*TABLES, (3, 1000, 9, 40), (12, 300, 3, 300)])
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(
    ("interval", "method"), [(agresti_caffo_interval, "agresti-caffo"), (wald_interval, "wald")]
)
def test_the_other_intervals_are_those_of_statsmodels_cut_off_where_no_difference_can_be(
    s_a, n_a, s_b, n_b, level, interval, method
):
    theirs = confint_proportions_2indep(s_b, n_b, s_a, n_a, method=method, compare="diff", alpha=1 - level)
    assert interval(s_a, n_a, s_b, n_b, level) == pytest.approx(np.clip(theirs, -1, 1), abs=1e-9)


@given(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)),
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)),
)
def test_every_interval_holds_the_difference_and_turns_around_with_the_arms(a, b):
    a, b = sorted(a), sorted(b)
    for interval in (newcombe_interval, agresti_caffo_interval, wald_interval):
        ours = interval(*a, *b)
        if not (a[1] and b[1]):
            assert ours is None
            continue
        assert -1 - 1e-15 <= ours[0] <= ours[1] <= 1 + 1e-15
        if interval is not agresti_caffo_interval:
            assert ours[0] - 1e-15 <= b[0] / b[1] - a[0] / a[1] <= ours[1] + 1e-15
        assert interval(*b, *a) == pytest.approx((-ours[1], -ours[0]), abs=1e-15)


def test_only_the_textbook_interval_has_no_width_when_nobody_converted():
    assert has_no_width(wald_interval(0, 50, 0, 50))
    assert has_no_width(wald_interval(50, 50, 0, 50))
    assert not has_no_width(wald_interval(0, 50, 1, 50))
    assert not has_no_width(agresti_caffo_interval(0, 50, 0, 50))
    assert not has_no_width(newcombe_interval(0, 50, 0, 50))
    assert not has_no_width(None)


@pytest.mark.parametrize(("s_a", "n_a", "s_b", "n_b"), [*TABLES, (2, 10, 3, 14), (12, 300, 3, 300)])
def test_yates_is_that_of_scipy(s_a, n_a, s_b, n_b):
    theirs = scipy.stats.chi2_contingency([[s_a, s_b], [n_a - s_a, n_b - s_b]], correction=True)
    ours = yates_chi_squared(s_a, n_a, s_b, n_b)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.df == 1


def test_yates_finds_less_and_is_undefined_where_chi_squared_is():
    assert yates_chi_squared(50, 1000, 90, 1000).p_value > chi_squared((50, 90), (1000, 1000)).p_value
    assert yates_chi_squared(0, 50, 0, 50).reason == "no variation"
    assert yates_chi_squared(0, 0, 1, 50).reason == "no visitors"


def test_a_difference_of_one_in_ten_million_keeps_its_digits():
    # z of 10^7 and 10^7 - 1 of 10^7: -1 / sqrt(2 n * (2 n - 1) / (2 n) / (2 n)) = -1 to seven digits.
    assert two_proportion_z_test(10**7, 10**7, 10**7 - 1, 10**7).z_score == pytest.approx(
        -((1 - 1 / (2 * 10**7)) ** -0.5), rel=1e-14
    )
    assert chi_squared((10**7, 10**7 - 1), (10**7, 10**7)).statistic == pytest.approx(
        1 / (1 - 1 / (2 * 10**7)), rel=1e-14
    )


@pytest.mark.parametrize(
    ("conversions", "exposed", "rough"),
    [
        ((5, 5), (50, 50), False),
        ((5, 4), (50, 50), True),
        ((46, 45), (50, 50), True),
        ((0, 0), (0, 0), False),
    ],
)
def test_an_expected_count_below_5_is_flagged(conversions, exposed, rough):
    assert chi_squared(conversions, exposed).is_rough is rough


@pytest.mark.parametrize(
    "test",
    [two_proportion_z_test, yates_chi_squared, newcombe_interval, agresti_caffo_interval, wald_interval],
)
def test_more_conversions_than_visitors_are_refused(test):
    with pytest.raises(ValueError, match="cannot be"):
        test(1, 2, 4, 3)
