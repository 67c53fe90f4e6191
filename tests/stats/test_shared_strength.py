import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stats.combinations import effects_of, renamed, sd_of
from vibevariant.stats.design import Design
from vibevariant.stats.laplace import exchangeable
from vibevariant.stats.shared_strength import alike, basis_of, correlation, covariance

DESIGNS = [
    Design((2, 3), (0, 0)),
    Design((3, 3), (0, 1)),
    Design((2, 2, 2, 2), (0,) * 4),
    Design((7, 7), (0, 0)),
]


@pytest.mark.parametrize("design", DESIGNS)
def test_combinations_have_in_common_what_their_sums_have(design):
    draws = 40_000
    effects = effects_of(design, np.random.default_rng(1), draws)
    assert covariance(design) == pytest.approx(
        effects.T @ effects / draws, abs=6 * sd_of(design) ** 2 / draws**0.5
    )
    assert np.diagonal(covariance(design)) == pytest.approx(sd_of(design) ** 2)


@pytest.mark.parametrize("design", DESIGNS)
def test_combinations_that_share_nothing_know_nothing_of_each_other(design):
    matrix = correlation(design)
    for arm, combination in enumerate(design.combinations):
        for other, another in enumerate(design.combinations):
            shared = sum(a == b for a, b in zip(combination, another, strict=True))
            assert (matrix[arm, other] == 0) == (shared == 0)
            assert (matrix[arm, other] == pytest.approx(1)) == (arm == other)
    assert np.linalg.eigvalsh(matrix).min() > 0.004


@pytest.mark.parametrize("design", DESIGNS)
def test_a_basis_holds_all_of_the_differences_and_nothing_else(design):
    matrix, arms = correlation(design), design.arms
    basis = basis_of(matrix)
    centre = np.eye(arms) - 1 / arms
    assert basis.to_effects @ basis.to_effects.T == pytest.approx(centre @ matrix @ centre, abs=1e-12)
    assert basis.from_effects @ basis.to_effects == pytest.approx(np.eye(arms - 1), abs=1e-10)
    assert basis.from_effects @ np.ones(arms) == pytest.approx(0, abs=1e-10)


def test_effects_that_know_nothing_of_each_other_have_the_basis_of_exchangeable_arms():
    basis, plain = basis_of(np.eye(5)), exchangeable(5)
    assert basis.to_effects == pytest.approx(plain.to_effects, abs=1e-12)
    effects = np.random.default_rng(1).standard_normal((3, 5))
    effects -= effects.mean(axis=1, keepdims=True)
    assert basis.lengths(effects) == pytest.approx(plain.lengths(effects))


def test_combinations_of_which_nothing_was_seen_are_all_alike():
    for design in DESIGNS:
        assert alike(design, [0] * design.arms) == [list(range(design.arms))]


def test_what_was_seen_of_a_neighbour_tells_combinations_apart():
    # One combination of nine differs: those that share a variant with it, by the element, and those that do not.
    assert alike(Design((3, 3), (0, 0)), [1, 0, 0, 0, 0, 0, 0, 0, 0]) == [[0], [1, 2], [3, 6], [4, 5, 7, 8]]


@given(
    st.sampled_from(DESIGNS[:3]).flatmap(
        lambda design: st.tuples(
            st.just(design),
            st.lists(st.integers(0, 2), min_size=design.arms, max_size=design.arms),
            st.tuples(*(st.permutations(range(count)) for count in design.variants)),
        )
    )
)
def test_other_names_make_the_same_groups(case):
    design, seen, orders = case
    arms = renamed(design, orders)
    groups = alike(design, seen)
    assert sorted(sorted(group) for group in groups) == sorted(
        sorted(arms[arm] for arm in group) for group in alike(design, [seen[arm] for arm in arms])
    )
    assert all(len({seen[arm] for arm in group}) == 1 for group in groups)
