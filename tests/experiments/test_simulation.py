"""Simulated visitors come as the scenario says, and under a bandit the weights are those the appliance would publish."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.errors import InvalidInput
from vibevariant.experiments.simulation import Scenario, publish, simulate
from vibevariant.stats.allocation import even_weights, weights_in_mode, worth_publishing
from vibevariant.stats.comparison import compare
from vibevariant.stats.posterior import posterior


def test_looks_come_at_even_steps_and_at_the_end():
    assert Scenario(visitors=250, look_every=100).looks == (100, 200, 250)


def test_looks_become_rarer_as_visitors_add_up_where_they_may():
    looks = Scenario(visitors=100_000, look_every=20, look_at_most=1_000).looks
    steps = np.diff((0, *looks))
    assert looks[-1] == 100_000
    assert steps[0] == 20
    assert max(steps) == 1_000
    assert (steps <= np.maximum(20, np.array((0, *looks))[:-1] / 50)).all()


@pytest.mark.parametrize(
    ("shape", "mean"), [("flat", 1.0), ("rising", 2.0), ("weekend", 9 / 7), ("launch", 1.2)]
)
def test_the_base_rate_moves_as_the_shape_says(shape, mean):
    factors = Scenario(visitors=14_000, look_every=10, shape=shape).factors()
    assert factors.mean() == pytest.approx(mean, abs=0.002)
    assert factors.min() >= 1
    if shape == "rising":
        assert (factors[0], factors[-1]) == pytest.approx((1, 3), abs=0.01)
    if shape == "launch":
        assert (factors[0], factors[-1]) == pytest.approx((3, 1), abs=0.02)


def test_visitors_are_laid_to_the_arms_by_weight_and_convert_at_their_rates():
    simulated = simulate(Scenario(arms=3, base=0.1, lift=0.5, visitors=3_000), 400, np.random.default_rng(1))
    assert (simulated.exposed.sum(axis=(1, 2)) == 3_000).all()
    shown, reached = simulated.exposed.sum(axis=(0, 1)), simulated.converted.sum(axis=(0, 1))
    # Four standard errors of room.
    assert shown / shown.sum() == pytest.approx(np.full(3, 1 / 3), abs=4 * np.sqrt(2 / 9 / shown.sum()))
    assert reached / shown == pytest.approx([0.1, 0.1, 0.15], abs=4 * np.sqrt(0.15 * 0.85 / shown.min()))


@pytest.mark.parametrize(
    ("arms", "mode", "least"),
    [(2, "balanced", 20), (4, "balanced", 20), (2, "earn", 20), (4, "earn", 20), (2, "learn", 0), (4, "learn", 20)],
)  # fmt: skip
def test_a_bandits_weights_are_those_that_the_appliance_would_publish(arms, mode, least):
    scenario = Scenario(arms=arms, base=0.08, lift=0.6, visitors=3_000, look_every=50, allocation=mode)
    simulated = simulate(scenario, 3, np.random.default_rng(7))
    published = 0
    for weights, exposed, converted in zip(
        simulated.weights, simulated.exposed, simulated.converted, strict=True
    ):
        in_force = even_weights(arms)
        for look in range(len(simulated.looks)):
            # A thousandth, as good as the quick chances are.
            assert np.abs(weights[look] - in_force).max() <= 10
            in_force = tuple(weights[look].tolist())
            shown, reached = exposed[: look + 1].sum(axis=0), converted[: look + 1].sum(axis=0)
            exact = compare([posterior(s, n) for s, n in zip(reached, shown, strict=True)])
            wanted = weights_in_mode(exact.p_best, mode, int(shown.sum()))
            if worth_publishing(in_force, wanted):
                in_force = wanted
                published += 1
    assert published >= least
    assert published == 0 or (arms, mode) != (2, "learn")


@st.composite
def chances_of_experiments(draw):
    """Chances of being best of several experiments, certain ones and equal ones among them, and weights in force."""
    arms = draw(st.integers(2, 12))
    heights = st.one_of(st.just(0.0), st.just(1.0), st.floats(1e-9, 1.0))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        row = np.array(draw(st.lists(heights, min_size=arms, max_size=arms)))
        rows.append(row / row.sum() if row.sum() else np.full(arms, 1 / arms))
    seed = draw(st.integers(0, 2**32 - 1))
    in_force = np.random.default_rng(seed).multinomial(10_000, np.full(arms, 1 / arms), len(rows))
    return np.array(rows), in_force, draw(st.sampled_from(["anywhere", "near", "half"]))


@given(
    chances_of_experiments(),
    st.sampled_from(["learn", "balanced", "earn"]),
    st.lists(st.integers(0, 2_000_000), min_size=4, max_size=4),
    st.integers(-202, 202),
)
def test_new_weights_of_many_experiments_are_those_of_each_one(drawn, mode, visitors, moved):
    p_best, in_force, where = drawn
    exposed = np.array(visitors[: len(p_best)])
    wanted = [weights_in_mode(row, mode, n) for row, n in zip(p_best.tolist(), exposed.tolist(), strict=True)]
    if where == "half":
        # As much again left to all but the leader, or nearly.
        in_force = np.array(wanted)
        leader, second = in_force.argmax(axis=1), (in_force.argmax(axis=1) + 1) % in_force.shape[1]
        more = 10_000 - in_force.max(axis=1) + moved // 100
        rows = np.arange(len(in_force))
        in_force[rows, leader] -= more
        in_force[rows, second] += more
    elif where == "near":
        # Just as far from the new ones as is worth it, or not quite.
        in_force = np.array(wanted)
        in_force[:, 0] += moved
        in_force[:, 1] -= moved
    before = in_force.tolist()
    publish(in_force, p_best, mode, exposed)
    assert in_force.tolist() == [
        list(new) if worth_publishing(old, new) else old for old, new in zip(before, wanted, strict=True)
    ]


def test_adaptive_is_another_word_for_balanced_and_fixed_weights_stay():
    by_word = {
        word: simulate(
            Scenario(visitors=2_000, base=0.1, lift=0.5, allocation=word), 4, np.random.default_rng(3)
        )
        for word in ("fixed", "adaptive", "balanced", "earn", "learn")
    }
    assert (by_word["adaptive"].weights == by_word["balanced"].weights).all()
    assert (by_word["fixed"].weights == 5_000).all()
    # Two arms get half each when visitors are there to learn from.
    assert (by_word["learn"].weights == 5_000).all()
    assert by_word["earn"].weights.min() < 1_000 < by_word["balanced"].weights.min()


def test_visitors_who_are_lost_are_those_of_the_last_arm_and_bring_nothing():
    scenario = Scenario(arms=3, base=0.1, visitors=3_000)
    whole, lossy = (simulate(scenario, 300, np.random.default_rng(1), lost=lost) for lost in (0.0, 0.2))
    kept = lossy.exposed.sum(axis=(0, 1)) / whole.exposed.sum(axis=(0, 1))
    assert kept == pytest.approx([1, 1, 0.8], abs=0.01)
    rates = lossy.converted.sum(axis=(0, 1)) / lossy.exposed.sum(axis=(0, 1))
    assert rates == pytest.approx([0.1, 0.1, 0.1], abs=0.003)


def test_allocations_are_the_runs_of_looks_under_the_same_weights():
    scenario = Scenario(visitors=2_000, look_every=50, allocation="adaptive", base=0.1, lift=0.5)
    simulated = simulate(scenario, 5, np.random.default_rng(2))
    for one in range(5):
        allocations = simulated.allocations(one, 30)
        assert all(before[0] != after[0] for before, after in pairwise(allocations))
        assert [weights for weights, _, _ in allocations][-1] == tuple(simulated.weights[one, 30].tolist())
        for part, kept in ((1, simulated.exposed), (2, simulated.converted)):
            assert (
                np.sum([each[part] for each in allocations], axis=0).tolist()
                == kept[one, :31].sum(axis=0).tolist()
            )
    assert len(simulated.allocations(0, 30)) > 1


def test_the_same_seed_brings_the_same_visitors():
    scenario = Scenario(visitors=1_000, allocation="adaptive")
    first, again = (simulate(scenario, 4, np.random.default_rng(3)) for _ in range(2))
    assert (first.converted == again.converted).all()
    assert (first.weights == again.weights).all()


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [
        ({"allocation": "greedy"}, 'no allocation "greedy"'),
        ({"arms": 1}, "2 to 12 arms"),
        ({"arms": 13}, "2 to 12 arms"),
        ({"look_every": 0}, "A look every 0"),
        ({"look_every": 20_000}, "does not fit 10,000 visitors"),
        ({"base": 0.0}, "base rate of 0"),
        ({"base": 0.5, "lift": 1.0}, "highest rate is 1.00"),
        ({"base": 0.4, "shape": "rising"}, "rates lie between 0 and 1"),
        ({"base": float("nan")}, "base rate of nan"),
        ({"lift": -1.0}, "lift of -1"),
        ({"lift": float("nan")}, "lift of nan"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_with_a_reason(otherwise, says):
    with pytest.raises(InvalidInput, match=says):
        Scenario(**otherwise)
