"""Results carry the counts and what follows from them; the weights follow the results."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from vibevariant.experiments.bucketing import arm_at
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import WHOLE, Experiment, Status
from vibevariant.experiments.lifecycle import complete, pause, reallocate, start
from vibevariant.experiments.results import next_weights, results
from vibevariant.experiments.tallies import Tally

START = 1_760_000_000_000
WEEK = 7 * 86_400_000


def running(mode: str = "adaptive", arms: int = 2, **definition: object) -> Experiment:
    made = define(
        project_id=1, key="hero", arms=[{"key": f"arm-{n}"} for n in range(arms)], mode=mode,
        goals=[{"key": "signup", "role": "primary"}, {"key": "purchase"}], now=START, **definition,
    )  # fmt: skip
    goals = tuple(replace(goal, id=number) for number, goal in enumerate(made.goals, start=1))
    return start(replace(made, id=1, goals=goals), START, "owner")


def tallies(
    counts: list[tuple[int, int]], goal_id: int = 1, allocation: int = 1, value: int = 0
) -> list[Tally]:
    return [
        tally
        for arm, (exposed, conversions) in enumerate(counts)
        for tally in (
            Tally(arm, allocation, 0, 0, "", exposed, 0, 0, 0),
            Tally(arm, allocation, goal_id, 0, "", 0, conversions, conversions + 1, value),
        )
    ]


def test_the_counts_of_an_arm_are_those_of_its_tallies_over_all_allocations() -> None:
    hero = reallocate(running(), [7000, 3000], WHOLE, START + 1, "refresh", "x")
    read = results(
        hero, tallies([(50, 0), (50, 1)]) + tallies([(70, 2), (30, 3)], allocation=2), now=START + WEEK
    )
    assert [(a.exposed, a.conversions, a.primary_event_count, a.weight) for a in read.arms] == [
        (120, 2, 4, 0.7),
        (80, 4, 6, 0.3),
    ]
    assert read.arms[1].primary_conversion_rate == pytest.approx(0.05)
    assert (read.summary.exposed, read.summary.conversions) == (200, 6)
    assert (read.arms[0].posterior.alpha, read.arms[0].posterior.beta) == (3, 119)


def test_another_goal_has_its_own_conversions_and_the_same_visitors() -> None:
    counts = [*tallies([(50, 5), (50, 6)]), Tally(1, 1, 2, 0, "", 0, 3, 4, 12500000)]
    hero = running()
    read = results(hero, counts, now=START + WEEK, goal=hero.goals[1])
    assert [(a.exposed, a.conversions, a.value) for a in read.arms] == [(50, 0, 0), (50, 3, 12.5)]


def test_one_conversion_against_none_is_finite_and_no_proof() -> None:
    read = results(running(), tallies([(50, 0), (50, 1)]), now=START + WEEK)
    assert read.arms[1].p_best == pytest.approx(0.7525, abs=1e-4)
    assert (read.decision.status, read.decision.reason) == ("collecting", "early")
    assert "no proof" in read.decision.sentence
    assert read.arms[0].posterior.at_most < 0.06


def test_nothing_at_all_is_still_an_answer() -> None:
    read = results(running(), [], now=START)
    assert read.summary.conversion_rate is None
    assert [a.p_best for a in read.arms] == pytest.approx([0.5, 0.5])
    assert read.decision.reason == "setup"


def test_an_experiment_that_has_ended_is_read_as_at_its_end() -> None:
    hero = complete(running(), START + 3 * 86_400_000, "owner")
    counts = tallies([(1000, 50), (1000, 90)])
    assert (
        results(hero, counts, now=START + 5 * WEEK).decision
        == results(hero, counts, now=hero.ended_at).decision
    )
    assert results(hero, counts, now=START + 5 * WEEK).decision.reason == "weekend"


def test_a_better_arm_gets_more_newcomers_and_the_other_keeps_its_floor() -> None:
    hero = running()
    weights = next_weights(hero, results(hero, tallies([(200, 4), (200, 24)]), now=START + 1))
    assert weights is not None
    assert sum(weights) == WHOLE
    assert weights[1] > 7_500
    assert weights[0] >= 2_000


def test_weights_stay_where_nothing_may_move_them() -> None:
    counts = tallies([(200, 4), (200, 24)])
    for hero in (
        running(mode="fixed"),
        pause(running(), START + 1, "owner"),
        complete(running(), START + 1, "owner"),
        replace(running(), source="imported"),
    ):
        assert next_weights(hero, results(hero, counts, now=START + 2)) is None
    hero = running()
    assert (
        next_weights(hero, results(hero, tallies([(600, 4), (300, 24)]), now=START + 2)) is None
    )  # broken split
    assert next_weights(hero, results(hero, [], now=START + 2)) is None
    assert (
        next_weights(hero, results(hero, tallies([(200, 10), (200, 10)]), now=START + 2)) is None
    )  # no move worth it


def simulated(mode: str, seed: int, visitors: int, rates: tuple[float, ...]) -> tuple[list[int], float]:
    """Visitors by arm, and the conversions that were lost, when a refresh comes after every hundred visitors."""
    rng = random.Random(seed)
    hero = running(mode=mode, arms=len(rates))
    shown: dict[tuple[int, int], int] = {}
    converted: dict[tuple[int, int], int] = {}
    for visitor in range(visitors):
        number = len(hero.allocations)
        arm = arm_at(rng.randrange(WHOLE), hero.weights)
        shown[arm, number] = shown.get((arm, number), 0) + 1
        converted[arm, number] = converted.get((arm, number), 0) + (rng.random() < rates[arm])
        if visitor % 100 == 99:
            counts = [Tally(a, n, 0, 0, "", k, 0, 0, 0) for (a, n), k in shown.items()]
            counts += [Tally(a, n, 1, 0, "", 0, k, k, 0) for (a, n), k in converted.items()]
            weights = next_weights(hero, results(hero, counts, now=START + visitor))
            if weights is not None:
                hero = reallocate(hero, weights, WHOLE, START + visitor, "refresh", "x")
    by_arm = [sum(k for (a, _), k in shown.items() if a == arm) for arm in range(len(rates))]
    regret = sum(k * (max(rates) - rate) for k, rate in zip(by_arm, rates, strict=True))
    return by_arm, regret


def test_an_adaptive_allocation_loses_less_than_an_even_one_and_starves_nobody() -> None:
    rates = (0.05, 0.10)
    adaptive = [simulated("adaptive", seed, 1500, rates) for seed in range(6)]
    even = [simulated("fixed", seed, 1500, rates) for seed in range(6)]
    assert sum(regret for _, regret in adaptive) < 0.75 * sum(regret for _, regret in even)
    assert all(min(by_arm) > 0.1 * sum(by_arm) for by_arm, _ in adaptive)


def test_the_status_of_a_result_is_that_of_its_experiment() -> None:
    assert results(running(), [], now=START).status is Status.RUNNING
