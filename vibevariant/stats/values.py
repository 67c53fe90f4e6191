"""What visitors bring, in money or any other number: revenue per visitor, pages read, minutes.

Most bring nothing and a few bring much, so the largest sums are capped alike in all arms, and the cap is shown: with
one visitor in twenty buying for lognormal sums, that narrows the intervals by a third. A dozen buyers say nothing of
money; from 30 on the means are near enough to normal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import logsumexp, stdtrit

from vibevariant.stats.aipw import Batch, counterfactual_difference, counterfactual_mean
from vibevariant.stats.drift import Z_95
from vibevariant.stats.evidence import LiftPosterior
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.quadrature import NEGLIGIBLE, TO_SERIES, Floats, Mesh, mesh_around

# Values beyond what this share of all visitors stays below are taken as that much ...
CAPPED_ABOVE = 0.995
# ... but never more than this share of buyers: where few visitors buy, the rule above would cap nearly every order.
MOST_CAPPED = 0.1
# Buyers of two arms together, and of each, from which their means are compared.
ENOUGH_BUYERS = 30
ENOUGH_BUYERS_IN_ARM = 10
# The interval that holds at every look is tightest after this many visitors.
TIGHTEST_AT = 10_000

COUNTED = ("exposed", "active")

Undefined = Literal["no visitors", "too few buyers", "no variation"]


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """Visitors under one allocation: weights, and by arm the exposed and the sum that each buyer brought.

    A buyer is a visitor who brought anything; the others brought 0.
    """

    weights: Sequence[int]
    exposed: Sequence[int]
    sums: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.exposed) == len(self.sums):
            raise ValueError("every allocation needs a weight, a count and sums for every arm")
        if any(len(sums) > shown for sums, shown in zip(self.sums, self.exposed, strict=True)):
            raise ValueError("there cannot be more buyers than exposed visitors")


@dataclass(frozen=True, slots=True)
class ValueArm:
    """One arm: what a visitor brings, as the share who buy times what a buyer brings, capped alike everywhere.

    Args:
        mean: by visitor; adjusted for time where there were several allocations.
        standard_error: of it.
        capped: buyers whose sum was above the cap.
    """

    exposed: int
    buyers: int
    capped: int
    mean: float | None
    standard_error: float | None
    buy_rate: float | None
    order_value: float | None


@dataclass(frozen=True, slots=True)
class ValueComparison:
    """b against a, by visitor; without numbers, the reason why there are none.

    Args:
        difference: of the two means.
        interval_95: for one look.
        interval_always: holds at every look; approximate, good once there are hundreds of buyers.
        lift: what is known of the log of the ratio of the means; None while a mean is not above 0.
    """

    cap: float | None
    a: ValueArm
    b: ValueArm
    difference: float | None
    standard_error: float | None
    interval_95: tuple[float, float] | None
    interval_always: tuple[float, float] | None
    lift: LiftPosterior | None
    reason: Undefined | None


def value_cap(allocations: Sequence[ValueCounts]) -> float | None:
    """The sum above which buyers count as having brought just that: the 99.5 % quantile over the visitors of all arms.

    It is found among the buyers, of whom at most a tenth are capped. Pooled, since caps of each arm's own would cut
    an arm that really brings large orders (winsorising).
    """
    every = np.concatenate([np.zeros(0), *(sums for each in allocations for sums in each.sums)])
    visitors = sum(sum(each.exposed) for each in allocations)
    if not every.size:
        return None
    share = min(MOST_CAPPED, (1 - CAPPED_ABOVE) * visitors / every.size)
    return float(np.quantile(every, 1 - share))


def compare_values(
    allocations: Sequence[ValueCounts], a: int, b: int, prior: SpreadPrior = BEFORE_HISTORY
) -> ValueComparison:
    """Compare what visitors of two arms bring.

    Under one allocation by the plain means (Welch, Biometrika 34, 1947), under several by what every visitor would
    have brought had all seen one arm (see `aipw`). The log of the ratio of the means starts where the
    spread of arms' rates says.
    """
    cap = value_cap(allocations)
    batches = [_batch(each, cap) for each in allocations if sum(each.exposed)]
    arms = _arm(allocations, batches, cap, a), _arm(allocations, batches, cap, b)
    # Arms are compared where both were served.
    together = [batch for batch in batches if batch.weights[a] and batch.weights[b]]
    exposed, buyers = (
        [sum(getattr(batch, name)[arm] for batch in together) for arm in (a, b)] for name in COUNTED
    )
    reason: Undefined | None = None
    if not all(exposed):
        reason = "no visitors"
    elif sum(buyers) < ENOUGH_BUYERS or min(buyers) < ENOUGH_BUYERS_IN_ARM:
        reason = "too few buyers"
    means = None if reason else _means(together, a, b)
    if means is None or means.error <= 0:
        return ValueComparison(cap, *arms, None, None, None, None, None, reason or "no variation")
    half, always = means.error * means.quantile, means.error * _boundary(means.visitors)
    return ValueComparison(
        cap=cap,
        a=arms[0],
        b=arms[1],
        difference=means.difference,
        standard_error=means.error,
        interval_95=(means.difference - half, means.difference + half),
        interval_always=(means.difference - always, means.difference + always),
        lift=_lift(means, prior),
        reason=None,
    )


@dataclass(frozen=True, slots=True)
class _Means:
    """Means of a and b with their variances and covariance; the quantile makes an interval of the error."""

    of_a: float
    of_b: float
    variance_a: float
    variance_b: float
    covariance: float
    difference: float
    error: float
    quantile: float
    visitors: int


def _means(batches: Sequence[Batch], a: int, b: int) -> _Means | None:
    if len(batches) == 1:
        (mean_a, variance_a), (mean_b, variance_b) = (_plain(batches[0], arm) for arm in (a, b))
        n_a, n_b = (batches[0].exposed[arm] for arm in (a, b))
        both = variance_a + variance_b
        freedom = both**2 / (variance_a**2 / (n_a - 1) + variance_b**2 / (n_b - 1)) if both > 0 else 1.0
        quantile = float(stdtrit(freedom, 0.975))
        error = math.sqrt(both)
        return _Means(
            mean_a, mean_b, variance_a, variance_b, 0.0, mean_b - mean_a, error, quantile, n_a + n_b
        )
    estimates = (
        counterfactual_mean(batches, a),
        counterfactual_mean(batches, b),
        counterfactual_difference(batches, a, b),
    )
    known = [
        (each.mean, each.standard_error)
        for each in estimates
        if each.mean is not None and each.standard_error is not None
    ]
    if len(known) < len(estimates):
        return None
    (mean_a, error_a), (mean_b, error_b), (difference, error) = known
    variance_a, variance_b = error_a**2, error_b**2
    # Var(b - a) = Var b + Var a - 2 Cov; held inside what a covariance can be.
    most = 0.99 * math.sqrt(variance_a * variance_b)
    covariance = min(max((variance_a + variance_b - error**2) / 2, -most), most)
    return _Means(
        mean_a, mean_b, variance_a, variance_b, covariance, difference, error, Z_95, estimates[2].visitors
    )


def _lift(means: _Means, prior: SpreadPrior) -> LiftPosterior | None:
    """What is known of d, the log of the ratio of the means.

    If the ratio is r, b's mean less r times a's is normal around 0 with variance v_b - 2 r cov + r^2 v_a (Fieller,
    JRSS B 16, 1954), at r = 1 the statistic of Welch's test. The delta method's log ratio holds the truth in 84 of
    100 small tests instead of 95.
    """
    if means.of_a <= 0 or means.of_b <= 0:
        return None

    scale = math.sqrt(2) * np.array(prior.spreads)
    with np.errstate(divide="ignore"):
        log_weights = np.log(np.array(prior.weights))

    def log_curve(d: Floats) -> Floats:
        r = np.exp(d)
        variance = means.variance_b - 2 * r * means.covariance + r * r * means.variance_a
        fit = -((means.of_b - r * means.of_a) ** 2) / (2 * variance)
        before = -((d[..., None] / scale) ** 2) / 2 - np.log(scale) + log_weights
        return np.asarray(fit + logsumexp(before, axis=-1))

    observed = math.log(means.of_b / means.of_a)
    relative = (
        means.variance_a / means.of_a**2
        + means.variance_b / means.of_b**2
        - 2 * means.covariance / (means.of_a * means.of_b)
    )
    reach = math.sqrt(2 * NEGLIGIBLE) * float(scale.max()) + abs(observed)
    # Narrow panels where the prior is sharp and where the data are.
    centres = (0.0, float(scale.min())), (observed, math.sqrt(max(relative, 1e-12)))
    edges = [mesh_around(log_curve, centre, width, reach, -math.inf).edges for centre, width in centres]
    mesh = Mesh(np.unique(np.concatenate(edges)))
    values = log_curve(mesh.nodes)
    masses = np.exp(values - values.max()) * mesh.weights
    masses /= masses.sum()
    return LiftPosterior(mesh, masses, (masses / mesh.weights) @ TO_SERIES.T)


def _boundary(visitors: int, alpha: float = 0.05) -> float:
    """Standard errors that the difference of two means ever strays with a chance of alpha, about.

    The normal mixture, asymptotically (Waudby-Smith et al., Annals of Statistics 52, 2024, arXiv:2103.06476):
    sqrt(2 (t r^2 + 1) / (t r^2) log(sqrt(t r^2 + 1) / alpha)), with r chosen for t = TIGHTEST_AT.
    """
    doubled = -2 * math.log(alpha)
    scaled = visitors * (doubled + math.log(doubled + 1)) / TIGHTEST_AT
    return math.sqrt(2 * (scaled + 1) / scaled * math.log(math.sqrt(scaled + 1) / alpha))


def _batch(each: ValueCounts, cap: float | None) -> Batch:
    sums = [np.minimum(np.asarray(of_arm, dtype=np.float64), cap or 0.0) for of_arm in each.sums]
    return Batch(
        weights=each.weights,
        exposed=each.exposed,
        active=[len(of_arm) for of_arm in sums],
        sums=[float(of_arm.sum()) for of_arm in sums],
        squares=[float(of_arm @ of_arm) for of_arm in sums],
    )


def _plain(batch: Batch, arm: int) -> tuple[float, float]:
    """Mean by visitor, and its variance."""
    n, mean = batch.exposed[arm], batch.sums[arm] / batch.exposed[arm]
    return mean, max(0.0, batch.squares[arm] / n - mean**2) / max(1, n - 1)


def _arm(
    allocations: Sequence[ValueCounts], batches: Sequence[Batch], cap: float | None, arm: int
) -> ValueArm:
    exposed, buyers = (sum(getattr(batch, name)[arm] for batch in batches) for name in COUNTED)
    capped = sum(float(value) > cap for each in allocations for value in each.sums[arm]) if cap else 0
    mean = error = buy_rate = None
    if len(batches) == 1 and exposed:
        mean, variance = _plain(batches[0], arm)
        error, buy_rate = math.sqrt(variance), buyers / exposed
    elif exposed:
        estimate = counterfactual_mean(batches, arm)
        mean, error = estimate.mean, estimate.standard_error
        bought = [Batch(batch.weights, batch.exposed, *[batch.active] * 3) for batch in batches]
        buy_rate = counterfactual_mean(bought, arm).mean
    order_value = mean / buy_rate if mean is not None and buy_rate else None
    return ValueArm(exposed, buyers, capped, mean, error, buy_rate, order_value)
