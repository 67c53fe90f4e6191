import pytest

from vibevariant.stats.exact_tests import barnard_test, fisher_test
from vibevariant.stats.fixed_sample import fixed_sample
from vibevariant.stats.frequentist import newcombe_interval, two_proportion_z_test


def test_all_tests_are_those_of_their_modules():
    ours = fixed_sample(3, 60, 9, 70)
    assert ours.z == two_proportion_z_test(3, 60, 9, 70)
    assert ours.chi_squared.p_value == pytest.approx(ours.z.p_value, rel=1e-12)
    assert ours.yates.p_value > ours.chi_squared.p_value
    assert ours.fisher == fisher_test(3, 60, 9, 70)
    assert ours.barnard == barnard_test(3, 60, 9, 70)
    assert ours.newcombe_95 == newcombe_interval(3, 60, 9, 70)
    assert ours.smallest_expected == pytest.approx(60 * 12 / 130)
    assert not ours.few_expected
    assert not ours.wald_has_no_width


def test_without_conversions_the_textbook_interval_is_labelled():
    ours = fixed_sample(0, 50, 0, 50)
    assert ours.few_expected
    assert ours.wald_95 == (0.0, 0.0)
    assert ours.wald_has_no_width
    assert ours.newcombe_95[1] - ours.newcombe_95[0] > 0.1
    assert (ours.z.reason, ours.yates.reason, ours.barnard.reason) == ("no variation",) * 3
    assert ours.fisher.p_value == 1.0


@pytest.mark.parametrize(
    "table", [(0, 0, 0, 0), (0, 0, 10**7, 10**7), (0, 10**7, 10**7, 10**7), (1, 1, 0, 1)]
)
def test_any_table_has_numbers_or_reasons(table):
    ours = fixed_sample(*table)
    for test in (ours.z, ours.chi_squared, ours.yates, ours.fisher, ours.barnard):
        assert (test.p_value is None) == (test.reason is not None)
