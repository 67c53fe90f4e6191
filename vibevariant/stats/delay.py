"""Conversions that are still to come: most visitors of today will convert, if at all, tomorrow.

A visitor exposed an hour ago who has not converted is not a visitor who never will. Each counts for as much as has
had the time to arrive: n_eff = sum F(age), F being how soon conversions come after the exposure, the same for all arms
(Chapelle, KDD 2014; Vernade, Cappe and Perchet, UAI 2017, arXiv:1706.09186). With rates of 5 % and 6.5 % and a mean
delay of 30 of 200 batches, plain counts show .054 for the better arm, s / n_eff shows .065.

Everything comes from two histograms an arm, over the same bins of time (hours, say): visitors by their age since the
exposure, conversions by their delay. What is known here is provisional: it may steer visitors and be shown as such.
Proof rests on visitors whose time is up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from vibevariant.stats.posterior import FLAT, Beta
from vibevariant.stats.quadrature import Floats

# With fewer conversions than this nothing is known of how late they come, and every visitor counts in full.
ENOUGH_FOR_CURVE = 20
# The curve ends at the age that this share of visitors has reached: beyond it, one late conversion among a handful of
# old visitors would look like many to come.
OLD_ENOUGH = 0.05
# Conversions that each of two arms needs before their delays are compared.
ENOUGH_FOR_DIFFERENCE = 10
# Standard errors from which delays are said to differ; high, because it is looked at often.
DELAYS_DIFFER_AT = 3.0
# A window that is proposed holds this share of the slower arm's conversions.
WINDOW_HOLDS = 0.95

Undefined = Literal["no visitors", "too few conversions"]


@dataclass(frozen=True, slots=True)
class DelayCounts:
    """One arm: visitors by age and conversions by delay, both since the exposure, in the same bins from 0."""

    ages: Sequence[int]
    delays: Sequence[int]

    def __post_init__(self) -> None:
        if min((*self.ages, *self.delays), default=0) < 0:
            raise ValueError("visitors and conversions are never negative")


@dataclass(frozen=True, slots=True)
class DelayCurve:
    """How soon conversions come, over all arms.

    Args:
        arrived: for visitors of each age (bin), the share of their conversions that has arrived; 1 beyond the end.
        masses: the share of conversions that comes in each bin of delay.
        reason: why nothing is known; then everything counts as arrived.
    """

    arrived: tuple[float, ...]
    masses: tuple[float, ...]
    reason: Undefined | None

    def quantile(self, q: float) -> float | None:
        """The delay, in bins, within which this share of conversions comes."""
        if not self.masses:
            return None
        below = np.concatenate(([0.0], np.cumsum(self.masses)))
        return float(np.interp(q * below[-1], below, np.arange(below.size)))

    def effective_visitors(self, ages: Sequence[int]) -> float:
        """Visitors, each counted for the share of conversions that has had the time to arrive."""
        shares = np.ones(len(ages))
        shares[: len(self.arrived)] = self.arrived[: len(ages)]
        return float(shares @ np.asarray(ages, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class DelayDifference:
    """Whether b's conversions take longer than a's.

    Args:
        z_score: positive when b is the later one; None without enough conversions.
        medians: delays of a and b within which half of their conversions come, in bins.
        window: in bins, which holds nearly all conversions of the slower arm; proposed where delays differ.
    """

    z_score: float | None
    medians: tuple[float, float] | None
    differs: bool
    window: int | None
    reason: Undefined | None


def delay_curve(arms: Sequence[DelayCounts], window: int | None = None) -> DelayCurve:
    """Learn how soon conversions come from all arms together, although the youngest visitors' are not in yet.

    With r[j] visitors old enough to be seen converting after a delay of j, and d[j] who did, d[j] / r[j] is the chance
    of converting after just that long: the steps of the Kaplan-Meier curve under right censoring at each visitor's
    age, where everybody's age is known, converted or not. F is their running sum over their total. `window` (in bins)
    is the goal's: nothing counts after it. What comes later than the oldest visitors' age cannot be known.
    """
    return _curve(*_histograms(arms, window))


def provisional_posterior(conversions: int, effective: float, prior: Beta = FLAT) -> Beta:
    """What is known about a rate, late conversions allowed for: Beta(a + s, b + max(n_eff - s, 0))."""
    if conversions < 0 or not 0 <= effective < math.inf:
        raise ValueError(f"{conversions} conversions of {effective} effective visitors cannot be")
    return Beta(prior.alpha + conversions, prior.beta + max(effective - conversions, 0.0))


def provisional_rate(conversions: int, effective: float) -> float | None:
    """The rate to show while conversions are still to come: s / n_eff; None while nothing can have arrived."""
    return min(1.0, conversions / effective) if effective > 0 else None


def delay_difference(a: DelayCounts, b: DelayCounts, window: int | None = None) -> DelayDifference:
    """Watch for delays that differ between arms: then the faster one looks better than it is, for a while.

    Of the D conversions after a delay of j, b's share would be r_b p / (r_a + r_b p) with one p, the ratio of rates,
    for all delays. The score test for a share that drifts with the delay's rank w sums w (d_b - D share), and its
    variance sums D share (1 - share) (w - mean w)^2: a rank test for delays cut off at every visitor's age, of the
    kind of log-rank's (Mantel, 1966) with Wilcoxon's scores.
    """
    ages, delays = _histograms([a, b], window)
    reach = _at_risk(ages)
    seen = (reach > 0).all(axis=0)
    reach, converted = reach[:, seen], delays[:, seen]
    if not reach.size:
        return DelayDifference(None, None, False, None, "no visitors")
    if converted.sum(axis=1).min() < ENOUGH_FOR_DIFFERENCE:
        return DelayDifference(None, None, False, None, "too few conversions")
    both = converted.sum(axis=0)
    offset = np.log(reach[1] / reach[0])
    share = expit(offset + _log_ratio(converted[1].sum(), both, offset))
    rank = np.cumsum(both) - both / 2
    information = both * share * (1 - share)
    rank = (rank - (rank @ information) / information.sum()) / both.sum()
    variance = float(information @ rank**2)
    # All conversions in one bin: as far as can be told, delays are the same.
    z_score = float(rank @ (converted[1] - both * share)) / math.sqrt(variance) if variance > 0 else 0.0
    curves = [_curve(ages[[arm]], delays[[arm]], least=1) for arm in (0, 1)]
    medians = tuple(curve.quantile(0.5) for curve in curves)
    differs = abs(z_score) > DELAYS_DIFFER_AT
    late = curves[int(z_score > 0)].quantile(WINDOW_HOLDS)
    return DelayDifference(
        z_score=z_score,
        medians=None if medians[0] is None or medians[1] is None else (medians[0], medians[1]),
        differs=differs,
        window=math.ceil(late) if differs and late is not None else None,
        reason=None,
    )


def delay_note(difference: DelayDifference, a: str, b: str, hours: float = 1.0) -> str | None:
    """What to tell people when delays differ; `hours` is the width of a bin."""
    if difference.z_score is None or difference.medians is None or difference.window is None:
        return None
    (fast, soon), (slow, late) = zip((a, b), difference.medians, strict=True)
    if difference.z_score < 0:
        (fast, soon), (slow, late) = (slow, late), (fast, soon)
    return (
        f"Conversions of {slow} come later than those of {fast} (half of them within {_span(late * hours)}, against "
        f"{_span(soon * hours)}), so {fast} looks better than it is for a while. Give the goal a window of "
        f"{_span(difference.window * hours)}: then only visitors who have had that long are compared."
    )


def _histograms(arms: Sequence[DelayCounts], window: int | None) -> tuple[Floats, Floats]:
    """Ages and delays, a row for each arm, filled up to the same bins; what comes after the window is left out."""
    bins = max((max(len(arm.ages), len(arm.delays)) for arm in arms), default=0)
    ages, delays = np.zeros((2, len(arms), bins))
    for row, arm in enumerate(arms):
        ages[row, : len(arm.ages)] = arm.ages
        delays[row, : len(arm.delays)] = arm.delays
    if window is not None and window < bins:
        # A visitor whose window has closed is as old as one can be.
        ages = np.concatenate((ages[:, :window], ages[:, window:].sum(axis=1, keepdims=True)), axis=1)
        delays = np.concatenate((delays[:, :window], np.zeros((len(arms), 1))), axis=1)
    return ages, delays


def _at_risk(ages: Floats) -> Floats:
    """Visitors who would have been seen converting after each delay: the older ones, and half of those in the bin."""
    at_least = np.cumsum(ages[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(at_least - ages / 2)


def _curve(ages: Floats, delays: Floats, least: int = ENOUGH_FOR_CURVE) -> DelayCurve:
    reach, converted = _at_risk(ages.sum(axis=0)), delays.sum(axis=0)
    visitors = ages.sum()
    if not visitors:
        return DelayCurve((), (), "no visitors")
    old = reach >= max(0.5, OLD_ENOUGH * visitors)
    steps = np.where(old, converted / np.maximum(reach, 0.5), 0.0)
    if converted.sum() < least or not steps.sum():
        return DelayCurve((), (), "too few conversions")
    masses = steps[: int(old.sum())] / steps.sum()
    # Within a bin conversions and visitors are spread evenly: half of its own have arrived.
    return DelayCurve(tuple((np.cumsum(masses) - masses / 2).tolist()), tuple(masses.tolist()), None)


def _log_ratio(in_b: float, both: Floats, offset: Floats) -> float:
    """The log ratio of rates that gives b as many conversions as it has; the count grows with it, so bisection does."""
    low, high = -60.0 - float(offset.max()), 60.0 - float(offset.min())
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float(both @ expit(offset + middle)) < in_b else (low, middle)
    return (low + high) / 2


def _span(hours: float) -> str:
    """A length of time as one would say it, rounded up."""
    unit, count = ("day", hours / 24) if hours > 48 else ("hour", hours)
    whole = max(1, math.ceil(count - 1e-9))
    return f"{whole} {unit}{'s' * (whole != 1)}"
