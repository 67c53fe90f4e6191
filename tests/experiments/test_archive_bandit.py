"""Recorded experiments run again under a bandit: what is taken as true, and what is counted as gained.

Small parts of bench/archive_bandit.md.
"""

import math

import numpy as np
import pytest
from scipy.stats import gamma, poisson

from bench.archive_bandit import MODES, Gain, Played, gain, page, play, rates_of, run
from vibevariant.experiments.recorded import RecordedArm, RecordedExperiment


def recorded(*counts: tuple[int, int]) -> RecordedExperiment:
    return RecordedExperiment(
        "one", tuple(RecordedArm(f"arm-{arm}", n, s) for arm, (n, s) in enumerate(counts))
    )


def test_the_rate_taken_as_true_is_the_mean_of_what_the_recorded_clicks_leave_possible():
    counts = [(2_000, 40), (2_100, 0), (900, 60)]
    mean = 100 / 5_000
    shape = 1 / 0.21**2
    r = np.linspace(1e-6, 0.2, 200_000)
    for rate, (n, s) in zip(rates_of(recorded(*counts)), counts, strict=True):
        likely = gamma.pdf(r, shape, scale=mean / shape) * poisson.pmf(s, n * r)
        assert rate == pytest.approx((r * likely).sum() / likely.sum(), rel=1e-6)


def test_without_a_click_all_rates_are_nothing():
    assert rates_of(recorded((50, 0), (60, 0))).tolist() == [0, 0]


@pytest.mark.parametrize("mode", MODES)
def test_between_equal_arms_there_is_nothing_to_gain_or_to_lose(mode):
    earned, _ = run(np.array([0.04, 0.04, 0.04]), 1_234, mode, np.random.default_rng(1))
    assert earned == pytest.approx(1_234 * 0.04)


def test_the_same_seed_plays_the_same_and_a_better_arm_is_found():
    one = recorded((4_000, 60), (4_000, 120), (4_000, 55))
    played = play(one, 3)
    assert played == play(one, 3)
    assert played != play(one, 4)
    assert played.even == pytest.approx(12_000 * rates_of(one).mean(), rel=1e-4)
    balanced, earn = played.earned
    assert played.even < balanced < earn < played.best
    assert all(published > 3 for published in played.published)


def test_a_gain_is_a_ratio_of_sums_with_the_error_of_one():
    rng = np.random.default_rng(2)
    evens = rng.uniform(50, 500, 400)
    earned = evens * (1.05 + rng.normal(0, 0.1, 400))
    played = [
        Played(2, 1_000, even, 1.2 * even, (each, even), (0, 0))
        for even, each in zip(evens.tolist(), earned.tolist(), strict=True)
    ]
    found = gain(played, 0)
    assert found.share == pytest.approx(earned.sum() / evens.sum() - 1)
    assert found.of_best == pytest.approx(found.share / 0.2)
    resampled = [earned[rows].sum() / evens[rows].sum() - 1 for rows in rng.integers(0, 400, (2_000, 400))]
    assert found.error == pytest.approx(np.std(resampled), rel=0.1)
    assert found.below == (earned < evens).sum()
    assert gain(played, 1) == Gain(400, 0.0, 0.0, 0.0, 0, 0.0)


def test_the_page_says_so_where_a_bandit_falls_below_the_even_split():
    def said(earned: float) -> str:
        return page(
            [Played(2, 7_000, 100.0, 120.0, (earned + at, 110.0 + at), (1, 1)) for at in (-1, 0, 1)], 1
        )

    assert "**not reached**" in said(90.0)
    assert "**not reached**" not in said(105.0)
    assert math.isfinite(gain([Played(2, 7_000, 100.0, 120.0, (90.0, 90.0), (1, 1))], 0).error)
