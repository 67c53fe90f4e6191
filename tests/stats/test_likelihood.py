import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.likelihood import Conditional, likelihood_of
from vibevariant.stats.logistic import Logistic

COUNTS = [((5000, 3000, 2000), (100, 60, 40), (5, 2, 4)), ((2000, 2000, 6000), (50, 50, 150), (1, 0, 9))]
effects = st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3)


def ratio(likelihood, x):
    at_x, at_0 = likelihood.at(np.array([x, [0.0, 0.0, 0.0]]))[0]
    return float(at_x - at_0)


@given(effects)
def test_it_is_the_multinomial_of_each_allocations_conversions(x):
    logs = 0.0
    for weights, _, conversions in COUNTS:
        tilted = np.array(weights) * np.exp(x)
        for sign, shares in ((1, tilted / tilted.sum()), (-1, np.array(weights) / sum(weights))):
            logs += sign * scipy.stats.multinomial(sum(conversions), shares).logpmf(conversions)
    assert ratio(Conditional(COUNTS, 3), x) == pytest.approx(logs, abs=1e-9)


@given(effects, st.floats(-2, 2))
def test_a_shift_of_all_effects_says_nothing(x, shift):
    likelihood = Conditional(COUNTS, 3)
    assert ratio(likelihood, [each + shift for each in x]) == pytest.approx(ratio(likelihood, x), abs=1e-9)


@pytest.mark.parametrize("kind", [Conditional, Logistic])
def test_slope_and_curvature_are_those_of_the_likelihood(kind):
    # Many visitors, where the logistic one's correction no longer bends.
    counts = [(w, tuple(1000 * n for n in shown), tuple(1000 * s for s in seen)) for w, shown, seen in COUNTS]
    likelihood = kind(counts, 3)
    at, step = np.array([0.3, -0.2, -0.1]), 1e-3
    expected, information = likelihood.curvature(at[None])
    scale = likelihood.conversions.sum()
    for i in range(3):
        one = step * np.eye(3)[i]
        slope = (ratio(likelihood, at + one) - ratio(likelihood, at - one)) / (2 * step)
        assert (likelihood.conversions - expected[0])[i] / scale == pytest.approx(slope / scale, abs=1e-3)
        for j in range(3):
            other = step * np.eye(3)[j]
            bend = (
                ratio(likelihood, at + one + other)
                - ratio(likelihood, at + one - other)
                - ratio(likelihood, at - one + other)
                + ratio(likelihood, at - one - other)
            ) / (4 * step**2)
            assert information[0, i, j] / scale == pytest.approx(-bend / scale, abs=2e-3)


def test_allocations_of_the_same_weights_are_one():
    cut = [((50, 30, 20), (40, 20, 20), (2, 1, 0)), ((5000, 3000, 2000), (60, 40, 20), (3, 1, 4)), COUNTS[1]]
    assert ratio(Conditional(cut, 3), [0.3, -0.2, 0.4]) == ratio(Conditional(COUNTS, 3), [0.3, -0.2, 0.4])
    assert len(Conditional(cut, 3).totals) == 2


def test_what_cannot_tell_arms_apart_is_left_out():
    silent = [
        ((1, 0, 0), (50, 0, 0), (5, 0, 0)),
        ((0, 1, 0), (0, 50, 0), (0, 0, 0)),
        ((1, 1, 1), (9, 9, 9), (0, 0, 0)),
    ]
    assert ratio(Conditional(silent, 3), [0.5, -0.5, 0.0]) == 0
    assert ratio(Conditional(COUNTS + silent, 3), [0.3, -0.2, 0.4]) == ratio(
        Conditional(COUNTS, 3), [0.3, -0.2, 0.4]
    )
    # A conversion of an arm that had no weight cannot be.
    assert Conditional([((1, 1, 0), (9, 9, 9), (1, 2, 3))], 3).conversions.tolist() == [1, 2, 0]


def test_common_conversions_are_read_whole():
    assert isinstance(likelihood_of([((1, 1), (100, 100), (30, 30))], 2), Conditional)
    assert isinstance(likelihood_of([((1, 1), (100, 100), (31, 30))], 2), Logistic)
    assert isinstance(likelihood_of([], 2), Conditional)


def test_rare_conversions_read_whole_say_the_same():
    rare = [((5000, 3000, 2000), (50_000, 30_000, 20_000), (50, 20, 40))]
    x = [0.3, -0.2, 0.4]
    assert ratio(Logistic(rare, 3), x) == pytest.approx(ratio(Conditional(rare, 3), x), abs=0.03)
    rates = Logistic(rare, 3).at(np.array([x]))[1][0]
    assert rates[1] - rates[0] == pytest.approx(-0.5, abs=1e-3)
    assert math.isclose(Logistic(rare, 3).per_effect, 1 - 110 / 100_000)
