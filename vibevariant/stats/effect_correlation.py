"""Whether arms that engage more also convert more: what a project's finished experiments say about that.

Not whether engaged visitors convert, which they always do: whether a *change* that engages more is one that converts
more. Before any experiment has ended the correlation of the two effects is taken to be about .3, which makes the more
engaging of two arms the better one about 6 times in 10.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from vibevariant.stats.drift import Z_95
from vibevariant.stats.engagement import Engagement
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.priors import ARCHIVE_SPREAD, BEFORE_HISTORY, SpreadPrior, fixed_spread
from vibevariant.stats.quadrature import Floats

# What is thought of the correlation beforehand, N(.3, .2^2) on a grid that is symmetric about .3.
USUAL_CORRELATION, CORRELATION_SD = 0.3, 0.2
CORRELATIONS = np.arange(-35, 100, 5) / 100
# Until this many experiments have taught it, the correlation is taken as no higher than .5.
ENOUGH_EXPERIMENTS = 10
MOST_BEFORE = 0.5
# Engagement is related to conversions when the correlation is above 0 with this chance.
RELATED = 0.9
# Spread of arms in the index, in standard deviations of a visitor: .24 for the difference of two. Known to a factor
# of 2 and learned along with the correlation.
USUAL_INDEX_SPREAD = 0.17
INDEX_SPREADS = USUAL_INDEX_SPREAD * 2.0 ** (np.arange(-4, 5) / 2)
# A difference of which conversions took less than this share of the prior's variance away has taught nothing.
NOTHING_TAUGHT = 1e-6


@dataclass(frozen=True, slots=True)
class EffectPair:
    """Two arms of a finished experiment: how far they lay apart in the index and in the log rate, and how surely.

    Args:
        noise: correlation of the two errors: both come from the same visitors, and who converts is engaged.
        weight: what the pair counts for. Of K arms there are K (K - 1) / 2 pairs that say the same thing over and
            over, and with 2 / K each they count for the K - 1 differences that there are.
    """

    index: float
    index_error: float
    log_ratio: float
    log_ratio_error: float
    noise: float = 0.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        numbers = (self.index, self.log_ratio, self.index_error, self.log_ratio_error, self.weight)
        if not all(math.isfinite(number) for number in numbers) or min(numbers[2:]) <= 0:
            raise ValueError("effects are finite numbers, their errors and the weight positive ones")
        if not -1 <= self.noise <= 1:
            raise ValueError(f"a correlation lies between -1 and 1, not at {self.noise}")


@dataclass(frozen=True, slots=True)
class EffectCorrelation:
    """What is known of r, the correlation of the arms' effects on engagement and on conversions.

    Args:
        chances: of each value on the grid `CORRELATIONS`.
        index_spread: of arms in the index, as learned.
        experiments: that have taught it.
    """

    chances: tuple[float, ...]
    index_spread: float
    experiments: int

    @property
    def mean(self) -> float:
        return float(CORRELATIONS @ np.array(self.chances))

    @property
    def p_related(self) -> float:
        """How likely r is above 0; half of the chance of 0 itself counts."""
        zero = len(CORRELATIONS[CORRELATIONS < 0])
        return math.fsum(self.chances[zero + 1 :]) + self.chances[zero] / 2

    @property
    def is_related(self) -> bool:
        """Whether r's lower bound (the value it is above with 90 %) is above 0."""
        return self.p_related >= RELATED

    @property
    def used(self) -> float:
        """The r that the shift works with: its mean, never below 0, at most .5 before ten experiments."""
        most = float(CORRELATIONS[-1]) if self.experiments >= ENOUGH_EXPERIMENTS else MOST_BEFORE
        return min(max(self.mean, 0.0), most)


def effect_pairs(engagement: Engagement, allocations: Sequence[AllocationCounts]) -> tuple[EffectPair, ...]:
    """What a finished experiment teaches: every two of its arms that can be compared in both respects.

    The log of the ratio of the rates and its error are those of the normal curve that, multiplied by the prior
    N(0, 2 * .21^2), has the mean and variance of the calibrated posterior: finite for all counts there can be.
    """
    arms = len(engagement.score)
    pairs = []
    for b in range(1, arms):
        for a in range(b):
            index = engagement.difference(a, b)
            ratio = _log_ratio([[(c[a], c[b]) for c in counts] for counts in allocations])
            if index is not None and ratio is not None:
                pairs.append(
                    EffectPair(index.difference, index.standard_error, *ratio, engagement.noise, 2 / arms)
                )
    return tuple(pairs)


def _log_ratio(allocations: Sequence[Sequence[tuple[int, int]]]) -> tuple[float, float] | None:
    """Estimate and standard error from two arms' conversions alone; None where they say nothing."""
    seen = Hierarchical([(w, n, s) for w, n, s in allocations], 2, fixed_spread(ARCHIVE_SPREAD))
    lift = seen.lift(0, 1)
    mean = float(np.sum(lift.masses * lift.mesh.nodes))
    variance = float(np.sum(lift.masses * (lift.mesh.nodes - mean) ** 2))
    of_prior = (seen.prior_width / (2 * Z_95)) ** 2
    if variance > (1 - NOTHING_TAUGHT) * of_prior:
        return None
    precision = 1 / variance - 1 / of_prior
    return mean / variance / precision, 1 / math.sqrt(precision)


def learned_correlation(
    experiments: Sequence[Sequence[EffectPair]], spread: SpreadPrior = BEFORE_HISTORY
) -> EffectCorrelation:
    """What finished experiments say of r: Bayes' rule on a grid.

    The two differences of a pair are jointly normal with mean 0, variances 2 s_e^2 + se^2 and 2 s_c^2 + sc^2, and
    covariance 2 r s_e s_c + noise se sc, so that noise neither hides a relation nor passes for one. s_e is the
    project's, learned with r; s_c is each experiment's own, as the prior of spreads has it. Learning from past
    experiments how effects hang together: Tripuraneni, Richardson, D'Amour, Soriano and Yadlowsky (arXiv:2309.07893).

    Args:
        experiments: of each finished one, its pairs (`effect_pairs`).
        spread: what the project's history says of how far arms lie apart.
    """
    r = CORRELATIONS[:, None, None]
    of_index = INDEX_SPREADS[None, :, None]
    of_rate = np.array(spread.spreads)[None, None, :]
    logs = -(((CORRELATIONS - USUAL_CORRELATION) / CORRELATION_SD) ** 2)[:, None] / 2
    logs = logs - (np.log2(INDEX_SPREADS / USUAL_INDEX_SPREAD) ** 2)[None, :] / 2
    with np.errstate(divide="ignore"):
        chances = np.log(np.array(spread.weights))
    taught = [pairs for pairs in experiments if pairs]
    for pairs in taught:
        of_one = sum((pair.weight * _log_density(pair, r, of_index, of_rate) for pair in pairs), np.zeros(1))
        logs = logs + logsumexp(of_one + chances, axis=2)
    weights = np.exp(logs - logsumexp(logs))
    weights /= weights.sum()
    index_spread = math.exp(float(weights.sum(axis=0) @ np.log(INDEX_SPREADS)))
    return EffectCorrelation(tuple(weights.sum(axis=1).tolist()), index_spread, len(taught))


def _log_density(pair: EffectPair, r: Floats, of_index: Floats, of_rate: Floats) -> Floats:
    """Of a pair of normal differences, up to a constant."""
    x = 2 * of_index**2 + pair.index_error**2
    y = 2 * of_rate**2 + pair.log_ratio_error**2
    both = 2 * r * of_index * of_rate + pair.noise * pair.index_error * pair.log_ratio_error
    determinant = x * y - both**2
    square = (
        y * pair.index**2 - 2 * both * pair.index * pair.log_ratio + x * pair.log_ratio**2
    ) / determinant
    return np.asarray(-square / 2 - np.log(determinant) / 2)


BEFORE_EXPERIMENTS = learned_correlation([])
"""What a project starts from: .3."""
