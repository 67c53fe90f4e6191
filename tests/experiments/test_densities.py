"""The curves are those of the results beside them."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from tests.experiments.test_results import START, WEEK, running, tallies
from vibevariant.experiments.densities import densities
from vibevariant.experiments.results import results


@pytest.mark.parametrize("counts", [[(0, 0), (0, 0)], [(100, 3), (90, 9)], [(5, 5), (0, 0), (100_000, 50)]])
def test_each_arms_curve_is_the_posterior_of_its_counts(counts: list[tuple[int, int]]) -> None:
    read = results(running(arms=len(counts)), tallies(counts), now=START + WEEK)
    drawn = densities(read)
    assert (drawn.experiment, drawn.goal) == ("hero", "signup")
    assert [(arm.key, arm.name, arm.is_control) for arm in drawn.arms] == [
        (arm.key, arm.name, arm.is_control) for arm in read.arms
    ]
    for (exposed, conversions), arm in zip(counts, drawn.arms, strict=True):
        theirs = beta(1 + conversions, 1 + exposed - conversions)
        assert arm.density == pytest.approx(theirs.pdf(drawn.rates), rel=1e-6, abs=1e-12)
