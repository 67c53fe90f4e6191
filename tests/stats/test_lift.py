import math

import pytest

from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.frequentist import newcombe_interval, two_proportion_z_test
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.lift import compare_with_control
from vibevariant.stats.priors import fixed_spread

COUNTS = [((5000, 5000), (1000, 1000), (50, 90))]


def test_both_layers_are_those_of_their_modules():
    ours = compare_with_control(("a", "b"), 0, 1, COUNTS)
    test = two_proportion_z_test(50, 1000, 90, 1000)
    assert (ours.arm, ours.control) == ("b", "a")
    assert ours.difference == pytest.approx(0.04)
    assert (ours.z_score, ours.p_value, ours.significant) == (test.z_score, test.p_value, True)
    assert ours.newcombe_95 == newcombe_interval(50, 1000, 90, 1000)
    assert ours.log_e == evidence([Stratum(5000, 5000, 50, 90)])
    assert ours.e_value == math.exp(ours.log_e)
    assert ours.p_better == Hierarchical(COUNTS, 2).lift(0, 1).p_better
    assert ours.lift.interval_95[0] < ours.lift.interval_80[0] < ours.lift.median


def test_the_lift_is_a_relative_change_and_smaller_than_the_counts_suggest():
    # 80 % more was counted; the median leaves room for luck.
    assert 0.4 < compare_with_control(("a", "b"), 0, 1, COUNTS).lift.median < 0.8


def test_the_lift_is_read_from_the_posterior_that_is_given():
    sceptical = Hierarchical(COUNTS, 2, fixed_spread(0.03))
    ours = compare_with_control(("a", "b"), 0, 1, COUNTS, sceptical)
    assert ours.p_better == sceptical.lift(0, 1).p_better
    assert ours.lift.median < compare_with_control(("a", "b"), 0, 1, COUNTS).lift.median


def test_no_visitors_leave_what_cannot_be_said_unsaid():
    ours = compare_with_control(("a", "b"), 0, 1, [])
    assert (ours.difference, ours.newcombe_95, ours.z_score, ours.p_value) == (None, None, None, None)
    assert ours.reason == "no visitors"
    assert ours.lift.median == pytest.approx(0, abs=1e-10)
    assert (ours.p_better, ours.e_value) == (pytest.approx(0.5), 1.0)


def test_an_endless_e_value_is_cut_to_a_number():
    ours = compare_with_control(("a", "b"), 0, 1, [((5000, 5000), (10**6, 10**6), (0, 10**6))])
    assert ours.log_e > 10_000
    assert math.isfinite(ours.e_value)
    assert math.isfinite(ours.lift.interval_95[1])
