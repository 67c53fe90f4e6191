import math

import pytest

from vibevariant.stats.arm_comparison import compare_with_control, lift_levels
from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.exact_tests import barnard_test, fisher_test
from vibevariant.stats.frequentist import (
    agresti_caffo_interval,
    newcombe_interval,
    two_proportion_z_test,
    wald_interval,
    yates_chi_squared,
)
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.lift_quantiles import lift_quantiles
from vibevariant.stats.posterior import posterior
from vibevariant.stats.priors import BEFORE_HISTORY, fixed_spread

COUNTS = [((5000, 5000), (1000, 1000), (50, 90))]


def compared(counts=COUNTS, spread=BEFORE_HISTORY, matured=None):
    """b against a."""
    exposed, conversions = ([sum(each[part][arm] for each in counts) for arm in (0, 1)] for part in (1, 2))
    independent = lift_quantiles(*(posterior(conversions[arm], exposed[arm]) for arm in (0, 1)))
    lift = Hierarchical(counts, 2, spread).lift(0, 1)
    return compare_with_control(
        ("a", "b"), 0, 1, counts,
        matured=matured or counts, lift=lift, calibrated=lift_levels([lift])[0], independent=independent,
    )  # fmt: skip


def test_every_number_is_that_of_its_module():
    ours, table = compared(), (50, 1000, 90, 1000)
    test = two_proportion_z_test(*table)
    assert (ours.arm, ours.baseline) == ("b", "a")
    assert ours.difference.estimate == pytest.approx(0.04)
    assert ours.difference.newcombe_95 == newcombe_interval(*table)
    assert ours.difference.agresti_caffo_95 == agresti_caffo_interval(*table)
    assert ours.difference.wald_95 == wald_interval(*table)
    assert (ours.z_score, ours.p_value, ours.significant) == (test.z_score, test.p_value, True)
    assert ours.chi2 == pytest.approx(test.z_score**2)
    assert ours.chi2_yates_p == yates_chi_squared(*table).p_value
    assert ours.fisher_p == fisher_test(*table).p_value
    assert ours.evidence.log_e == evidence([Stratum(5000, 5000, 50, 90)])
    assert ours.evidence.e_value == math.exp(ours.evidence.log_e)
    assert ours.p_better == Hierarchical(COUNTS, 2).lift(0, 1).p_better
    small = compared([((5000, 5000), (50, 50), (2, 6))])
    assert small.barnard_p == barnard_test(2, 50, 6, 50).p_value
    assert small.few_expected


def test_quantiles_rise_and_their_keys_are_their_probabilities():
    lift = compared().lift
    for levels in (lift.relative, lift.absolute, lift.calibrated):
        assert list(levels.values()) == sorted(levels.values())
        assert {"0.025", "0.25", "0.5", "0.75", "0.975"} <= levels.keys()
    # 80 % more was counted; the median that may be said aloud leaves room for luck, the other one does not.
    assert 0.4 < lift.calibrated["0.5"] < 0.75 < lift.relative["0.5"] < 0.85


def test_the_lift_is_read_from_the_posterior_that_is_given():
    ours, sceptical = compared(), compared(spread=fixed_spread(0.03))
    assert sceptical.p_better < ours.p_better
    assert sceptical.lift.calibrated["0.5"] < ours.lift.calibrated["0.5"]
    assert sceptical.lift.relative == ours.lift.relative


def test_evidence_is_that_of_the_visitors_whose_window_has_closed():
    matured = [((5000, 5000), (100, 100), (5, 6))]
    ours = compared(matured=matured)
    assert ours.evidence.log_e == evidence([Stratum(5000, 5000, 5, 6)])
    assert ours.difference == compared().difference


def test_no_visitors_leave_what_cannot_be_said_unsaid():
    ours = compared([((5000, 5000), (0, 0), (0, 0))])
    assert (ours.difference.estimate, ours.z_score, ours.p_value) == (None, None, None)
    assert ours.reasons["z_score"] == ours.reasons["difference"] == "no visitors"
    assert ours.lift.calibrated["0.5"] == pytest.approx(0, abs=1e-10)
    assert (ours.p_better, ours.evidence.e_value) == (pytest.approx(0.5), 1.0)
    assert ours.evidence.lift_95_anytime == (None, None)


def test_an_endless_e_value_is_cut_to_a_number():
    ours = compared([((5000, 5000), (10**6, 10**6), (0, 10**6))])
    assert ours.evidence.log_e > 10_000
    assert math.isfinite(ours.evidence.e_value)
    assert all(
        math.isfinite(value) for value in (*ours.lift.calibrated.values(), *ours.lift.relative.values())
    )
