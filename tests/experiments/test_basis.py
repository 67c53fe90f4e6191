"""What a decision follows from is small, can be written down, and gives the same decision and weights again."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace

import pytest

from tests.experiments.observed import START, WEEK, converted, renewed, running, tallies
from vibevariant.experiments.arms import drop
from vibevariant.experiments.basis import basis_from, next_weights, outcome_of, reading_of
from vibevariant.experiments.bucketing import arm_at
from vibevariant.experiments.experiment import WHOLE
from vibevariant.experiments.lifecycle import complete, pause, reallocate
from vibevariant.experiments.observations import HourCount
from vibevariant.experiments.tallies import HOUR, Tally
from vibevariant.stats.delay import DelayCounts

GUARDED = [{"key": "signup", "role": "primary"}, {"key": "checkout", "role": "guardrail"}]


def test_a_better_arm_gets_more_newcomers_and_the_other_keeps_its_floor() -> None:
    hero = running()
    weights = renewed(hero, tallies([(200, 4), (200, 24)]), now=START + 1).weights
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
        assert renewed(hero, counts, now=START + 2).weights is None
    hero = running()
    assert renewed(hero, tallies([(600, 4), (300, 24)]), now=START + 2).weights is None  # broken split
    assert renewed(hero, [], now=START + 2).weights is None
    assert renewed(hero, tallies([(200, 10), (200, 10)]), now=START + 2).weights is None  # no move worth it


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
            weights = renewed(hero, counts, now=START + visitor).weights
            if weights is not None:
                hero = reallocate(hero, weights, WHOLE, START + visitor, "refresh", "x")
    by_arm = [sum(k for (a, _), k in shown.items() if a == arm) for arm in range(len(rates))]
    regret = sum(k * (max(rates) - rate) for k, rate in zip(by_arm, rates, strict=True))
    return by_arm, regret


def test_an_adaptive_allocation_loses_less_than_an_even_one_and_starves_nobody() -> None:
    rates = (0.05, 0.10)
    adaptive = [simulated("balanced", seed, 1500, rates) for seed in range(6)]
    even = [simulated("fixed", seed, 1500, rates) for seed in range(6)]
    assert sum(regret for _, regret in adaptive) < 0.75 * sum(regret for _, regret in even)
    assert all(min(by_arm) > 0.1 * sum(by_arm) for by_arm, _ in adaptive)


@pytest.mark.parametrize("mode", ["learn", "balanced", "earn"])
def test_each_mode_spends_visitors_in_its_own_way(mode: str) -> None:
    weights = renewed(running(mode=mode), tallies([(200, 4), (200, 24)]), now=START + 1).weights
    if mode == "learn":  # two arms stay even, whatever is known
        assert weights is None
    elif mode == "balanced":
        assert weights[0] == pytest.approx(2_000, abs=20)
    else:
        assert weights[0] == pytest.approx(200, abs=20)


def test_an_arm_that_hurts_a_guardrail_falls_to_its_floor_however_well_it_does() -> None:
    counts = tallies([(1000, 50), (1000, 90)]) + converted([90, 40], goal_id=2)
    assert renewed(running(), tallies([(1000, 50), (1000, 90)])).weights[1] >= 7_990
    guarded = renewed(running(goals=GUARDED), counts)
    assert guarded.results.decision.reason == "harm"
    assert guarded.weights == (8_000, 2_000)


def test_a_dropped_arm_gets_nobody_and_the_others_share() -> None:
    hero = drop(running(arms=3), "arm-2", START + 1, "ann", "ugly")
    counts = tallies([(200, 4), (200, 24), (200, 30)]) + tallies([(50, 1), (50, 6), (0, 0)], allocation=2)
    seen = renewed(hero, counts)
    assert seen.weights is not None
    assert seen.weights[2] == 0
    assert seen.weights[1] > 7_500
    assert [arm.p_best for arm in seen.results.arms][2] == 0
    assert seen.results.decision.arm != "arm-2"


def test_conversions_that_are_still_to_come_are_reckoned_with_in_the_weights_and_not_in_the_evidence() -> (
    None
):
    # Both arms convert alike, within some ten hours; those of arm 1 came an hour ago, and most of theirs is to come.
    old, young = DelayCounts((0,) * 47 + (400,), (8,) * 5 + (0,) * 43), DelayCounts((0, 400), (8, 0))
    counts = tallies([(400, 40), (400, 8)])
    late = renewed(running(), counts, delays=(old, young))
    assert late.basis.effective is not None
    assert late.basis.effective[1] < 120
    plain = renewed(running(), counts)
    chances = [each.results.arms[1].p_best for each in (plain, late)]
    assert chances[0] < 0.001
    assert chances[1] > 0.1
    assert [c.evidence for c in late.results.comparisons] == [c.evidence for c in plain.results.comparisons]


def test_a_decision_can_be_made_again_from_its_basis_to_the_last_letter() -> None:
    hours = [HourCount(START // HOUR + n, 10, 1) for n in range(24 * 7)]
    hero = reallocate(running(goals=GUARDED, mode="earn"), [7000, 3000], WHOLE, START + 1, "refresh", "x")
    counts = (
        tallies([(500, 30), (500, 45)])
        + tallies([(350, 20), (150, 12)], allocation=2)
        + converted([20, 25], goal_id=2)
    )
    first = renewed(hero, counts, hours=hours, matured={1: counts}, now=START + WEEK)
    basis = basis_from(json.loads(json.dumps(asdict(first.basis))))
    assert basis == first.basis
    again = reading_of(hero, basis)
    assert outcome_of(again, next_weights(hero, again)) == first.outcome
    other = reading_of(hero, replace(basis, at=basis.at + 1, visitors_per_week=None))
    assert outcome_of(other, next_weights(hero, other)) != first.outcome
