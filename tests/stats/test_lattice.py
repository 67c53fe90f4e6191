import math

import numpy as np
import pytest

from vibevariant.stats.lattice import GENERATOR, POINTS, normal_points


def test_points_are_many_and_none_is_at_infinity():
    uniform, normal = normal_points(49)
    assert normal.shape == (2 * POINTS, 49)
    assert uniform.min() > 0
    assert uniform.max() < 1
    assert np.isfinite(normal).all()
    assert len(set(GENERATOR)) == len(GENERATOR) == 50


def test_the_second_half_mirrors_the_first():
    uniform, normal = normal_points(5)
    assert (normal[POINTS:] == -normal[:POINTS]).all()
    assert (uniform[POINTS:] == uniform[:POINTS]).all()


def test_points_have_the_moments_of_the_normal_more_closely_than_draws():
    _, normal = normal_points(8)
    off = normal.T @ normal / len(normal) - np.eye(8)
    # Draws: 1 / sqrt(4078) = .016 on and beside the diagonal.
    assert np.sqrt(np.mean(off**2)) < 0.008
    assert np.abs(normal.mean(axis=0)).max() < 1e-12


@pytest.mark.parametrize("coordinates", [2, 8])
def test_a_smooth_mean_comes_out_to_a_thousandth(coordinates):
    _, normal = normal_points(coordinates)
    along = normal.sum(axis=1) / math.sqrt(coordinates)
    assert np.mean(1 / (1 + np.exp(-3 * along))) == pytest.approx(0.5, abs=1e-12)
    assert np.mean(np.exp(along - 0.5)) == pytest.approx(1.0, abs=0.01)


def test_the_number_of_points_is_a_prime():
    assert all(POINTS % divisor for divisor in range(2, 46))
