import numpy as np
import pytest

from tests.stats.conversions import BANDITS, even
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.quantiles import quantiles_of

LEVELS = (1e-6, 0.001, 0.025, 0.1, 0.5, 0.9, 0.975, 0.999, 1 - 1e-6)


@pytest.mark.parametrize(
    "counts", [even(0, 0), even(0, 1), even(500_000, 501_000, exposed=10**7), BANDITS[9]]
)
def test_many_quantiles_at_once_are_those_of_each(counts):
    arms = len(counts[0][0])
    posterior = Hierarchical(counts, arms)
    lifts = [posterior.lift(0, arm) for arm in range(1, arms)]
    each = np.array([[lift.quantile(level) for level in LEVELS] for lift in lifts])
    assert quantiles_of(lifts, LEVELS) == pytest.approx(each, abs=1e-11)


def test_the_probability_below_a_quantile_is_its_level():
    lift = Hierarchical(even(12, 3), 2).lift(0, 1)
    for level, end in zip(LEVELS, quantiles_of([lift], LEVELS)[0], strict=True):
        assert lift.probability_below(float(end)) == pytest.approx(level, abs=1e-12)


def test_no_lifts_and_no_levels_have_no_quantiles():
    lift = Hierarchical(even(1, 2), 2).lift(0, 1)
    assert quantiles_of([], LEVELS).shape == (0, len(LEVELS))
    assert quantiles_of([lift], ()).shape == (1, 0)


@pytest.mark.parametrize("level", [0.0, 1.0, float("nan")])
def test_a_level_outside_0_and_1_is_refused(level):
    with pytest.raises(ValueError, match="inside 0 and 1"):
        quantiles_of([Hierarchical(even(1, 2), 2).lift(0, 1)], (0.5, level))
