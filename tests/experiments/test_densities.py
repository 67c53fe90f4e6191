"""The curves are those of the results beside them."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from tests.experiments.observed import read, running, tallies
from vibevariant.experiments.densities import densities


@pytest.mark.parametrize("counts", [[(0, 0), (0, 0)], [(100, 3), (90, 9)], [(5, 5), (0, 0), (100_000, 50)]])
def test_each_arms_curve_is_the_posterior_of_its_counts(counts: list[tuple[int, int]]) -> None:
    seen = read(running(arms=len(counts)), tallies(counts))
    drawn = densities(seen)
    assert (drawn.experiment, drawn.goal) == ("hero", "signup")
    assert [(arm.key, arm.name, arm.is_control) for arm in drawn.arms] == [
        (arm.key, arm.name, arm.is_control) for arm in seen.arms
    ]
    for (exposed, conversions), arm in zip(counts, drawn.arms, strict=True):
        theirs = beta(1 + conversions, 19 + exposed - conversions)
        assert arm.density == pytest.approx(theirs.pdf(drawn.rates), rel=1e-6, abs=1e-12)
