"""The chances that steer the allocation: exact, of the served arms only, and always the same."""

import pytest
from scipy.integrate import quad
from scipy.stats import beta

from vibevariant.stats.design import Design
from vibevariant.stats.posterior import Beta
from vibevariant.stats.steering import served_arms, steering_chances

PRIOR = Beta(1.0, 19.0)


def chance_of_b(a: tuple[float, float], b: tuple[float, float]) -> float:
    """By numeric integration of the two densities."""
    return quad(lambda x: beta.pdf(x, *b) * beta.cdf(x, *a), 0, 1, epsabs=1e-12, limit=500)[0]


def test_chances_are_those_of_independent_rates_over_all_allocations():
    allocations = [((5000, 5000), (100, 100), (3, 6)), ((2000, 8000), (20, 80), (1, 7))]
    chances = steering_chances(allocations, 2, prior=PRIOR)
    assert chances[1] == pytest.approx(chance_of_b((1 + 4, 19 + 116), (1 + 13, 19 + 167)), abs=1e-9)
    assert sum(chances) == pytest.approx(1)


def test_visitors_whose_conversions_are_still_to_come_count_for_less():
    allocations = [((5000, 5000), (400, 400), (40, 8))]
    chances = steering_chances(allocations, 2, prior=PRIOR, effective=(400.0, 100.0))
    assert chances[1] == pytest.approx(chance_of_b((41, 379), (9, 19 + 92)), abs=1e-9)


def test_more_conversions_than_visitors_are_worth_leave_no_doubt_but_the_priors():
    chances = steering_chances([((5000, 5000), (10, 10), (9, 0))], 2, prior=PRIOR, effective=(2.0, 2.0))
    assert chances[0] == pytest.approx(1 - chance_of_b((10, 19), (1, 21)), abs=1e-9)


def test_arms_without_weight_are_out_of_the_running():
    allocations = [
        ((4000, 3000, 3000), (100, 100, 100), (3, 6, 30)),
        ((5000, 5000, 0), (50, 50, 0), (1, 4, 0)),
    ]
    assert served_arms(allocations, 3) == (0, 1)
    chances = steering_chances(allocations, 3, prior=PRIOR)
    assert chances[2] == 0
    assert chances[1] == pytest.approx(chance_of_b((1 + 4, 19 + 146), (1 + 10, 19 + 140)), abs=1e-9)


def test_few_combinations_are_taken_one_by_one_and_more_share_strength():
    # Six combinations: variant 1 of the first element is better with each variant of the second.
    even = (1667, 1667, 1667, 1667, 1666, 1666)
    allocations = [(even, (200,) * 6, (10, 10, 0, 20, 20, 10))]
    shared = steering_chances(allocations, 6, prior=PRIOR, design=Design((2, 3), (0, 0)))
    alone = steering_chances(allocations, 6, prior=PRIOR)
    assert sum(shared) == pytest.approx(1)
    # Of the last one ten were seen, as of the first two; its neighbours speak for it.
    assert shared[5] > shared[0]
    assert alone[5] == pytest.approx(alone[0])
    four = [((2500,) * 4, (200,) * 4, (10, 10, 20, 20))]
    assert steering_chances(four, 4, design=Design((2, 2), (0, 0))) == steering_chances(four, 4)


def test_without_visitors_all_are_alike():
    assert steering_chances([], 3) == pytest.approx([1 / 3] * 3)
    assert steering_chances([], 6, design=Design((2, 3), (0, 0))) == pytest.approx([1 / 6] * 6)
