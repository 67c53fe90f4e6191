"""Where combinations send the next visitors."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.combinations import effects_of, renamed
from tests.stats.conversions import log_likelihood
from vibevariant.stats.design import Design
from vibevariant.stats.factorial import _chances_of_normal, combination_chances

TWO_BY_THREE = Design((2, 3), (0, 0))
THREE_BY_THREE = Design((3, 3), (0, 0))
BANDIT = [
    ((1666, 1667, 1667, 1667, 1667, 1666), (300,) * 6, (6, 9, 5, 7, 14, 6)),
    ((800, 1200, 700, 1000, 5400, 900), (150, 230, 130, 200, 1020, 170), (6, 12, 4, 9, 75, 7)),
]


def test_chances_are_those_of_draws_of_sums():
    rng = np.random.default_rng(6)
    effects = effects_of(TWO_BY_THREE, rng, 1_500_000)
    logs = log_likelihood(BANDIT, effects)
    weights = np.exp(logs - logs.max())
    effective = weights.sum() ** 2 / (weights @ weights)
    assert effective > 40_000
    for served in ((0, 1, 2, 3, 4, 5), (0, 1, 3)):
        best = np.array(served)[effects[:, served].argmax(axis=1)]
        chances = np.bincount(best, weights=weights, minlength=6)[list(served)] / weights.sum()
        ours = combination_chances(BANDIT, TWO_BY_THREE, served)
        # A normal curve stands in for the posterior: what is left of few conversions is a little more curiosity.
        assert ours == pytest.approx(chances, abs=0.025)


def test_the_chance_of_the_greatest_normal_is_that_of_its_orthant():
    rng = np.random.default_rng(2)
    to_effects = rng.standard_normal((4, 5)) * (0.1, 0.2, 0.3, 0.4, 0.5)
    tops = np.array([0.1, 0.0, -0.1, 0.3, -6.0])
    covariance = to_effects.T @ to_effects
    exact = []
    for arm in range(5):
        less = np.delete(np.eye(5), arm, axis=0) - np.eye(5)[arm]
        ahead = scipy.stats.multivariate_normal(
            less @ tops, less @ covariance @ less.T, allow_singular=True, maxpts=400_000, abseps=1e-5
        )
        exact.append(ahead.cdf(np.zeros(4), rng=np.random.default_rng(1)))
    assert _chances_of_normal(tops, to_effects) / 2039 == pytest.approx(exact, abs=0.002)


@pytest.mark.parametrize("variants", [(2, 3), (3, 3), (2, 2, 2), (7, 7)])
def test_without_conversions_every_combination_gets_the_same(variants):
    design = Design(variants, (0,) * len(variants))
    for counts in ([], [((1,) * design.arms, (100,) * design.arms, (0,) * design.arms)]):
        assert combination_chances(counts, design, range(design.arms)) == (1 / design.arms,) * design.arms
        assert combination_chances(counts, design, (1, 4, 2)) == (1 / 3,) * 3
    # Everybody converted, which says as little.
    everybody = [((1,) * design.arms, (20,) * design.arms, (20,) * design.arms)]
    assert combination_chances(everybody, design, (0, 1)) == (0.5, 0.5)
    assert combination_chances(everybody, design, (3,)) == (1.0,)
    assert combination_chances(everybody, design, ()) == ()


@pytest.mark.parametrize("variants", [(2, 3), (3, 3), (2, 2, 2, 2), (7, 7)])
def test_combinations_of_equal_standing_have_equal_chances(variants):
    design = Design(variants, (0,) * len(variants))
    chances = combination_chances(
        [((1,) * design.arms, (90,) * design.arms, (7,) * design.arms)], design, range(design.arms)
    )
    assert chances == pytest.approx((1 / design.arms,) * design.arms, abs=1e-12)
    special = [((1,) * design.arms, (90,) * design.arms, (14, *(7,) * (design.arms - 1)))]
    chances = combination_chances(special, design, range(design.arms))
    assert max(chances) == chances[0]
    # All that have the same number of variants in common with it, of elements that have as many.
    alike = {}
    for combination, chance in zip(design.combinations, chances, strict=True):
        shared = [a == b for a, b in zip(combination, design.combinations[0], strict=True)]
        alike.setdefault(tuple(sorted(zip(design.variants, shared, strict=True))), []).append(chance)
    assert max(max(group) - min(group) for group in alike.values()) < 0.002


def test_what_is_seen_of_one_combination_moves_those_that_share_a_variant_with_it():
    counts = [((1,) * 9, (1000,) * 9, (30, 30, 30, 30, 60, 30, 30, 30, 30))]
    chances = combination_chances(counts, THREE_BY_THREE, range(9))
    assert chances[1] > 1.3 * chances[0]
    assert chances[3] == pytest.approx(chances[1], abs=0.002)


def test_a_base_rate_that_changes_under_weights_that_follow_misleads_nobody():
    # Everybody converts alike, at noon three times as often, when the fifth combination gets most of the visitors.
    counts = [
        ((1,) * 6, (1000,) * 6, (20,) * 6),
        ((1, 1, 1, 1, 15, 1), (100, 100, 100, 100, 1500, 100), (6, 6, 6, 6, 90, 6)),
    ]
    chances = combination_chances(counts, TWO_BY_THREE, range(6))
    # It is the one of which most is known, and so the least likely to be the best after all.
    assert min(chances) == chances[4] > 0.1
    assert max(chances) < 0.18


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([TWO_BY_THREE, Design((2, 2, 2), (0, 0, 0)), THREE_BY_THREE]).flatmap(
        lambda design: st.tuples(
            st.just(design),
            st.lists(
                st.tuples(
                    st.lists(st.integers(0, 10_000), min_size=design.arms, max_size=design.arms).filter(any),
                    st.lists(st.integers(0, 10**6), min_size=design.arms, max_size=design.arms),
                    st.lists(st.floats(0, 1), min_size=design.arms, max_size=design.arms),
                ),
                max_size=3,
            ),
            st.sets(st.integers(0, design.arms - 1), min_size=1),
            st.tuples(*(st.permutations(range(count)) for count in design.variants)),
        )
    )
)
def test_any_counts_give_chances_and_other_names_permute_them(case):
    design, rows, served, orders = case
    counts = [(w, n, [int(each * share) for each, share in zip(n, of, strict=True)]) for w, n, of in rows]
    chances = combination_chances(counts, design, sorted(served))
    assert sum(chances) == pytest.approx(1, abs=1e-12)
    assert min(chances) >= 0
    assert combination_chances(counts, design, sorted(served)) == chances
    by_arm = dict(zip(sorted(served), chances, strict=True))
    arms = renamed(design, orders)
    other = [tuple([row[arm] for arm in arms] for row in one) for one in counts]
    theirs = [place for place, arm in enumerate(arms) if arm in served]
    assert combination_chances(other, design, theirs) == pytest.approx(
        [by_arm[arms[place]] for place in theirs], abs=0.006
    )
