"""The policies of the textbooks choose as their papers say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from vibevariant.experiments.policies import choice_of, earn_floor, kl_ucb, let_through, ucb1
from vibevariant.stats.allocation import TEN_THOUSANDTHS, weights_in_mode

POLICIES = ("epsilon-greedy", "ucb1", "kl-ucb", "thompson", "thompson-at-floor")


def by_root_finding(s, n, t):
    """KL-UCB's index straight from its definition."""
    p, most = s / n, math.log(t) / n

    def kl(q):
        return (p * math.log(p / q) if p else 0.0) + ((1 - p) * math.log((1 - p) / (1 - q)) if p < 1 else 0.0)

    if p == 1 or most == 0:
        return p
    return brentq(lambda q: kl(q) - most, p, 1 - 1e-15, xtol=1e-14)


def test_ucb1_adds_the_root_of_two_log_t_over_n_to_the_mean():
    index = ucb1(np.array([[3.0, 10.0]]), np.array([[20.0, 80.0]]), 100)
    # 3/20 + sqrt(2 * 4.605170 / 20) and 10/80 + sqrt(2 * 4.605170 / 80), by hand.
    assert index == pytest.approx(np.array([[0.8286140, 0.4643070]]), abs=1e-7)


def test_kl_ucb_of_an_arm_without_conversions_is_known_in_closed_form():
    index = kl_ucb(np.zeros((1, 2)), np.array([[50.0, 400.0]]), 1_000)
    assert index == pytest.approx(1 - np.exp(-math.log(1_000) / np.array([[50.0, 400.0]])), rel=1e-9)


@given(
    n=st.integers(1, 100_000),
    share=st.floats(0, 1),
    t=st.integers(1, 1_000_000),
)
def test_kl_ucb_is_the_root_of_its_definition(n, share, t):
    s = round(share * n)
    index = kl_ucb(np.array([[float(s)]]), np.array([[float(n)]]), t)[0, 0]
    assert index == pytest.approx(by_root_finding(s, n, t), abs=2e-9)


@pytest.mark.parametrize("policy", ["epsilon-greedy", "ucb1", "kl-ucb"])
def test_every_arm_is_tried_before_one_is_tried_again(policy):
    rng = np.random.default_rng(1)
    came = let_through(policy, [0.2] * 4, np.ones(1), [4], 2_000, rng)
    tried_once = (came.shown[:, -1] == 1).all(axis=1).mean()
    # Epsilon-greedy strays from that in a tenth of the three choices that are left.
    assert tried_once > (0.75 if policy == "epsilon-greedy" else 0.999)


@pytest.mark.parametrize("policy", POLICIES)
def test_arms_as_good_as_each_other_are_chosen_alike_whatever_their_order(policy):
    choose = choice_of(policy, np.random.default_rng(2))
    exposed, converted = np.full((30_000, 3), 50.0), np.full((30_000, 3), 4.0)
    counts = np.bincount(choose(converted, exposed, 150), minlength=3)
    assert counts == pytest.approx(np.full(3, 10_000), abs=4 * math.sqrt(30_000 * 2 / 9))


def test_thompson_chooses_an_arm_with_its_chance_of_being_best():
    choose = choice_of("thompson", np.random.default_rng(3))
    chosen = choose(np.tile([0.0, 1.0], (200_000, 1)), np.tile([0.0, 3.0], (200_000, 1)), 3)
    # Beta(1, 1) above Beta(2, 3): the mean of 1 - x over the second, 1 - 2/5.
    assert np.mean(chosen == 0) == pytest.approx(0.6, abs=4 * math.sqrt(0.24 / 200_000))


def test_epsilon_greedy_takes_any_arm_in_one_case_of_ten():
    choose = choice_of("epsilon-greedy", np.random.default_rng(4))
    chosen = choose(np.tile([9.0, 1.0], (200_000, 1)), np.full((200_000, 2), 50.0), 100)
    assert np.mean(chosen == 1) == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 200_000))


@pytest.mark.parametrize("visitors", [1, 10_000, 30_000, 1_000_000])
@pytest.mark.parametrize("arms", [2, 9])
def test_the_floor_is_that_of_earn(arms, visitors):
    certain = [1.0] + [0.0] * (arms - 1)
    weights = weights_in_mode(certain, "earn", visitors)
    assert earn_floor(arms, visitors) * TEN_THOUSANDTHS == pytest.approx(weights[-1], abs=1)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("delay", [None, 40.0])
def test_every_visitor_gets_one_arm_and_nobody_converts_twice(policy, delay):
    rng = np.random.default_rng(5)
    came = let_through(policy, [0.3, 0.6], np.ones(4), [10, 25, 60, 100], 50, rng, delay=delay)
    assert came.shown.sum(axis=2).tolist() == [[10, 25, 60, 100]] * 50
    assert (came.converted <= came.shown).all()
    assert (np.diff(came.shown, axis=1) >= 0).all()
    assert (np.diff(came.converted, axis=1) >= 0).all()


def test_late_conversions_are_seen_when_they_arrive():
    rng = np.random.default_rng(6)
    ends = list(range(100, 2_001, 100))
    came = let_through("thompson", [0.2, 0.2], np.ones(20), ends, 400, rng, delay=500.0)
    seen = came.converted.sum(axis=2).mean(axis=0)
    # Of a visitor t ago the share 1 - exp(-t / 500) has arrived; summed over visitors from 0 to T.
    at = np.array(ends, dtype=float)
    assert seen == pytest.approx(0.2 * (at - 500 * (1 - np.exp(-at / 500))), rel=0.05, abs=0.5)
