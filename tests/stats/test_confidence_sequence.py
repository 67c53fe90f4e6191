"""The interval of lifts that hold however often one looks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.confidence_sequence import anytime_interval
from vibevariant.stats.evidence import Stratum, evidence

counts = st.integers(0, 5_000)
strata = st.lists(st.builds(Stratum, st.integers(100, 9_900), st.just(5_000), counts, counts), max_size=4)


def log_likelihood(parts, d):
    """Less that of d = 0, conversion by conversion."""
    total = 0.0
    for part in parts:
        share = part.weight_b / (part.weight_a + part.weight_b)
        tilted = share * math.exp(d) / (1 - share + share * math.exp(d))
        total += part.conversions_b * math.log(tilted / share)
        total += part.conversions_a * math.log((1 - tilted) / (1 - share))
    return total


@pytest.mark.parametrize(
    "parts",
    [
        [Stratum(5_000, 5_000, 40, 70)],
        [Stratum(5_000, 5_000, 4, 7), Stratum(2_000, 8_000, 10, 60)],
        [Stratum(9_000, 1_000, 900, 140), Stratum(1_000, 9_000, 90, 1_200)],
    ],
)
def test_it_holds_exactly_the_lifts_whose_evidence_is_below_twenty(parts):
    low, high = anytime_interval(parts)
    for d in np.linspace(low - 1, high + 1, 401):
        # The e-value against d is the mixture over the likelihood of d.
        against = evidence(parts) - log_likelihood(parts, float(d))
        assert (low < d < high) == (against < math.log(20))


@given(strata)
def test_it_leaves_out_no_difference_exactly_when_there_is_proof(parts):
    low, high = anytime_interval(parts)
    inside = (low is None or low < 0) and (high is None or high > 0)
    log_e = evidence(parts)
    if abs(log_e - math.log(20)) > 1e-6:
        assert inside == (log_e < math.log(20))


@given(strata)
def test_exchanging_the_arms_mirrors_it(parts):
    low, high = anytime_interval(parts)
    turned = [Stratum(part.weight_b, part.weight_a, part.conversions_b, part.conversions_a) for part in parts]
    other_low, other_high = anytime_interval(turned)
    for one, other in ((low, other_high), (high, other_low)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one == pytest.approx(-other, abs=1e-7)


def test_without_conversions_nothing_is_excluded():
    assert anytime_interval([]) == (None, None)
    assert anytime_interval([Stratum(5_000, 5_000, 0, 0)]) == (None, None)


def test_conversions_of_one_arm_alone_exclude_on_one_side_only():
    low, high = anytime_interval([Stratum(5_000, 5_000, 0, 30)])
    assert low is not None
    assert low > 0
    assert high is None


def test_more_data_narrow_it():
    widths = []
    for size in (1, 10, 100):
        low, high = anytime_interval([Stratum(5_000, 5_000, 50 * size, 60 * size)])
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


def test_it_holds_the_truth_in_nineteen_of_twenty_looked_at_all_the_time():
    """Weights that follow the data, rates that rise to three times: 150 experiments, 40 looks each."""
    rng, truth, missed = np.random.default_rng(20261120), math.log(1.3), 0
    for _ in range(150):
        parts: list[Stratum] = []
        weight = 0.5
        for look in range(40):
            base = 0.03 * (1 + look / 20)
            shown_b = rng.binomial(200, weight)
            b, a = rng.binomial(shown_b, base * math.exp(truth)), rng.binomial(200 - shown_b, base)
            parts.append(Stratum(round(10_000 * (1 - weight)), round(10_000 * weight), int(a), int(b)))
            weight = 0.8 if b / max(1, shown_b) > a / max(1, 200 - shown_b) else 0.2
        intervals = [anytime_interval(parts[:look]) for look in range(1, 41)]
        missed += any(
            (low is not None and low > truth) or (high is not None and high < truth)
            for low, high in intervals
        )
    assert missed <= 8


@given(strata)
def test_evidence_that_is_at_hand_is_not_worked_out_again(parts):
    assert anytime_interval(parts, log_e=evidence(parts)) == anytime_interval(parts)
