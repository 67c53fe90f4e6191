"""Estimates of simulated lifts are judged by the truth, and add up."""

import math

import numpy as np
import pytest

from vibevariant.experiments.simulated_lifts import ESTIMATORS, Estimates, estimates
from vibevariant.experiments.simulation import Scenario, simulate
from vibevariant.stats.drift import naive_ratio


def found(experiments: int, **scenario) -> dict[str, Estimates]:
    return estimates(simulate(Scenario(**scenario), experiments, np.random.default_rng(4)))


def test_bias_and_coverage_are_those_of_the_single_estimates():
    simulated = simulate(Scenario(lift=0.3, visitors=2_000), 40, np.random.default_rng(4))
    last = len(simulated.looks) - 1
    single = [naive_ratio(simulated.allocations(one, last), 0, 1) for one in range(40)]
    off = np.array([each.log_ratio for each in single]) - math.log(1.3)
    naive = estimates(simulated)["naive"]
    assert naive.bias == pytest.approx(off.mean())
    assert naive.bias_error == pytest.approx(off.std(ddof=1) / math.sqrt(40))
    assert naive.covered == sum(
        each.interval_95[0] <= math.log(1.3) <= each.interval_95[1] for each in single
    )


def test_under_even_weights_all_are_right_about_nothing():
    for name, each in found(300, visitors=5_000).items():
        assert each.known == each.experiments == 300, name
        assert abs(each.bias) < 4 * each.bias_error, name
        assert each.coverage > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 300), name


def test_a_bandit_while_the_base_rate_rises_misleads_the_naive_estimate_only():
    drifting = found(150, base=0.02, shape="rising", allocation="adaptive", visitors=10_000, look_every=100)
    assert drifting["naive"].coverage < 0.8
    for name in ("mantel-haenszel", "calibrated"):
        assert drifting[name].coverage > 0.88, name


def test_what_cannot_be_estimated_is_counted_and_no_number_is_made_up():
    nothing = found(20, base=1e-7, visitors=100)
    assert nothing["naive"].known == 0
    assert nothing["naive"].coverage is None
    assert nothing["naive"].bias is None
    assert nothing["calibrated"].known == 20  # it starts from a prior


def test_parts_add_up():
    part = Estimates(3, 2, 0.5, 0.25, 1)
    assert part + part == Estimates(6, 4, 1.0, 0.5, 2)
    assert set(found(2, visitors=200)) == set(ESTIMATORS)
