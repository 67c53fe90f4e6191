"""Rates as if both arms had met the same mix of visitors: newcomers and returning ones, telephones and desks.

Chance gives one arm more of the visitors who buy anyway. Comparing within segments and weighing these alike in all
arms takes that out: the interval narrows by what the segments explain (2 to 3 % for first visits, more where people
return), and a mix that shifts between arms misleads no more. A bandit also needs its allocations kept apart: pass
the segments of each allocation as segments of their own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.stats.drift import Z_95, RateRatio
from vibevariant.stats.posterior import check_counts
from vibevariant.stats.quadrature import Floats

# Visitors of each arm that a segment needs to stand alone. With fewer its rate is mostly noise.
ENOUGH_IN_SEGMENT = 20


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """Visitors of one kind: exposed and converted, by arm."""

    name: str
    exposed: Sequence[int]
    conversions: Sequence[int]


@dataclass(frozen=True, slots=True)
class StratifiedRate:
    """A conversion rate in the mix of all visitors; none while the arm has no visitors."""

    rate: float | None
    standard_error: float | None
    interval_95: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PostStratification:
    """The rates of all arms in one and the same mix.

    Args:
        groups: names of the segments that are weighed as one, mostly each its own; a single group is no adjustment.
        too_few: segments that could not stand alone, since an arm has fewer than `least` of them.
    """

    rates: tuple[StratifiedRate, ...]
    groups: tuple[tuple[str, ...], ...]
    too_few: tuple[str, ...]
    least: int

    @property
    def is_adjusted(self) -> bool:
        return len(self.groups) > 1


def post_stratify(segments: Sequence[SegmentCounts]) -> PostStratification:
    """The rate of every arm, had it met the visitors that all arms met together.

    With p the rate of an arm among the n it has of segment g, and W the share of g among all N visitors,

        rate = sum W p,    variance = sum W^2 p (1 - p) / (n - 1) + sum W (p - rate)^2 / N

    (Holt and Smith, JRSS A 142, 1979; the last part is for the mix itself, which is a sample too).
    """
    arms = _arms(segments)
    groups, too_few = _groups(segments, range(arms))
    exposed, rates, variances, shares = _cells(groups, range(arms))
    if not exposed.size:
        return PostStratification((StratifiedRate(None, None, None),) * arms, (), too_few, ENOUGH_IN_SEGMENT)
    means = shares @ rates
    spread = shares**2 @ variances + shares @ (rates - means) ** 2 / exposed.sum()
    return PostStratification(
        rates=tuple(
            _rate(float(mean), float(variance)) if seen else StratifiedRate(None, None, None)
            for mean, variance, seen in zip(means, spread, exposed.min(axis=0).tolist(), strict=True)
        ),
        groups=tuple(group.names for group in groups),
        too_few=too_few,
        least=ENOUGH_IN_SEGMENT,
    )


def post_stratified_ratio(segments: Sequence[SegmentCounts], a: int, b: int) -> RateRatio:
    """Log of the ratio of b's rate to a's in the mix of all visitors, by the delta method.

    Variance: sum W^2 (v_a / rate_a^2 + v_b / rate_b^2) + sum W (p_b / rate_b - p_a / rate_a)^2 / N.
    """
    _arms(segments)
    groups, _ = _groups(segments, (a, b))
    exposed, rates, variances, shares = _cells(groups, (a, b))
    if not exposed.size or not exposed.all():
        return RateRatio(None, None, None, "no visitors")
    means = shares @ rates
    if not means.all():
        return RateRatio(None, None, None, "no conversions")
    relative = rates / means
    variance = float((shares**2 @ (variances / means**2)).sum())
    variance += float(shares @ (relative[:, 1] - relative[:, 0]) ** 2) / float(exposed.sum())
    if variance <= 0:
        return RateRatio(None, None, None, "no variation")
    log_ratio, error = math.log(means[1] / means[0]), math.sqrt(variance)
    return RateRatio(log_ratio, error, (log_ratio - Z_95 * error, log_ratio + Z_95 * error), None)


@dataclass(frozen=True, slots=True)
class _Group:
    """Segments taken together: their names, visitors and conversions by arm, and visitors of all arms."""

    names: tuple[str, ...]
    exposed: tuple[int, ...]
    conversions: tuple[int, ...]
    visitors: int

    def joined(self, other: "_Group") -> "_Group":
        return _Group(
            tuple(sorted(self.names + other.names)),
            tuple(map(sum, zip(self.exposed, other.exposed, strict=True))),
            tuple(map(sum, zip(self.conversions, other.conversions, strict=True))),
            self.visitors + other.visitors,
        )


def _arms(segments: Sequence[SegmentCounts]) -> int:
    arms = {len(segment.exposed) for segment in segments} | {len(segment.conversions) for segment in segments}
    if len(arms) > 1:
        raise ValueError("every segment needs counts for every arm")
    for segment in segments:
        for converted, shown in zip(segment.conversions, segment.exposed, strict=True):
            check_counts(converted, shown)
    return max(arms, default=0)


def _groups(
    segments: Sequence[SegmentCounts], arms: Sequence[int]
) -> tuple[tuple[_Group, ...], tuple[str, ...]]:
    """Segments that are large enough in each of these arms, the small ones joined until they are, or all are one."""
    groups = [
        _Group(
            (segment.name,),
            tuple(segment.exposed[arm] for arm in arms),
            tuple(segment.conversions[arm] for arm in arms),
            sum(segment.exposed),
        )
        for segment in segments
        if sum(segment.exposed)
    ]
    too_few = sorted(
        name for group in groups if min(group.exposed) < ENOUGH_IN_SEGMENT for name in group.names
    )
    while len(groups) > 1:
        groups.sort(key=lambda group: (min(group.exposed), group.visitors, group.names))
        if min(groups[0].exposed) >= ENOUGH_IN_SEGMENT:
            break
        groups[:2] = [groups[0].joined(groups[1])]
    return tuple(sorted(groups, key=lambda group: group.names)), tuple(too_few)


def _cells(groups: Sequence[_Group], arms: Sequence[int]) -> tuple[Floats, Floats, Floats, Floats]:
    """By group (row) and arm: visitors, rates and their variances; by group: its share of all visitors."""
    shape = len(groups), len(arms)
    exposed = np.array([group.exposed for group in groups], dtype=np.float64).reshape(shape)
    converted = np.array([group.conversions for group in groups], dtype=np.float64).reshape(shape)
    visitors = np.array([float(group.visitors) for group in groups])
    rates = converted / np.maximum(exposed, 1.0)
    variances = rates * (1 - rates) / np.maximum(exposed - 1, 1.0)
    return exposed, rates, variances, visitors / max(1.0, float(visitors.sum()))


def _rate(rate: float, variance: float) -> StratifiedRate:
    error = math.sqrt(variance)
    return StratifiedRate(rate, error, (max(0.0, rate - Z_95 * error), min(1.0, rate + Z_95 * error)))
