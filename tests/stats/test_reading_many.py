"""Many experiments without a difference, looked at all the time: hardly ever a winner."""

import functools
import math

import numpy as np

from vibevariant.stats.allocation import thompson_weights, worth_publishing
from vibevariant.stats.decision import proof_needed
from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.reading import read
from vibevariant.stats.situation import WEEK_MS

START = 1_790_000_000_000


def test_no_difference_hardly_ever_ships_however_often_one_looks():
    rng = np.random.default_rng(5)
    shipped = stopped = 0
    experiments = 500

    @functools.cache
    def proven(in_a, in_b):
        return evidence([Stratum(5000, 5000, in_a, in_b)]) >= proof_needed(2) - math.log(2)

    for _ in range(experiments):
        to_b = rng.binomial(50, 0.5, size=40)
        exposed = np.cumsum(np.stack([50 - to_b, to_b]), axis=1).T.tolist()
        conversions = np.cumsum(rng.binomial(np.stack([50 - to_b, to_b]), 0.05), axis=1).T.tolist()
        # Shipping needs at least this evidence and stopping half of it, so other looks need not be read in full.
        rows = [
            read(
                ("a", "b"),
                0,
                [((5000, 5000), n, s)],
                goal="signup",
                started_ms=START,
                now_ms=START + 2 * WEEK_MS,
            ).decision.status
            for s, n in zip(conversions, exposed, strict=True)
            if proven(*s)
        ]
        shipped += "ship" in rows
        stopped += "stop" in rows
    assert shipped <= 0.05 * experiments
    assert stopped <= 0.05 * experiments


def test_a_tripling_base_rate_under_a_bandit_makes_no_winner_of_equal_arms():
    rng = np.random.default_rng(6)
    fooled = 0
    for _ in range(20):
        allocations = [[(5000, 5000), [0, 0], [0, 0]]]
        naive = 0.0
        for rate in np.linspace(0.02, 0.06, 50):
            weights, exposed, conversions = allocations[-1]
            arrived = rng.multinomial(200, np.array(weights) / 10_000)
            converted = rng.binomial(arrived, rate)
            for arm in (0, 1):
                exposed[arm] += int(arrived[arm])
                conversions[arm] += int(converted[arm])
            ours = read(
                ("a", "b"), 0, allocations, goal="signup", started_ms=START, now_ms=START + 2 * WEEK_MS
            )
            assert ours.decision.status != "ship"
            p_best = [arm.p_best for arm in ours.arms]
            naive = max(naive, *p_best)
            new = thompson_weights(p_best, floor=0.05)
            if worth_publishing(weights, new):
                allocations.append([new, [0, 0], [0, 0]])
        fooled += naive > 0.99
    # What the independent posteriors say under the same traffic: this is why they do not decide.
    assert fooled >= 5
