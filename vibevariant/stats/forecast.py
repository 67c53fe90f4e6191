"""How likely a clear answer is within 1, 2, 4 and 8 weeks, at today's traffic and allocation.

What is known now says how large the difference may be; from there, conversions are drawn and the same rules applied
that will be applied to the real ones: proof, or a difference too small to matter. It goes on from the evidence there
is. A classic sample size answers another question, and for one assumed difference only.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, logit, ndtr, ndtri

from vibevariant.stats.decision import EQUIVALENT, NARROWED, SMALL_LOSS, proof_needed
from vibevariant.stats.drift import Z_95
from vibevariant.stats.evidence import EVIDENCE_SPREAD, AllocationCounts, LiftPosterior, Stratum, strata
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.quantiles import quantiles_of
from vibevariant.stats.words import PROBABLY

HORIZONS = (1, 2, 4, 8)
# Days after which the drawn experiments are looked at: an answer may come between two horizons, and pass.
LOOKS = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 21),
    *(24, 26, 28, 31, 35, 38, 42, 45, 49, 52, 56),
)
# Draws of what may be true. The chances are within about 2 points of what endless draws would make of them.
DRAWS = 256
# Quantiles of a lift that are looked up.
KNOTS = 29

# An answer that is less likely than this within the last horizon is not worth waiting for.
UNLIKELY = 0.2

# Allocations of about the same propensity are taken together, in this many groups at most.
MOST_GROUPS = 8
# Newton's steps from a good guess to the peak of a log-concave curve, and the longest of them.
STEPS = 4
LONGEST_STEP = 1.0
# After a step that is this short, what is left is its square.
LAST_STEP = 1e-6
# Conversions that stand for none where a mean over them is taken.
TINY = 1e-9
# The first log ratio matters most and is cut into as many equal shares as there are draws; beside it run the second
# one and the base rate, in steps that fill the square evenly: 1/p and 1/p^2, p^3 = p + 1 (Roberts, The unreasonable
# effectiveness of quasirandom sequences, 2018).
BESIDE = np.array([0.7548776662466927, 0.5698402909980532])


@dataclass(frozen=True, slots=True)
class Forecast:
    """Chances of a clear answer by the end of each horizon, in weeks; none without visitors to go by."""

    weeks: tuple[int, ...]
    p_answer: tuple[float, ...] | None

    @property
    def unlikely(self) -> bool:
        """Waiting until the last horizon will probably not settle it."""
        return self.p_answer is not None and self.p_answer[-1] < UNLIKELY


def forecast(
    allocations: Sequence[AllocationCounts],
    leader: int,
    over_leader: Mapping[int, LiftPosterior],
    rivals: Sequence[int],
    *,
    visitors_per_week: float,
    margin: tuple[float, float],
    rng: np.random.Generator,
    prior: SpreadPrior = BEFORE_HISTORY,
) -> Forecast:
    """Forecast whether the leader and its rivals (the control, the runner-up) will be told apart, or found equal.

    Args:
        allocations: the last one is in force and stays so.
        over_leader: what is known of the log ratio of each rival's rate to the leader's.
        visitors_per_week: over all arms, as of late.
        margin: logs of the ratios between which a difference does not matter.
        rng: for the conversions; a fixed seed makes the same forecast of the same counts.
        prior: what was assumed of the spread of arms.

    Each draw takes log ratios from their posteriors (with two rivals as correlated as they are through the leader,
    one half) and a base rate from the arms' pooled conversions, Gamma(s + 1/2, n). Conversions are Poisson.
    """
    if len(rivals) > 2 or leader in rivals:
        raise ValueError("a leader is compared with the control and the runner-up")
    arms = [leader, *rivals]
    exposed = np.array([float(sum(shown[arm] for _, shown, _ in allocations)) for arm in arms])
    if not rivals or not exposed.sum() or not 0 <= visitors_per_week < math.inf:
        return Forecast(HORIZONS, None)
    converted = sum(conversions[arm] for _, _, conversions in allocations for arm in arms)
    rates = _rates(exposed, converted, [over_leader[rival] for rival in rivals])
    weights = allocations[-1][0]
    shares = np.array([weights[arm] / max(1, sum(weights)) for arm in arms])
    means = visitors_per_week * shares[:, None, None] * rates[:, :, None] * np.diff(LOOKS, prepend=0) / 7
    # The first look is at what is there already.
    to_come = np.zeros((len(arms), DRAWS, len(LOOKS) + 1))
    to_come[:, :, 1:] = np.cumsum(rng.poisson(means), axis=2)
    proof = proof_needed(len(weights))
    proven, equal = np.ones((2, DRAWS, len(LOOKS) + 1), dtype=bool)
    for row, rival in enumerate(rivals, start=1):
        curve = _Curves(
            strata(allocations, leader, rival), (weights[leader], weights[rival]), to_come[[0, row]]
        )
        pair_proven, pair_equal = curve.answers(proof, margin, prior)
        proven &= pair_proven
        equal &= pair_equal
    answered = np.logical_or.accumulate(proven | equal, axis=1).mean(axis=0)
    return Forecast(HORIZONS, tuple(float(answered[1 + LOOKS.index(7 * week)]) for week in HORIZONS))


def _rates(exposed: Floats, converted: int, lifts: Sequence[LiftPosterior]) -> Floats:
    """Draws of the rates of the leader and its rivals, a row each, on fixed points."""
    order = np.arange(1, DRAWS + 1)
    first = ndtri((order - 0.5) / DRAWS)
    second, base = ((0.5 + order * step) % 1.0 for step in BESIDE)
    ratios = np.ones((1 + len(lifts), DRAWS))
    for row, lift in enumerate(lifts):
        normal = (first + math.sqrt(3) * ndtri(second)) / 2 if row else first
        ratios[1 + row] = np.exp(_quantiles(lift, normal))
    pooled = gammaincinv(converted + 0.5, base)
    return np.asarray(np.minimum(pooled / (exposed @ ratios) * ratios, 1.0))


def _quantiles(lift: LiftPosterior, normal: Floats) -> Floats:
    """Draws of a lift at these quantiles, as standard normal numbers: straight between a few exact ones."""
    knots = np.linspace(-3.5, 3.5, KNOTS)
    return np.asarray(np.interp(normal, knots, quantiles_of([lift], ndtr(knots))[0]))


class _Curves:
    """The conditional log-likelihood of two arms, less the prior of the e-value, around its peak, for many draws.

    The same curve as in `evidence`, with what has been drawn added to what has been seen, and normal but for two
    further terms of its series at the peak (Tierney and Kadane, JASA 81, 1986) in place of an exact integral.
    """

    def __init__(self, past: Sequence[Stratum], today: tuple[int, int], to_come: Floats) -> None:
        self.propensities, self.counts, in_b = _groups(past)
        if not all(today):
            # Nothing that comes under such weights can tell these two apart.
            today, to_come = (1, 1), np.zeros_like(to_come)
        self.today = today[1] / sum(today)
        # What was seen under today's propensity is of one kind with what will be.
        same = self.propensities == self.today
        self.new = to_come.sum(axis=0) + self.counts[same].sum()
        self.propensities, self.counts = self.propensities[~same], self.counts[~same]
        self.in_b = in_b + to_come[1]
        self.precision = EVIDENCE_SPREAD**-2
        # One stratum of the mean propensity, with the prior as so many visitors more: a good first guess.
        total = self.new + self.counts.sum()
        seen = float(self.counts @ self.propensities)
        mean = (seen + (self.new + TINY) * self.today) / (total + TINY)
        worth = self.precision / (mean * (1 - mean))
        d = logit((self.in_b + worth * mean) / (total + worth)) - logit(mean)
        for _ in range(STEPS):
            tilted, spread = self._moments(d, higher=False)
            step = (self.in_b - tilted - self.precision * d) / (spread + self.precision)
            d += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
            if float(np.abs(step).max()) < LAST_STEP:
                break
        _, spread, self.third, self.fourth = self._moments(d, higher=True)
        self.peak, self.bend = d, spread + self.precision
        odds = np.exp(d)
        tilts = np.log(1 - self.propensities + odds[..., None] * self.propensities) @ self.counts
        tilts += np.log(1 - self.today + odds * self.today) * self.new
        self.height = self.in_b * d - tilts - self.precision * d * d / 2

    def _moments(self, d: Floats, *, higher: bool) -> Floats:
        """The conversions of b to expect at d, and the second to fourth derivatives that they lend to the curve."""
        odds, totals = np.exp(d), np.zeros((4 if higher else 2, *d.shape))
        groups = zip([self.today, *self.propensities], [self.new, *self.counts], strict=True)
        for propensity, count in groups:
            share = propensity * odds
            share /= share + (1 - propensity)
            variance = share * (1 - share)
            parts = [share, variance]
            if higher:
                parts += [variance * (1 - 2 * share), variance * (1 - 6 * variance)]
            for order, part in enumerate(parts):
                totals[order] += part * count
        return totals

    def log_e(self) -> Floats:
        series = 1 - self.fourth / (8 * self.bend**2) + 5 * self.third**2 / (24 * self.bend**3)
        return np.asarray(self.height - np.log(self.bend / self.precision) / 2 + np.log(series))

    def answers(
        self, proof: float, margin: tuple[float, float], prior: SpreadPrior
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the arms are proven to differ, and whether they are as good as equal, by the table of decisions.

        For each spread the posterior is taken as normal, the spreads weighed by how well they foretold the data; for
        equality, which takes many conversions, as one normal curve.
        """
        proven, equal = self.log_e() >= proof, np.zeros(self.peak.shape, dtype=bool)
        weights, means, sds = self._normals(proven, prior)
        better = (weights * ndtr(means / sds)).sum(axis=0)
        proven[proven] = np.maximum(better, 1 - better) >= PROBABLY
        # Only a peak inside the margin, and narrower than it, can have most of the posterior within.
        near = (self.peak > margin[0]) & (self.peak < margin[1]) & (self.bend**-0.5 < margin[1] - margin[0])
        weights, means, sds = self._normals(near, prior)
        mean = (weights * means).sum(axis=0)
        sd = np.sqrt((weights * (sds**2 + (means - mean) ** 2)).sum(axis=0))
        within = ndtr((margin[1] - mean) / sd) - ndtr((margin[0] - mean) / sd)
        z, ratio = mean / sd, np.exp(mean + sd**2 / 2)
        # The share of the better arm's conversions that is lost by choosing the other, to first order in it.
        of_a, of_b = ratio * ndtr(z + sd) - ndtr(z), ndtr(-z) - ratio * ndtr(-z - sd)
        small = (of_a < SMALL_LOSS) & (of_b < SMALL_LOSS)
        equal[near] = (2 * Z_95 * sd <= NARROWED * prior.width_95) & ((within >= EQUIVALENT) | small)
        return proven, equal

    def _normals(self, chosen: NDArray[np.bool_], prior: SpreadPrior) -> tuple[Floats, Floats, Floats]:
        """For each spread (row), its chance and the posterior's mean and standard deviation, where chosen."""
        variance = 2 * np.array(prior.spreads)[:, None] ** 2
        bend, pull = self.bend[chosen], self.peak[chosen] * self.bend[chosen]
        precision = bend - self.precision + 1 / variance
        means = pull / precision
        log_chances = (means * pull - np.log(precision * variance)) / 2
        chances = np.array(prior.weights)[:, None] * np.exp(log_chances - log_chances.max(axis=0))
        return chances / chances.sum(axis=0), means, precision**-0.5


def _groups(past: Sequence[Stratum]) -> tuple[Floats, Floats, int]:
    """Propensities of b with the conversions under each, few of them, and the conversions of b in all.

    A group holds neighbours, and about as many conversions as the others; its propensity is their mean.
    """
    counted = [stratum for stratum in past if stratum.weight_a and stratum.weight_b]
    pairs = sorted(
        (
            stratum.weight_b / (stratum.weight_a + stratum.weight_b),
            stratum.conversions_a + stratum.conversions_b,
        )
        for stratum in counted
        if stratum.conversions_a + stratum.conversions_b
    )
    in_b = sum(stratum.conversions_b for stratum in counted)
    if not pairs:
        return np.zeros(0), np.zeros(0), in_b
    pi, count = np.array(pairs).T
    middle = (np.cumsum(count) - count / 2) / count.sum()
    known, group = np.unique(pi, return_inverse=True)
    if known.size > MOST_GROUPS:
        _, group = np.unique((middle * MOST_GROUPS).astype(int), return_inverse=True)
    counts = np.asarray(np.bincount(group, count), dtype=np.float64)
    return np.asarray(np.bincount(group, count * pi) / counts), counts, in_b
