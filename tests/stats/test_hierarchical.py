"""The calibrated layer: what holds for any number of arms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp, ndtr, ndtri

from tests.stats.conversions import BANDITS, even, log_likelihood
from vibevariant.stats.hierarchical import Hierarchical, log_marginals
from vibevariant.stats.prior_shift import PriorShift, no_shift
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS, fixed_spread, half_normal

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_each_spread_foretells_an_experiment_as_well_as_the_integral_says(arms):
    counts = BANDITS[arms] if arms > 2 else even(3, 12)
    rng = np.random.default_rng(4)
    normal = rng.standard_normal((400_000, arms))
    exact = np.array([
        logsumexp(log_likelihood(counts, spread * normal)) for spread in SPREADS
    ])  # fmt: skip
    ours = np.array(log_marginals(counts, arms))
    assert ours - ours[3] == pytest.approx(exact - exact[3], abs=0.03)
    assert max(ours) == 0


def test_an_experiment_adds_its_own_word_on_the_spread():
    apart = Hierarchical(even(200, 500, 900), 3)
    alike = Hierarchical(even(500, 501, 499), 3)
    assert alike.spread.mean < BEFORE_HISTORY.mean < apart.spread.mean
    prior = np.array(BEFORE_HISTORY.weights) * np.exp(log_marginals(BANDITS[3], 3))
    assert Hierarchical(BANDITS[3], 3).spread.weights == pytest.approx(prior / prior.sum(), abs=0.005)


@pytest.mark.parametrize("arms", [2, 3, 9])
def test_without_conversions_every_arm_has_its_share_and_the_prior_is_left(arms):
    for counts in ([], even(*(0,) * arms)):
        posterior = Hierarchical(counts, arms)
        assert posterior.p_best(range(arms)) == pytest.approx((1 / arms,) * arms, abs=1e-12)
        assert posterior.spread.weights == pytest.approx(BEFORE_HISTORY.weights, abs=1e-9)
        low, high = posterior.lift(0, 1).interval_95
        assert high - low == pytest.approx(BEFORE_HISTORY.width_95, rel=0.01)
        assert posterior.prior_width == BEFORE_HISTORY.width_95


def test_an_arm_among_many_is_drawn_towards_all_of_them():
    alone = Hierarchical(even(50, 70), 2).p_best((0, 1))[1]
    among = Hierarchical(even(50, 70, 52, 48, 51, 50, 49, 50, 50), 9)
    assert among.p_best((0, 1))[1] < alone
    assert among.lift(0, 1).quantile(0.5) < Hierarchical(even(50, 70), 2).lift(0, 1).quantile(0.5)


def test_more_data_narrow_what_is_known():
    widths = [
        high - low
        for low, high in (
            Hierarchical(even(n, 2 * n, 2 * n), 3).lift(0, 2).interval_95 for n in (10, 100, 1000)
        )
    ]
    assert widths == sorted(widths, reverse=True)


def test_one_arm_has_nothing_to_be_compared_with():
    posterior = Hierarchical([], 1)
    assert (posterior.p_best((0,)), posterior.loss((0,))) == ((1.0,), (0.0,))
    assert log_marginals([], 1) == (0.0,) * len(SPREADS)
    with pytest.raises(ValueError, match="two arms"):
        posterior.lift(0, 0)


def allocations(arms):
    return st.lists(
        st.tuples(
            st.lists(st.integers(0, 10_000), min_size=arms, max_size=arms).filter(any).map(tuple),
            st.lists(st.integers(0, 400), min_size=arms, max_size=arms).map(tuple),
            st.lists(st.integers(0, 400), min_size=arms, max_size=arms),
        ).map(lambda row: (row[0], row[1], tuple(min(pair) for pair in zip(row[1], row[2], strict=True)))),
        max_size=4,
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6).flatmap(lambda arms: st.tuples(st.permutations(range(arms)), allocations(arms))))
def test_renaming_the_arms_permutes_the_answers(case):
    renamed, counts = case
    arms = len(renamed)
    other = [tuple(tuple(row[arm] for arm in renamed) for row in one) for one in counts]
    ours, theirs = Hierarchical(counts, arms), Hierarchical(other, arms)
    for mine, its in (
        (ours.p_best(range(arms)), theirs.p_best(range(arms))),
        (ours.loss(range(arms)), theirs.loss(range(arms))),
    ):
        assert its == pytest.approx([mine[arm] for arm in renamed], abs=0.002)
    there, back = ours.lift(renamed[0], renamed[1]), theirs.lift(0, 1)
    # Of two arms of which the same was seen, either may come first.
    assert there.p_better == pytest.approx(back.p_better, abs=0.002)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 5)
    .flatmap(allocations)
    .flatmap(lambda counts: st.tuples(st.just(counts), st.permutations(counts)))
)
def test_the_order_of_allocations_says_nothing(case):
    counts, shuffled = case
    arms = len(counts[0][0]) if counts else 2
    ours, theirs = Hierarchical(counts, arms), Hierarchical(shuffled, arms)
    assert ours.p_best(range(arms)) == pytest.approx(theirs.p_best(range(arms)), abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 9).flatmap(allocations),
    st.sampled_from([BEFORE_HISTORY, half_normal(0.5), fixed_spread(0.03)]),
)
def test_any_counts_give_chances_and_finite_lifts(counts, prior):
    arms = len(counts[0][0]) if counts else 3
    posterior = Hierarchical(counts, arms, prior)
    chances, losses = posterior.p_best(range(arms)), posterior.loss(range(arms))
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    assert min(chances) >= 0
    assert all(0 <= loss <= 1 for loss in losses)
    lift = posterior.lift(0, arms - 1)
    ends = [lift.quantile(q) for q in QUANTILES]
    assert all(math.isfinite(end) for end in ends)
    assert ends == sorted(ends)
    assert lift.probability_below(0.0) == pytest.approx(1 - lift.p_better, abs=1e-9)


@pytest.mark.parametrize("arms", [2, 50])
def test_ten_million_visitors_and_fifty_arms_are_no_trouble(arms):
    for conversions in (0, 1, 10**6):
        counts = [((10_000 // arms,) * arms, (10**7,) * arms, (conversions, *(10**6,) * (arms - 1)))]
        posterior = Hierarchical(counts, arms)
        assert sum(posterior.p_best(range(arms))) == pytest.approx(1)
        assert math.isfinite(posterior.lift(0, 1).quantile(0.999))
    two_hundred = [
        ((10_000 // arms + e, *(10_000 // arms,) * (arms - 1)), (50,) * arms, (1,) * arms) for e in range(200)
    ]
    assert min(Hierarchical(two_hundred, arms).p_best(range(arms))) > 0


def test_an_arm_alone_in_the_running_is_best():
    for arms in (2, 4):
        posterior = Hierarchical(even(*(5,) * arms), arms)
        assert posterior.p_best((1,))[1] == 1.0
        assert posterior.loss((1,))[1] == 0.0


def shift_of(means, kept=0.7):
    return PriorShift(tuple(float(mean) for mean in np.array(means) - np.mean(means)), kept)


def answers(posterior, arms):
    lifts = [posterior.lift(0, arm) for arm in range(1, arms)]
    ends = [lift.quantile(q) for lift in lifts for q in QUANTILES]
    return [*posterior.p_best(range(arms)), *posterior.loss(range(arms)), *posterior.spread.weights, *ends]


@pytest.mark.parametrize("arms", [2, 3, 9])
def test_a_shift_that_moves_nothing_changes_nothing(arms):
    counts = BANDITS.get(arms, even(3, 12))
    assert answers(Hierarchical(counts, arms, shift=no_shift(arms)), arms) == answers(
        Hierarchical(counts, arms), arms
    )


@pytest.mark.parametrize("arms", [2, 3, 9])
def test_the_same_counts_under_another_prior_are_as_if_read_anew(arms):
    counts, shift = BANDITS.get(arms, even(3, 12)), shift_of(np.linspace(-0.3, 0.4, arms))
    posterior = Hierarchical(counts, arms)
    before = answers(posterior, arms)
    for prior, moved in ((BEFORE_HISTORY, shift), (fixed_spread(0.1), None), (half_normal(0.5), shift)):
        anew = Hierarchical(counts, arms, prior, moved)
        assert answers(posterior.under(prior, moved), arms) == answers(anew, arms)
    assert answers(posterior, arms) == before


def test_arms_of_the_same_counts_are_told_apart_by_their_signals():
    posterior = Hierarchical(even(*(5,) * 4), 4)
    shifted = posterior.under(BEFORE_HISTORY, shift_of((0.2, -0.1, 0.2, -0.3)))
    chances = shifted.p_best(range(4))
    assert chances[0] == chances[2] > chances[1] > chances[3]
    assert posterior.p_best(range(4)) == pytest.approx((0.25,) * 4, abs=1e-12)


@pytest.mark.parametrize("arms", [2, 3, 9])
def test_without_conversions_a_shifted_prior_is_left_as_it_is(arms):
    shift, spread = shift_of(np.linspace(-0.5, 0.2, arms), 0.6), 0.22
    posterior = Hierarchical(even(*(0,) * arms), arms, fixed_spread(spread), shift)
    means, sd = shift.at(spread)
    lift = posterior.lift(0, arms - 1)
    mean, apart = means[-1] - means[0], math.sqrt(2) * sd
    assert lift.p_better == pytest.approx(ndtr(mean / apart), abs=1e-9)
    for q in QUANTILES:
        assert lift.quantile(q) == pytest.approx(mean + apart * ndtri(q), abs=1e-6)
    if arms == 2:
        assert posterior.p_best((0, 1))[1] == pytest.approx(ndtr(mean / apart), abs=1e-9)
    else:
        rng = np.random.default_rng(3)
        draws = np.array(means) + sd * rng.standard_normal((400_000, arms))
        chances = np.bincount(draws.argmax(axis=1), minlength=arms) / len(draws)
        assert posterior.p_best(range(arms)) == pytest.approx(chances, abs=0.003)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda arms: st.tuples(
            st.permutations(range(arms)),
            allocations(arms),
            st.lists(st.sampled_from([-0.4, 0.0, 0.1, 0.3]), min_size=arms, max_size=arms),
        )
    )
)
def test_renaming_the_arms_of_a_shift_permutes_the_answers(case):
    renamed, counts, means = case
    arms = len(renamed)
    other = [tuple(tuple(row[arm] for arm in renamed) for row in one) for one in counts]
    ours = Hierarchical(counts, arms, shift=shift_of(means))
    theirs = Hierarchical(other, arms, shift=shift_of([means[arm] for arm in renamed]))
    for mine, its in (
        (ours.p_best(range(arms)), theirs.p_best(range(arms))),
        (ours.loss(range(arms)), theirs.loss(range(arms))),
    ):
        assert its == pytest.approx([mine[arm] for arm in renamed], abs=0.002)
    assert theirs.lift(0, 1).p_better == pytest.approx(ours.lift(renamed[0], renamed[1]).p_better, abs=0.002)


def test_where_conversions_are_common_a_shift_moves_them_too():
    counts = even(55, 50, 52, exposed=100)
    posterior = Hierarchical(counts, 3)
    chances = posterior.p_best(range(3))
    shifted = posterior.under(BEFORE_HISTORY, shift_of((-0.4, 0.4, 0.0))).p_best(range(3))
    assert shifted[1] > chances[1]
    assert shifted[0] < chances[0]


def test_a_shift_of_other_arms_is_refused():
    with pytest.raises(ValueError, match="3 arms says nothing of 2"):
        Hierarchical(even(1, 2), 2, shift=no_shift(3))
