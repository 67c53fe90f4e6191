"""The calibrated layer of combinations, against millions of draws of sums of main effects, pairs and rests."""

import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.combinations import DEMO, effects_of, evenly, renamed, sd_of
from tests.stats.conversions import BANDITS, log_likelihood
from vibevariant.stats.design import Design
from vibevariant.stats.hierarchical import Hierarchical, log_marginals
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS, fixed_spread
from vibevariant.stats.ranking import rank
from vibevariant.stats.sensitivity import prior_sensitivity

TWO_BY_THREE = Design((2, 3), (0, 0))
THREE_BY_THREE = Design((3, 3), (0, 0))
# Under weights that followed the data, while the base rate rose.
BANDIT = [
    ((1666, 1667, 1667, 1667, 1667, 1666), (300,) * 6, (6, 9, 5, 7, 14, 6)),
    ((800, 1200, 700, 1000, 5400, 900), (150, 230, 130, 200, 1020, 170), (6, 12, 4, 9, 75, 7)),
]
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@functools.cache
def draws():
    """Effects of the prior, their weights under the conversions, and the spread of each."""
    rng = np.random.default_rng(5)
    count = 1_200_000
    spreads = rng.choice(SPREADS, count, p=BEFORE_HISTORY.weights)
    effects = effects_of(TWO_BY_THREE, rng, count) * (spreads / sd_of(TWO_BY_THREE))[:, None]
    logs = log_likelihood(BANDIT, effects)
    return effects, np.exp(logs - logs.max()), spreads


def test_chances_and_losses_are_those_of_draws():
    effects, weights, _ = draws()
    effective = weights.sum() ** 2 / (weights @ weights)
    assert effective > 30_000
    error = 3 * 0.5 / math.sqrt(effective)
    chances = np.bincount(effects.argmax(axis=1), weights=weights) / weights.sum()
    lost = weights @ -np.expm1(effects - effects.max(axis=1, keepdims=True)) / weights.sum()
    posterior = Hierarchical(BANDIT, 6, design=TWO_BY_THREE)
    assert posterior.p_best(range(6)) == pytest.approx(chances, abs=0.002 + error)
    assert posterior.loss(range(6)) == pytest.approx(lost, abs=0.003)
    running = (0, 2, 4)
    best = np.array(running)[effects[:, running].argmax(axis=1)]
    among = np.bincount(best, weights=weights, minlength=6) / weights.sum()
    assert posterior.p_best(running) == pytest.approx(among, abs=0.002 + error)
    # It is not what arms would have that say nothing of each other.
    assert np.abs(np.array(Hierarchical(BANDIT, 6).p_best(range(6))) - chances).max() > 0.006


def test_lifts_are_those_of_draws():
    effects, weights, _ = draws()
    posterior = Hierarchical(BANDIT, 6, design=TWO_BY_THREE)
    for a, b in itertools.permutations((0, 1, 4), 2):
        d = effects[:, b] - effects[:, a]
        order = np.argsort(d)
        ends = np.interp(QUANTILES, np.cumsum(weights[order]) / weights.sum(), d[order])
        assert [posterior.lift(a, b).quantile(q) for q in QUANTILES] == pytest.approx(ends, abs=0.012)


def test_each_spread_foretells_combinations_as_well_as_draws_say():
    effects, _, spreads = draws()
    logs = log_likelihood(BANDIT, effects)
    exact = np.array([np.log(np.mean(np.exp(logs[spreads == spread] - logs.max()))) for spread in SPREADS])
    ours = np.array(log_marginals(BANDIT, 6, design=TWO_BY_THREE))
    assert ours - ours[3] == pytest.approx(exact - exact[3], abs=0.05)
    assert max(ours) == 0
    assert ours != pytest.approx(log_marginals(BANDIT, 6), abs=0.01)


def test_a_moved_prior_of_combinations_is_that_of_draws():
    shift = PriorShift((0.3, -0.2, 0.1, 0.0, -0.3, 0.1), 0.7)
    effects, _, spreads = draws()
    # The same draws, drawn closer to the middle and moved.
    moved = effects * math.sqrt(shift.kept) + spreads[:, None] * np.array(shift.means)
    logs = log_likelihood(BANDIT, moved)
    weights = np.exp(logs - logs.max())
    chances = np.bincount(moved.argmax(axis=1), weights=weights) / weights.sum()
    error = 1.5 * math.sqrt(weights @ weights) / weights.sum()
    shifted = Hierarchical(BANDIT, 6, shift=shift, design=TWO_BY_THREE)
    assert shifted.p_best(range(6)) == pytest.approx(chances, abs=0.002 + error)
    again = Hierarchical(BANDIT, 6, design=TWO_BY_THREE).under(BEFORE_HISTORY, shift)
    assert again.p_best(range(6)) == shifted.p_best(range(6))


@pytest.mark.parametrize("design", [TWO_BY_THREE, THREE_BY_THREE, Design((2, 2, 2, 2), (0,) * 4)])
def test_without_conversions_every_combination_has_its_share(design):
    arms = design.arms
    for counts in ([], [((1,) * arms, (50,) * arms, (0,) * arms)]):
        posterior = Hierarchical(counts, arms, design=design)
        assert posterior.p_best(range(arms)) == pytest.approx((1 / arms,) * arms, abs=1e-12)
        assert max(posterior.loss(range(arms))) == pytest.approx(min(posterior.loss(range(arms))), abs=1e-12)
        # Before they are made equal they hardly differ.
        raw = posterior._effects.p_best(list(range(arms)))
        assert raw == pytest.approx(np.full(arms, 1 / arms), abs=0.002)
        # Two that share nothing lie apart as far as any two arms do.
        low, high = posterior.lift(0, arms - 1).interval_95
        assert high - low == pytest.approx(BEFORE_HISTORY.width_95, rel=0.01)
        low, high = posterior.lift(0, 1).interval_95
        assert high - low < 0.9 * BEFORE_HISTORY.width_95


def test_four_combinations_are_arms_like_any_others():
    counts, design = [((1,) * 4, (1000,) * 4, (30, 35, 28, 50))], Design((2, 2), (0, 0))
    with_it, without = Hierarchical(counts, 4, design=design), Hierarchical(counts, 4)
    assert with_it.p_best(range(4)) == without.p_best(range(4))
    assert with_it.spread == without.spread
    assert log_marginals(counts, 4, design=design) == log_marginals(counts, 4)


def test_a_design_of_other_arms_is_refused():
    with pytest.raises(ValueError, match="6 combinations says nothing of 5"):
        Hierarchical(BANDITS[5], 5, design=TWO_BY_THREE)


def test_sums_of_log_rates_are_differences_too():
    posterior = Hierarchical(BANDIT, 6, design=TWO_BY_THREE)
    contrast = np.array([[0.0, -1.0, 0.0, 0.0, 1.0, 0.0]])
    (along,) = posterior.along(contrast)
    lift = posterior.lift(1, 4)
    assert along.p_better == pytest.approx(lift.p_better, abs=1e-9)
    assert [along.quantile(q) for q in QUANTILES] == pytest.approx(
        [lift.quantile(q) for q in QUANTILES], abs=1e-7
    )
    log_rates, chances = posterior.points()
    assert chances.sum() == pytest.approx(1)
    assert chances @ (log_rates[:, 4] - log_rates[:, 1]) == pytest.approx(lift.quantile(0.5), abs=0.02)


def test_two_arms_have_neither_sums_nor_points():
    with pytest.raises(ValueError, match="two arms"):
        Hierarchical([], 2).along(np.array([[1.0, -1.0]]))
    with pytest.raises(ValueError, match="two arms"):
        Hierarchical([], 2).points()


def test_ranking_and_its_readers_know_the_design():
    counts = evenly(DEMO, 10_000, 4)
    posterior = Hierarchical(counts, 9, design=THREE_BY_THREE)
    assert rank(counts, range(9), 9, design=THREE_BY_THREE).p_best == posterior.p_best(range(9))
    keys = tuple("abcdefghi")
    readers = prior_sensitivity(counts, range(9), keys, design=THREE_BY_THREE)
    assert readers == prior_sensitivity(counts, range(9), keys, posterior=posterior)
    sceptic = Hierarchical(counts, 9, fixed_spread(0.1), design=THREE_BY_THREE)
    assert readers.verdicts[0].p_best == max(sceptic.p_best(range(9)))


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(
        st.lists(st.integers(0, 60), min_size=6, max_size=6),
        st.lists(st.integers(1, 9), min_size=6, max_size=6),
        st.permutations(range(2)),
        st.permutations(range(3)),
    )
)
def test_other_names_of_variants_permute_the_answers(case):
    conversions, weights, *orders = case
    arms = renamed(TWO_BY_THREE, orders)
    ours = Hierarchical([(weights, (100,) * 6, conversions)], 6, design=TWO_BY_THREE)
    theirs = Hierarchical(
        [([weights[arm] for arm in arms], (100,) * 6, [conversions[arm] for arm in arms])],
        6,
        design=TWO_BY_THREE,
    )
    for mine, its in (
        (ours.p_best(range(6)), theirs.p_best(range(6))),
        (ours.loss(range(6)), theirs.loss(range(6))),
    ):
        assert its == pytest.approx([mine[arm] for arm in arms], abs=0.003)
    assert sum(ours.p_best(range(6))) == pytest.approx(1, abs=1e-9)
