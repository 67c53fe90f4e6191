"""What estimators make of the lift in simulated experiments: how far off they are, and how often their intervals hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from vibevariant.experiments.simulation import Simulated
from vibevariant.stats.drift import RateRatio, mantel_haenszel, naive_ratio
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.hierarchical import Hierarchical

Estimator = Literal["naive", "mantel-haenszel", "calibrated"]
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of so many experiments, in how many an estimator had a word, and what of: sums, so that parts add up.

    Args:
        known: experiments in which the lift could be estimated.
        off: sum of the estimates of the log of the ratio of rates less the true one.
        off_squared: sum of the squares of the same.
        covered: 95 % intervals that hold the true one.
    """

    experiments: int = 0
    known: int = 0
    off: float = 0.0
    off_squared: float = 0.0
    covered: int = 0

    def __add__(self, other: Estimates) -> Estimates:
        return Estimates(
            self.experiments + other.experiments,
            self.known + other.known,
            self.off + other.off,
            self.off_squared + other.off_squared,
            self.covered + other.covered,
        )

    @property
    def bias(self) -> float | None:
        return self.off / self.known if self.known else None

    @property
    def bias_error(self) -> float | None:
        """Standard error of the bias."""
        if self.known < 2:
            return None
        variance = (self.off_squared - self.off**2 / self.known) / (self.known - 1)
        return math.sqrt(max(variance, 0.0) / self.known)

    @property
    def coverage(self) -> float | None:
        return self.covered / self.known if self.known else None


Estimated = tuple[float, tuple[float, float]] | None
"""The log of the ratio of two arms' rates and its 95 % interval, where there is one."""


def estimates(simulated: Simulated) -> dict[Estimator, Estimates]:
    """What each estimator says of the last arm against the control at the end."""
    arms, last = simulated.scenario.arms, len(simulated.looks) - 1
    truth = math.log1p(simulated.scenario.lift)
    found: dict[Estimator, Estimates] = dict.fromkeys(ESTIMATORS, Estimates())
    for experiment in range(len(simulated.exposed)):
        allocations = simulated.allocations(experiment, last)
        for name in ESTIMATORS:
            found[name] += _judged(_ESTIMATE[name](allocations, arms), truth)
    return found


def _judged(estimated: Estimated, truth: float) -> Estimates:
    if estimated is None:
        return Estimates(experiments=1)
    middle, (low, high) = estimated
    return Estimates(1, 1, middle - truth, (middle - truth) ** 2, int(low <= truth <= high))


def _of_ratio(ratio: RateRatio) -> Estimated:
    if ratio.log_ratio is None or ratio.interval_95 is None:
        return None
    return ratio.log_ratio, ratio.interval_95


def _calibrated(allocations: Sequence[AllocationCounts], arms: int) -> Estimated:
    """The middle of what is known, drawn towards no difference as far as the data are few."""
    lift = Hierarchical(allocations, arms).lift(0, arms - 1)
    return lift.quantile(0.5), lift.interval_95


_ESTIMATE: dict[Estimator, Callable[[Sequence[AllocationCounts], int], Estimated]] = {
    "naive": lambda allocations, arms: _of_ratio(naive_ratio(allocations, 0, arms - 1)),
    "mantel-haenszel": lambda allocations, arms: _of_ratio(mantel_haenszel(allocations, 0, arms - 1)),
    "calibrated": _calibrated,
}
