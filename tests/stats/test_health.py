import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.health import MOST_EVIDENCE, SPLIT_ALARM, SPLIT_WARNING, sample_ratio

EVEN = (5000, 5000)


def test_610_against_390_is_an_alarm_and_510_against_490_is_not():
    broken = sample_ratio([(EVEN, (610, 390))])
    assert broken.log_e > SPLIT_ALARM
    assert broken.expected == (500, 500)
    assert broken.observed == (610, 390)
    assert sample_ratio([(EVEN, (510, 490))]).log_e < 0


def test_two_even_arms_are_the_beta_binomial_and_the_tilt_in_equal_parts():
    # Beta(200, 200) is .1 wide on the scale of log-odds: two trigammas of 200 are .1002 squared.
    share = scipy.stats.betabinom.logpmf(610, 1000, 200, 200) - scipy.stats.binom.logpmf(610, 1000, 0.5)
    tilt = evidence([Stratum(5000, 5000, 390, 610)], 0.1)
    both = np.logaddexp(share, tilt) - math.log(2)
    assert sample_ratio([(EVEN, (610, 390))]).log_e == pytest.approx(both, abs=1e-9)


@pytest.mark.parametrize("weights", [(5000, 5000), (9000, 1000), (2000, 3000, 5000), (1, 1, 9998)])
def test_the_mean_of_the_e_value_is_1_when_visitors_arrive_as_planned(weights):
    visitors = 12
    counts = [c for c in itertools.product(range(visitors + 1), repeat=len(weights)) if sum(c) == visitors]
    plan = scipy.stats.multinomial(visitors, np.array(weights) / 10_000)
    mean = sum(plan.pmf(count) * math.exp(sample_ratio([(weights, count)]).log_e) for count in counts)
    assert mean == pytest.approx(1, abs=1e-9)


def test_no_visitors_are_no_evidence():
    empty = sample_ratio([])
    assert (empty.expected, empty.observed, empty.log_e, empty.chi2, empty.p_value) == (
        (),
        (),
        0.0,
        None,
        None,
    )
    nobody = sample_ratio([(EVEN, (0, 0))])
    assert (nobody.expected, nobody.observed, nobody.log_e) == ((0, 0), (0, 0), 0.0)
    assert (nobody.chi2, nobody.p_value) == (None, None)


def test_a_visitor_of_an_arm_without_weight_is_the_strongest_evidence_there_is():
    assert sample_ratio([((10_000, 0), (50, 1))]).log_e == MOST_EVIDENCE
    assert math.isfinite(math.exp(MOST_EVIDENCE))
    assert sample_ratio([((10_000, 0), (50, 0))]).log_e == 0.0


def test_evidence_without_end_is_cut_to_a_number():
    assert sample_ratio([(EVEN, (10**7, 0))]).log_e == MOST_EVIDENCE


@pytest.mark.parametrize(
    ("weights", "exposed"), [((5000, 5000), (520, 480)), ((2000, 3000, 5000), (23, 28, 49))]
)
def test_chi_squared_of_one_allocation_is_that_of_scipy(weights, exposed):
    theirs = scipy.stats.chisquare(exposed, np.array(weights) / 10_000 * sum(exposed))
    ours = sample_ratio([(weights, exposed)])
    assert ours.chi2 == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_a_bandit_is_compared_with_its_own_weights():
    # 1,000 and 1,000 in all would be a disaster under even weights throughout; it is the plan here.
    bandit = sample_ratio([((9000, 1000), (905, 95)), ((1000, 9000), (95, 905))])
    assert bandit.expected == (1000, 1000)
    assert bandit.log_e < 0
    swapped = sample_ratio([((9000, 1000), (95, 905)), ((1000, 9000), (905, 95))])
    assert swapped.log_e > SPLIT_ALARM


def test_visitors_that_arrive_as_planned_hardly_ever_raise_the_alarm():
    rng = np.random.default_rng(20)
    warnings = alarms = 0
    for _ in range(150):
        used = []
        highest = 0.0
        for _ in range(25):
            weight = int(rng.integers(1000, 9000))
            in_b = int(rng.binomial(200, weight / 10_000))
            used.append(((10_000 - weight, weight), (200 - in_b, in_b)))
            highest = max(highest, sample_ratio(used).log_e)
        warnings += highest > SPLIT_WARNING
        alarms += highest > SPLIT_ALARM
    assert warnings <= 3
    assert alarms <= 1


@pytest.mark.parametrize("allocations", [1, 20])
def test_losing_a_tenth_of_an_arm_is_mostly_noticed_within_ten_thousand_visitors(allocations):
    rng = np.random.default_rng(21)
    noticed = 0
    for _ in range(100):
        used = []
        for _ in range(allocations):
            weight = int(rng.integers(3000, 7000))
            in_b = int(rng.binomial(10_000 // allocations, weight / 10_000))
            used.append(
                ((10_000 - weight, weight), (10_000 // allocations - in_b, int(rng.binomial(in_b, 0.9))))
            )
        noticed += sample_ratio(used).log_e > SPLIT_ALARM
    assert noticed >= 60


@given(
    st.integers(1, 5).flatmap(
        lambda arms: st.lists(
            st.tuples(
                st.lists(st.integers(0, 10_000), min_size=arms, max_size=arms).filter(any),
                st.lists(st.integers(0, 10**6), min_size=arms, max_size=arms),
            ),
            max_size=4,
        )
    )
)
def test_any_visitors_give_numbers(used):
    ours = sample_ratio(used)
    assert math.isfinite(ours.log_e)
    assert ours.log_e <= MOST_EVIDENCE
    assert (ours.chi2 is None) == (ours.p_value is None)
    assert ours.p_value is None or 0 <= ours.p_value <= 1


@pytest.mark.parametrize("bad", [((5000, 5000), (1,)), ((0, 0), (1, 2)), ((5000, 5000), (-1, 2))])
def test_what_is_no_allocation_is_refused(bad):
    with pytest.raises(ValueError, match="every allocation"):
        sample_ratio([bad])
