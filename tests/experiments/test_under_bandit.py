"""Under a bandit intervals hold, the split is watched as ever, and no winner is named where there is none.

A small part of bench/under_bandit.md and bench/archive_bandit.md.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from bench.under_bandit import aipw, covered, split
from bench.watched_splits import chi_squared, log_e_by_look, watched
from vibevariant.experiments.screening import MARGIN
from vibevariant.experiments.simulation import Scenario, simulate
from vibevariant.experiments.winner_rules import NOBODY, calls
from vibevariant.stats.health import SPLIT_ALARM, SPLIT_WARNING, sample_ratio

TRIPLING = Scenario(base=0.02, shape="rising", visitors=10_000, look_every=50, allocation="earn")


def seed(number: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(number)


@pytest.mark.parametrize(("arms", "allocation"), [(2, "earn"), (2, "balanced"), (3, "earn")])
@pytest.mark.parametrize("lost", [0.0, 0.15])
def test_splits_of_many_experiments_are_watched_as_each_one_would_be(arms, allocation, lost):
    scenario = Scenario(arms=arms, visitors=4_000, look_every=200, allocation=allocation)
    simulated = simulate(scenario, 12, np.random.default_rng(5), lost=lost)
    quick, seen, classical = log_e_by_look(simulated), watched(simulated), chi_squared(simulated)
    for one in range(12):
        found = [
            sample_ratio([(weights, exposed) for weights, exposed, _ in simulated.allocations(one, look)])
            for look in range(len(simulated.looks))
        ]
        exact = np.array([each.log_e for each in found])
        assert quick[one] == pytest.approx(exact, abs=MARGIN / 2)
        assert classical[one] == pytest.approx(found[-1].chi2)
        warned, alarmed = exact > SPLIT_WARNING, exact > SPLIT_ALARM
        assert seen.warned[one] == warned.any()
        assert seen.alarmed[one] == alarmed.any()
        assert seen.hidden[one] == (alarmed.any() or (warned[1:] & warned[:-1]).any())
    assert seen.warned.any() == (lost > 0)


@pytest.mark.parametrize("allocation", ["earn", "balanced"])
def test_the_splits_check_does_not_cry_wolf_under_a_bandit(allocation):
    scenario = Scenario(visitors=10_000, look_every=100, allocation=allocation)
    assert split(scenario, 400, seed(1), 0.0).alarmed == 0


def test_the_loss_of_a_tenth_of_an_arms_visitors_is_noticed_under_balanced():
    scenario = Scenario(visitors=10_000, look_every=100, allocation="balanced")
    assert split(scenario, 150, seed(2), 0.1).alarmed >= 0.6 * 150


@pytest.mark.parametrize("lift", [0.0, 0.3])
def test_intervals_hold_under_earn_while_the_base_rate_triples(lift):
    found, _ = covered(replace(TRIPLING, lift=lift), 200, seed(3))
    # Four standard errors of room below; above it, "no difference" is where the prior has its middle.
    assert found["calibrated"].coverage > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 200)
    assert found["naive"].coverage < 0.7
    assert found["mantel-haenszel"].coverage > 0.85
    assert found["aipw"].coverage > 0.85


def test_the_difference_had_everyone_seen_one_arm_is_not_off_under_even_weights():
    scenario = Scenario(base=0.05, lift=0.4, shape="launch", visitors=5_000)
    found = aipw(simulate(scenario, 300, np.random.default_rng(4)))
    assert found.known == 300
    assert abs(found.bias) < 4 * found.bias_error
    assert found.coverage == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 300))


@pytest.mark.parametrize("shape", ["rising", "launch"])
def test_a_winner_is_hardly_ever_named_where_nothing_differs_under_earn(shape):
    scenario = Scenario(base=0.02, shape=shape, visitors=10_000, allocation="earn")
    named = calls("decision", simulate(scenario, 150, np.random.default_rng(6))).look != NOBODY
    # 2.5 %, and four standard errors of room.
    assert named.sum() <= 150 * 0.025 + 4 * math.sqrt(150 * 0.025)
