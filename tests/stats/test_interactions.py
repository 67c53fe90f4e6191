"""What is said of elements and their variants, read from the posterior of all combinations."""

import itertools
import math

import numpy as np
import pytest

from tests.stats.combinations import ADDITIVE, DEMO, effects_of, evenly, renamed, sd_of
from tests.stats.conversions import log_likelihood
from vibevariant.stats.design import Design
from vibevariant.stats.factorial import combination_chances, element_effects, importance, interactions
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS

TWO_BY_THREE = Design((2, 3), (0, 0))
THREE_BY_THREE = Design((3, 3), (0, 0))
BANDIT = [
    ((1666, 1667, 1667, 1667, 1667, 1666), (300,) * 6, (6, 9, 5, 7, 14, 6)),
    ((800, 1200, 700, 1000, 5400, 900), (150, 230, 130, 200, 1020, 170), (6, 12, 4, 9, 75, 7)),
]


def posterior_of(counts, design):
    return Hierarchical(counts, design.arms, design=design)


def badges(rates, design, visitors, seeds):
    """For each seed, the pairs of variants of which it is said that they work only together."""
    return [
        [
            found.variants
            for found in interactions(posterior_of(evenly(rates, visitors, seed), design), design)
            if found.works_only_together
        ]
        for seed in seeds
    ]


def test_effects_and_interactions_are_those_of_draws():
    rng = np.random.default_rng(7)
    spreads = rng.choice(SPREADS, 1_000_000, p=BEFORE_HISTORY.weights)
    effects = effects_of(TWO_BY_THREE, rng, len(spreads)) * (spreads / sd_of(TWO_BY_THREE))[:, None]
    logs = log_likelihood(BANDIT, effects)
    weights = np.exp(logs - logs.max())
    table = effects.reshape(-1, 2, 3)
    posterior = posterior_of(BANDIT, TWO_BY_THREE)
    seen = {(effect.element, effect.variant): effect for effect in element_effects(posterior, TWO_BY_THREE)}
    assert list(seen) == [(0, 1), (1, 1), (1, 2)]
    for key, numbers in {
        (0, 1): table[:, 1].mean(axis=1) - table[:, 0].mean(axis=1),
        (1, 1): (table[:, :, 1] - table[:, :, 0]).mean(axis=1),
        (1, 2): (table[:, :, 2] - table[:, :, 0]).mean(axis=1),
    }.items():
        compare(seen[key].lift, numbers, weights)
        assert seen[key].p_better == seen[key].lift.p_better
    found = {each.variants: each for each in interactions(posterior, TWO_BY_THREE)}
    assert list(found) == list(itertools.product(range(2), range(3)))
    for (one, other), each in found.items():
        rest = [v for v in range(3) if v != other]
        both, neither = table[:, one, other], table[:, 1 - one][:, rest].mean(axis=1)
        numbers = both - table[:, one][:, rest].mean(axis=1) - table[:, 1 - one, other] + neither
        compare(each.lift, numbers, weights)
        mattering = weights @ (np.abs(numbers) > math.log(1.05)) / weights.sum()
        assert each.p_matters == pytest.approx(mattering, abs=0.01)
        assert math.log1p(each.size) == pytest.approx(each.lift.quantile(0.5), abs=1e-9)
        assert math.log1p(each.together) == pytest.approx(median(both - neither, weights), abs=0.012)
    apart = np.square(effects - effects.mean(axis=1, keepdims=True)).mean(axis=1)
    shares = [
        weights @ (np.square(table.mean(axis=axis) - effects.mean(axis=1)[:, None]).mean(axis=1) / apart)
        for axis in (2, 1)
    ]
    assert importance(posterior, TWO_BY_THREE) == pytest.approx(np.array(shares) / weights.sum(), abs=0.01)


def median(numbers, weights):
    order = np.argsort(numbers)
    return float(np.interp(0.5, np.cumsum(weights[order]) / weights.sum(), numbers[order]))


def compare(lift, numbers, weights):
    assert lift.p_better == pytest.approx(weights @ (numbers > 0) / weights.sum(), abs=0.008)
    order = np.argsort(numbers)
    ends = np.interp((0.025, 0.5, 0.975), np.cumsum(weights[order]) / weights.sum(), numbers[order])
    assert [lift.quantile(q) for q in (0.025, 0.5, 0.975)] == pytest.approx(ends, abs=0.012)


def test_each_element_has_its_own_control():
    counts = evenly(DEMO, 20_000, 3)
    design = Design((3, 3), (1, 2))
    posterior = posterior_of(counts, design)
    effects = {(effect.element, effect.variant): effect.lift for effect in element_effects(posterior, design)}
    assert list(effects) == [(0, 0), (0, 2), (1, 0), (1, 1)]
    usual = {
        (effect.element, effect.variant): effect.lift for effect in element_effects(posterior, THREE_BY_THREE)
    }
    assert effects[0, 0].quantile(0.5) == pytest.approx(-usual[0, 1].quantile(0.5), abs=1e-3)
    assert effects[0, 0].p_better == pytest.approx(1 - usual[0, 1].p_better, abs=1e-3)


def test_variants_that_only_add_up_are_found_and_nothing_is_said_of_them_together():
    design, rates = Design((2, 2, 2), (0, 0, 0)), np.ones((2, 2, 2)) * 0.04
    rates[1] *= 1.4
    rates[:, :, 1] /= 1.2
    posterior = posterior_of(evenly(rates, 200_000, 2), design)
    effects = [effect.lift.quantile(0.5) for effect in element_effects(posterior, design)]
    assert effects == pytest.approx([math.log(1.4), 0, -math.log(1.2)], abs=0.06)
    shares = importance(posterior, design)
    assert shares[0] > 0.6
    assert shares[1] < 0.1 < shares[2] < 0.3
    assert sum(shares) > 0.95
    found = interactions(posterior, design)
    assert len(found) == 12
    assert not any(each.works_only_together or each.in_each_others_way for each in found)
    assert max(each.p_matters for each in found) < 0.6


def test_with_enough_visitors_what_only_works_together_is_said_of_it_alone():
    posterior = posterior_of(evenly(DEMO, 400_000, 1), THREE_BY_THREE)
    found = {each.variants: each for each in interactions(posterior, THREE_BY_THREE)}
    assert [variants for variants, each in found.items() if each.works_only_together] == [(1, 1)]
    logs = np.log(DEMO)
    rest = [0, 2]
    neither = logs[np.ix_(rest, rest)].mean()
    both, one, other = logs[1, 1] - neither, logs[1, rest].mean() - neither, logs[rest, 1].mean() - neither
    assert math.log1p(found[1, 1].size) == pytest.approx(both - one - other, abs=0.12)
    assert math.log1p(found[1, 1].together) == pytest.approx(both, abs=0.12)
    assert not any(each.in_each_others_way for each in found.values())


def test_each_good_by_itself_and_bad_together_is_the_other_word():
    rates = [[0.03, 0.05, 0.03], [0.05, 0.03, 0.05]]
    posterior = posterior_of(evenly(rates, 60_000, 1), TWO_BY_THREE)
    found = {each.variants: each for each in interactions(posterior, TWO_BY_THREE)}
    assert found[1, 1].in_each_others_way
    assert found[1, 1].size < -0.3
    assert not found[1, 1].works_only_together


def test_four_combinations_have_effects_and_interactions_too():
    design = Design((2, 2), (0, 0))
    posterior = posterior_of(evenly([[0.03, 0.03], [0.03, 0.06]], 20_000, 1), design)
    assert [effect.p_better > 0.9 for effect in element_effects(posterior, design)] == [True, True]
    found = {each.variants: each for each in interactions(posterior, design)}
    assert [variants for variants, each in found.items() if each.works_only_together] == [(1, 1)]
    # Both tables are one, read from either corner.
    assert found[0, 0].size == pytest.approx(found[1, 1].size, abs=1e-9)
    assert found[0, 1].size < 0


def test_other_names_of_variants_rename_effects_and_interactions():
    counts = evenly(DEMO, 10_000, 5)
    orders = ((0, 2, 1), (0, 2, 1))
    arms = renamed(THREE_BY_THREE, orders)
    other = [tuple([row[arm] for arm in arms] for row in one) for one in counts]
    ours, theirs = posterior_of(counts, THREE_BY_THREE), posterior_of(other, THREE_BY_THREE)
    mine = {each.variants: each for each in interactions(ours, THREE_BY_THREE)}
    for each in interactions(theirs, THREE_BY_THREE):
        same = mine[orders[0][each.variants[0]], orders[1][each.variants[1]]]
        assert each.lift.p_better == pytest.approx(same.lift.p_better, abs=0.003)
        assert each.works_only_together == same.works_only_together
    effects = {(each.element, each.variant): each for each in element_effects(ours, THREE_BY_THREE)}
    for each in element_effects(theirs, THREE_BY_THREE):
        same = effects[each.element, orders[each.element][each.variant]]
        assert each.p_better == pytest.approx(same.p_better, abs=0.003)
    assert importance(theirs, THREE_BY_THREE) == pytest.approx(importance(ours, THREE_BY_THREE), abs=0.003)


def test_ten_thousand_visitors_are_enough_to_find_what_only_works_together():
    seeds = range(60)
    leaders = [
        int(np.argmax(posterior_of(evenly(DEMO, 10_000, seed), THREE_BY_THREE).p_best(range(9))))
        for seed in seeds
    ]
    assert leaders.count(4) >= 57
    said = badges(DEMO, THREE_BY_THREE, 10_000, seeds)
    assert sum((1, 1) in pairs for pairs in said) > 30
    assert sum(bool(set(pairs) - {(1, 1)}) for pairs in said) <= 2


def test_of_variants_that_only_add_up_it_is_hardly_ever_said():
    assert sum(map(bool, badges(ADDITIVE, THREE_BY_THREE, 10_000, range(60)))) <= 3


@pytest.mark.parametrize("served_by", [combination_chances, None])
def test_an_interaction_in_two_by_three_is_found_too(served_by):
    found = 0
    for seed in range(60):
        counts = evenly(DEMO[:2], 10_000, seed)
        chances = (
            served_by(counts, TWO_BY_THREE, range(6))
            if served_by
            else posterior_of(counts, TWO_BY_THREE).p_best(range(6))
        )
        found += int(np.argmax(chances)) == 4
    assert found >= 57


def test_what_is_said_of_combinations_is_right_as_often_as_it_says():
    rng = np.random.default_rng(11)
    inside, said, right = [], [], []
    for _ in range(150):
        spread = rng.choice(SPREADS, p=BEFORE_HISTORY.weights)
        effects = effects_of(THREE_BY_THREE, rng, 1)[0] * spread / sd_of(THREE_BY_THREE)
        rates = math.exp(rng.normal(math.log(0.04), 0.5)) * np.exp(effects)
        posterior = posterior_of(evenly(rates, 5000, int(rng.integers(2**32))), THREE_BY_THREE)
        chances = posterior.p_best(range(9))
        leader = int(np.argmax(chances))
        said.append(chances[leader])
        right.append(leader == int(np.argmax(effects)))
        has = np.array(THREE_BY_THREE.combinations)
        for effect in element_effects(posterior, THREE_BY_THREE):
            of = has[:, effect.element]
            low, high = effect.lift.interval_95
            inside.append(low < effects[of == effect.variant].mean() - effects[of == 0].mean() < high)
        low, high = posterior.lift(0, 4).interval_95
        inside.append(low < effects[4] - effects[0] < high)
    assert 0.92 < np.mean(inside) < 0.98
    assert abs(np.mean(said) - np.mean(right)) < 3 * 0.5 / math.sqrt(len(said))
