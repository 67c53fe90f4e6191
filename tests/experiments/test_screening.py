"""The quick looks that simulations take are near enough to the exact ones."""

import math

import numpy as np
import pytest

from vibevariant.experiments.screening import MARGIN, RunningEvidence, chances
from vibevariant.stats.comparison import compare
from vibevariant.stats.evidence import Stratum, evidence, evidence_better
from vibevariant.stats.posterior import posterior


@pytest.mark.parametrize("arms", [2, 3, 9])
@pytest.mark.parametrize("visitors", [0, 7, 100, 3_000, 200_000])
@pytest.mark.parametrize("rate", [0.002, 0.05, 0.6])
def test_chances_and_losses_are_those_of_the_exact_comparison(arms, visitors, rate):
    rng = np.random.default_rng([arms, visitors, round(1000 * rate)])
    shares = 0.4 / arms + 0.6 * rng.dirichlet(np.full(arms, 0.3))
    exposed = rng.multinomial(visitors, shares, 8)
    converted = rng.binomial(exposed, rate)
    p_best, loss = chances(converted, exposed)
    for row in range(len(exposed)):
        exact = compare([posterior(s, n) for s, n in zip(converted[row], exposed[row], strict=True)])
        assert p_best[row] == pytest.approx(exact.p_best, abs=1e-3)
        assert loss[row] == pytest.approx(exact.expected_loss, rel=0.01, abs=2e-5)


@pytest.mark.parametrize("conversions", [3, 60, 900, 12_000])
def test_running_evidence_is_within_its_margin_wherever_it_is_large_enough_to_matter(conversions):
    rng = np.random.default_rng(conversions)
    experiments, looks = 60, 6
    running = RunningEvidence(experiments, 2, conversions * 1.2)
    seen: list[list[Stratum]] = [[] for _ in range(experiments)]
    for _ in range(looks):
        second = rng.integers(2_000, 8_001, experiments)
        weights = np.stack([10_000 - second, second], axis=1)
        both = rng.poisson(conversions / looks, experiments)
        tilt = np.exp(rng.choice([-0.3, 0.0, 0.3], experiments))
        in_b = rng.binomial(both, second * tilt / (10_000 - second + second * tilt))
        running.add(weights, np.stack([both - in_b, in_b], axis=1))
        for one in range(experiments):
            seen[one].append(Stratum(*weights[one].tolist(), int(both[one] - in_b[one]), int(in_b[one])))
    mirrored = [
        [Stratum(s.weight_b, s.weight_a, s.conversions_b, s.conversions_a) for s in one] for one in seen
    ]
    exact = np.array([
        [evidence(one), evidence_better(one), evidence_better(other)]
        for one, other in zip(seen, mirrored, strict=True)
    ])  # fmt: skip
    for quick, column in zip(running.log_e(), exact.T, strict=True):
        matters = column > math.log(10)
        assert quick[:, 0][matters] == pytest.approx(column[matters], abs=MARGIN / 2)
        assert (quick[:, 0][~matters] < math.log(10) + MARGIN / 2).all()
    assert (exact > math.log(10)).any() or conversions < 60


def test_evidence_of_each_arm_is_against_the_first_one():
    running = RunningEvidence(1, 3, 200)
    running.add(np.full((1, 3), 3_333), np.array([[40, 80, 20]]))
    log_e, better, worse = running.log_e()
    assert log_e[0] == pytest.approx(
        [evidence([Stratum(1, 1, 40, 80)]), evidence([Stratum(1, 1, 40, 20)])], abs=0.01
    )
    assert better[0, 0] > worse[0, 0]
    assert better[0, 1] < worse[0, 1]
