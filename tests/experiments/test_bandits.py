"""Policies side by side: what each loses is told right, and ours lose what the appliance would."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.bandits import POLICIES, STEERED, World, play
from vibevariant.stats.allocation import even_weights, weights_in_mode, worth_publishing
from vibevariant.stats.comparison import compare
from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.posterior import Beta
from vibevariant.stats.steering import steering_chances

FAR_APART = World((0.05, 0.15), visitors=1_000, refresh_every=50)


def same(a, b):
    return all(
        (getattr(a, name) is None and getattr(b, name) is None)
        or np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("visitors", "regret", "shown", "converted", "weights", "p_best", "leader")
    )


@pytest.mark.parametrize("policy", [*POLICIES, "thompson-at-floor"])
def test_the_same_seed_brings_the_same_course_whoever_plays_its_parts(policy):
    world = World((0.1, 0.2), visitors=60, refresh_every=20)
    runs = 25 if policy in STEERED else 150
    alone = play(world, policy, runs, 3)
    with ThreadPoolExecutor(3) as pool:
        together = play(world, policy, runs, 3, each=pool.map)
    assert same(alone, together)
    assert not same(alone, play(world, policy, runs, 4))


def test_fewer_runs_are_the_first_ones_of_more():
    world = World((0.1, 0.2), visitors=60, refresh_every=20)
    assert np.array_equal(play(world, "earn", 30, 3).shown[:10], play(world, "earn", 10, 3).shown)


def test_policies_are_told_apart_by_their_seeds_too():
    world = World((0.2, 0.2), visitors=50, refresh_every=50)
    first = {policy: play(world, policy, 5, 3).converted[:, -1].tolist() for policy in STEERED}
    assert first["even"] != first["learn"] != first["balanced"] != first["earn"]


@pytest.mark.parametrize("policy", [*POLICIES, "thompson-at-floor"])
def test_where_arms_are_equal_nothing_is_lost(policy):
    course = play(World((0.1,) * 3, visitors=60, refresh_every=20), policy, 10, 1)
    assert not course.regret.any()


@pytest.mark.parametrize("policy", ["balanced", "earn", "epsilon-greedy", "ucb1", "kl-ucb", "thompson"])
def test_whoever_adapts_loses_less_than_the_even_split(policy):
    regret = play(FAR_APART, policy, 40, 1).regret[:, -1]
    error = regret.std(ddof=1) / np.sqrt(len(regret))
    assert regret.mean() + 3 * error < FAR_APART.even_regret[-1]


def test_learn_loses_what_the_even_split_does_with_two_arms_and_less_with_three():
    two = play(FAR_APART, "learn", 20, 1)
    assert (two.weights == 5_000).all()
    three = World((0.05, 0.06, 0.15), visitors=1_000, refresh_every=50)
    assert play(three, "learn", 20, 1).regret[:, -1].mean() < 0.9 * three.even_regret[-1]


def test_the_more_a_mode_is_to_earn_the_less_it_loses():
    lost = [play(FAR_APART, mode, 20, 2).regret[:, -1].mean() for mode in ("learn", "balanced", "earn")]
    assert lost == sorted(lost, reverse=True)


def test_regret_is_what_the_visitors_of_worse_arms_would_have_brought():
    world = World((0.1, 0.3, 0.2), visitors=90, refresh_every=30)
    course = play(world, "even", 5, 1)
    assert course.regret == pytest.approx(0.2 * course.shown[..., 0] + 0.1 * course.shown[..., 2])
    assert world.even_regret == pytest.approx([3.0, 6.0, 9.0])


def test_where_rates_move_what_is_lost_moves_with_them():
    world = World((0.1, 0.2), visitors=1_000, refresh_every=10, shape="rising")
    # The base rate rises from one to three times what it was, evenly: on average twice.
    assert world.even_regret[-1] == pytest.approx(2 * 1_000 * 0.05)
    assert world.even_regret[49] == pytest.approx(1.5 * 500 * 0.05)
    for policy in ("even", "ucb1"):
        course = play(world, policy, 400 if policy == "ucb1" else 60, 1)
        rates = course.converted[:, -1].sum(axis=0) / course.shown[:, -1].sum(axis=0)
        if policy == "even":
            assert rates == pytest.approx([0.2, 0.4], rel=0.05)
        brought = course.converted[:, -1].sum(axis=1).mean()
        assert brought == pytest.approx(1_000 * 0.4 - course.regret[:, -1].mean(), rel=0.02)


def test_there_is_a_refresh_after_every_two_hundredth_of_the_traffic_but_not_more_often_than_every_ten():
    assert World((0.1, 0.2), visitors=10_000).ends[:2] == (50, 100)
    assert World((0.1, 0.2), visitors=95).ends == (*range(10, 91, 10), 95)
    assert World((0.1, 0.2), visitors=5).ends == (5,)


@pytest.mark.parametrize("mode", ["learn", "balanced", "earn"])
@pytest.mark.parametrize(
    "world",
    [
        World((0.1, 0.2), visitors=600, refresh_every=20, prior=Beta(2, 18)),
        World((0.1, 0.2, 0.15), visitors=600, refresh_every=20),
        World((0.1, 0.2) * 3, Design((2, 3), (0, 0)), visitors=400, refresh_every=50),
    ],
)
def test_weights_are_those_that_the_appliance_would_publish(world, mode):
    course = play(world, mode, 2, 5)
    published = 0
    for run in range(2):
        in_force, allocations = even_weights(world.arms), []
        shown = np.diff(course.shown[run], axis=0, prepend=0)
        converted = np.diff(course.converted[run], axis=0, prepend=0)
        for at, visitors in enumerate(world.ends):
            assert course.weights[run, at].tolist() == list(in_force)
            allocations.append((in_force, shown[at].tolist(), converted[at].tolist()))
            chances = steering_chances(
                _by_weights(allocations), world.arms, prior=world.prior, design=world.design
            )
            assert course.p_best[run, at] == pytest.approx(chances, abs=1e-12)
            assert course.leader[run, at] == int(np.argmax(chances))
            wanted = weights_in_mode(chances, mode, visitors)
            if worth_publishing(in_force, wanted):
                in_force, published = wanted, published + 1
    assert published > 1 or (mode == "learn" and world.arms == 2)


def _by_weights(batches: list[AllocationCounts]) -> list[AllocationCounts]:
    """Batches under the same weights one after the other are one allocation."""
    found: list[AllocationCounts] = []
    for weights, shown, converted in batches:
        if found and found[-1][0] == weights:
            _, before, came = found.pop()
            found.append((weights, np.add(before, shown).tolist(), np.add(came, converted).tolist()))
        else:
            found.append((weights, shown, converted))
    return found


def test_the_prior_is_where_the_chances_start():
    exact = compare([Beta(2, 20), Beta(2, 20)]).p_best
    course = play(World((1e-9, 1e-9), visitors=2, refresh_every=2, prior=Beta(2, 18)), "earn", 40, 1)
    split = (course.shown[:, 0] == 1).all(axis=1)
    assert split.any()
    assert course.p_best[split, 0] == pytest.approx(np.tile(exact, (split.sum(), 1)))


LATE = World((0.05, 0.15), visitors=4_000, refresh_every=200, delay=800.0)


def test_late_conversions_are_allowed_for_better_than_if_they_were_not_or_were_waited_for():
    lost = {
        late: play(LATE, "earn", 30, 1, late=late).regret[:, -1].mean()
        for late in ("discounted", "naive", "matured")
    }
    oracle = play(replace(LATE, delay=None), "earn", 30, 1).regret[:, -1].mean()
    assert oracle < lost["discounted"] < min(lost["naive"], lost["matured"])


def test_who_waits_for_conversions_to_mature_keeps_even_weights_until_the_first_have():
    course = play(LATE, "earn", 3, 1, late="matured")
    waited = np.array(LATE.ends) <= 3 * 800
    assert (course.weights[:, waited] == 5_000).all()
    assert (course.weights[:, -1] != 5_000).any()


@pytest.mark.parametrize("policy", ["earn", "thompson"])
def test_conversions_that_come_after_the_end_are_not_seen(policy):
    course = play(World((0.3, 0.3), visitors=500, refresh_every=50, delay=250.0), policy, 60, 1)
    seen = course.converted.sum(axis=2).mean(axis=0)
    at = np.array(course.visitors, dtype=float)
    assert seen == pytest.approx(0.3 * (at - 250 * (1 - np.exp(-at / 250))), rel=0.1, abs=1)


def test_nothing_of_ours_depends_on_the_order_of_arms():
    rates = (0.05, 0.08, 0.12)
    lost = [
        play(World(order, visitors=1_500, refresh_every=150), "earn", 60, 1).regret[:, -1]
        for order in (rates, rates[::-1])
    ]
    error = np.hypot(*(each.std(ddof=1) / np.sqrt(len(each)) for each in lost))
    assert abs(lost[0].mean() - lost[1].mean()) < 4 * error


def test_a_hundred_visitors_gain_conversions_over_the_even_split():
    world = World((0.05, 0.15), visitors=100, refresh_every=5)
    gain = world.even_regret[-1] - play(world, "earn", 100, 1).regret[:, -1]
    assert gain.mean() > 1.8


def test_of_five_and_six_percent_earn_loses_less_than_half_of_what_the_even_split_does():
    world = World((0.05, 0.06), visitors=10_000, refresh_every=250)
    regret = play(world, "earn", 40, 1).regret[:, -1]
    assert regret.mean() < 0.5 * world.even_regret[-1]


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [
        ({"rates": (0.1,)}, "two arms or more"),
        ({"rates": (0.1, 1.0)}, "between 0 and 1"),
        ({"rates": (0.1, float("nan"))}, "between 0 and 1"),
        ({"design": Design((2, 2), (0, 0))}, "2 rates do not fit a design of 4"),
        ({"visitors": 0}, "at least one visitor"),
        ({"refresh_every": 0}, "at least one from refresh"),
        ({"delay": 0.0}, "mean delay of 0"),
        ({"delay": float("inf")}, "mean delay of inf"),
        ({"rates": (0.1, 0.4), "shape": "rising"}, "would be above 1"),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_a_reason(otherwise, says):
    with pytest.raises(InvalidInput, match=says):
        World(**{"rates": (0.1, 0.2)} | otherwise)
