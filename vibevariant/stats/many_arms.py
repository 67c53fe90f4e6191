"""The posterior of three to fifty arms' effects, on points that are always the same.

For each spread the posterior is close to a normal curve (`laplace`), so their mixture q, each curve with its spread's
chance, is close to the whole. Points are laid evenly over q (`lattice`), and each is weighed by posterior over q
(importance sampling; Owen, Monte Carlo Theory, Methods and Examples, chapter 9). The weights hardly differ from 1, and
that is used: what can be integrated over q itself is, and the points only carry what the weights add,

    E[f] = E_q[f] + E_q[(weight - 1) f].

The chance that arm k is best is, for normal effects, smooth in all directions but the arm's own, and over that one it
is integrated in closed form. Against far longer sums the chances are off by .0013 at most for three to nine arms (.0004
on average) and by .006 for fifty, the ends of 95 % intervals by a twentieth of a standard deviation.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from vibevariant.stats.evidence import LiftPosterior
from vibevariant.stats.laplace import Normals, contrasts, laplace, log_prior, meshes_over_tops
from vibevariant.stats.lattice import normal_points
from vibevariant.stats.likelihood import Likelihood
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import SpreadPrior
from vibevariant.stats.quadrature import TO_SERIES, Floats, Mesh

# Every spread keeps this share of the points at least, however unlikely its normal curve makes it, and no point counts
# for more than this many: with forty arms and more, single points would have a say that is chance.
LEAST_SHARE = 0.01
LARGEST_WEIGHT = 20.0
# Below this share of effective points the normal curves are moved to the posterior's mean, and the points laid again.
NEARLY_ALL = 0.98
# An arm this many standard deviations behind another is best in less than one of a million cases.
NO_CHANCE_IN_SD = 5.0
# A lift: spreads of smaller chance are left out, its normals are followed this far, and the weights along it are a
# polynomial of this degree, kept above 0.
NO_SHARE = 1e-9
REACH_IN_SD = 7.0
DEGREE = 4
LEAST_DENSITY = 1e-3
# What the points say of the polynomial below this share of what they say most of is rounding.
NOT_SEEN = 1e-12
# A line is laid through no fewer points, and no normal is narrower.
ENOUGH_POINTS, NARROWEST = 50, 1e-9
# Stands in for 0 where something is divided by it, and for how little more than the arm itself another one moves.
TINY, LEAST_LEAD = 1e-300, 1e-12
# Numbers held at once: what fits a processor's cache.
AT_ONCE = 60_000

Arms = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Line:
    """A lift: means and standard deviations of its normals under each spread, its value on the points and theirs."""

    means: Floats
    sds: Floats
    seen: Floats
    normal: Floats


class ManyArms:
    """What is known about three or more arms.

    Args:
        log_marginals: log of the likelihood averaged over the prior of each spread, as the normal curves have it.
        spread_weights: the chance of each spread, seeing this experiment.
        effective_share: effective number of points over their number (Kish): 1 where the normal curves are exact.
    """

    def __init__(self, likelihood: Likelihood, prior: SpreadPrior, shift: PriorShift | None = None) -> None:
        with np.errstate(divide="ignore"):
            self._log_prior_weights = np.log(np.array(prior.weights))[:, None]
        normals = laplace(likelihood, prior.spreads, shift)
        self.log_marginals = normals.log_marginals
        self._likelihood, self._shift, self._rare = likelihood, shift, likelihood.per_effect == 1
        shares = self._log_prior_weights[:, 0] + normals.log_marginals
        self._lay_points(normals, np.exp(shares - shares.max()))
        if self.effective_share < NEARLY_ALL:
            # The posterior leans to one side of its top: lay the points around its mean.
            tops = normals.effects.copy()
            for spread, points in self._groups():
                weights = self._weights[points]
                tops[spread] += (weights @ self._noise[points] / weights.sum()) @ normals.to_effects[spread]
            self._lay_points(replace(normals, effects=tops), self.spread_weights)

    def _lay_points(self, normals: Normals, shares: Floats) -> None:
        shares = np.where(shares > 0, np.maximum(shares, LEAST_SHARE * shares.sum()), 0.0)
        self._normals, self._shares = normals, shares / shares.sum()
        uniform, noise = normal_points(normals.effects.shape[1] - 1)
        spread_at = np.searchsorted(np.cumsum(self._shares)[:-1], uniform, side="right")
        # Those of one spread after the other.
        self._noise = noise[np.argsort(spread_at, kind="stable")]
        self._ends = np.cumsum(np.bincount(spread_at, minlength=len(shares)))
        self._effects = np.empty((len(uniform), normals.effects.shape[1]))
        for spread, points in self._groups():
            self._effects[points] = normals.effects[spread] + self._noise[points] @ normals.to_effects[spread]
        log_likelihood, self._log_rates = self._likelihood.at(self._effects)
        logs = np.ascontiguousarray(log_prior(self._effects, normals.spreads, self._shift).T)
        of_prior, chances = _sum_of_logs(self._log_prior_weights + logs)
        of_normals, chances_of_normals = _log_mixture(self._effects, normals, self._shares)
        log_ratio = log_likelihood + of_prior - of_normals
        weights = np.exp(log_ratio - log_ratio.max())
        weights = np.minimum(weights, LARGEST_WEIGHT * weights.mean())
        self._weights = weights / weights.mean()
        self.effective_share = float(1 / np.mean(self._weights**2))
        gained = chances @ self._weights - chances_of_normals.sum(axis=1)
        spread_weights = np.maximum(self._shares + gained / len(self._weights), 0.0)
        self.spread_weights = spread_weights / spread_weights.sum()
        # What the normal curves would have the weights be, if each had the chance that its spread turned out to have.
        ratios = np.divide(
            self.spread_weights, self._shares, where=self._shares > 0, out=np.zeros_like(shares)
        )
        planned = np.repeat(ratios, np.diff(self._ends, prepend=0))
        self._planned = planned / planned.mean()

    def _groups(self) -> list[tuple[int, slice]]:
        """The spreads that have points, and which."""
        starts = [0, *self._ends[:-1].tolist()]
        return [
            (spread, slice(start, end))
            for spread, (start, end) in enumerate(zip(starts, self._ends.tolist(), strict=True))
            if end > start
        ]

    def p_best(self, running: list[int]) -> Floats:
        arms = self._effects.shape[1]
        chances = np.zeros(arms)
        if len(running) == 1:
            chances[running] = 1.0
            return chances
        for spread, points in self._groups():
            to_effects, top = self._normals.to_effects[spread], self._normals.effects[spread]
            covariance = to_effects.T @ to_effects
            leading = max(running, key=lambda arm: top[arm])
            apart = covariance[leading, leading] - 2 * covariance[leading] + np.diagonal(covariance)
            # Others are too far behind the leading one for any chance that could be seen.
            near = top[leading] - top <= NO_CHANCE_IN_SD * np.sqrt(np.maximum(apart, 0.0))
            tried = np.array([arm for arm in running if near[arm]])
            effects = np.ascontiguousarray(self._effects[points].T)
            parts = min(len(tried), math.ceil(len(tried) * effects.size / AT_ONCE))
            for some in np.array_split(tried, parts):
                best = _times_best(effects, top, covariance, some, running)
                chances[some] += best @ self._planned[points]
        at = np.array(running)[np.argmax(self._effects[:, running], axis=1)]
        chances += np.bincount(at, weights=self._weights - self._planned, minlength=arms)
        chances = np.maximum(chances, 0.0)
        return np.asarray(chances / chances.sum())

    def loss(self, running: list[int]) -> Floats:
        best = self._log_rates[:, running].max(axis=1, keepdims=True)
        lost = -np.expm1(np.minimum(self._log_rates - best, 0.0))
        return np.asarray(self._weights @ lost / len(lost))

    def lifts(self, a: int, others: list[int]) -> list[LiftPosterior]:
        """The difference of two arms is a mixture of normals under q; along it the weights are a polynomial p.

        p times the mixture has the moments of the weighted points: sum_j c[j] E_q[u^(i + j)] = E[u^i].
        """
        used = np.flatnonzero(self.spread_weights > NO_SHARE)
        lines = [self._line(a, b, used) for b in others]
        means, sds = np.array([line.means for line in lines]), np.array([line.sds for line in lines])
        meshes = meshes_over_tops(means, sds, REACH_IN_SD * sds)
        # Panels of no width at the end of some, so that all have as many.
        panels = max(mesh.edges.size for mesh in meshes)
        filled = [Mesh(np.pad(mesh.edges, (0, panels - mesh.edges.size), mode="edge")) for mesh in meshes]
        nodes, widths = (np.array([getattr(mesh, name) for mesh in filled]) for name in ("nodes", "weights"))
        away = (nodes[:, None] - means[..., None, None]) / sds[..., None, None]
        base = np.einsum("lk,lkpn->lpn", self.spread_weights[used] / sds, np.exp(-away * away / 2)) * widths
        base /= base.sum(axis=(1, 2), keepdims=True)
        centre = (base * nodes).sum(axis=(1, 2))
        width = np.sqrt((base * (nodes - centre[:, None, None]) ** 2).sum(axis=(1, 2)))
        at_nodes = (nodes - centre[:, None, None]) / width[:, None, None]
        of_base = _moments(at_nodes.reshape(len(others), -1), base.reshape(len(others), -1), 2 * DEGREE)
        seen, normal = (
            (np.array([getattr(line, name) for line in lines]) - centre[:, None]) / width[:, None]
            for name in ("seen", "normal")
        )
        gained = _moments(seen, self._weights / len(self._weights), DEGREE)
        gained -= _moments(normal, self._planned / len(self._weights), DEGREE)
        degrees = np.arange(DEGREE + 1)
        hankel = of_base[:, degrees[:, None] + degrees]
        added = (np.linalg.pinv(hankel, rcond=NOT_SEEN, hermitian=True) @ gained[..., None])[..., None]
        tilt = np.zeros_like(at_nodes)
        for degree in reversed(range(DEGREE + 1)):
            tilt = tilt * at_nodes + added[:, degree]
        masses = base * np.maximum(1 + tilt, LEAST_DENSITY)
        # The chance of being better is that of the effects, which is known more closely.
        better = self._p_better(a, others)[:, None, None]
        for side, chance in ((nodes > 0, better), (nodes <= 0, 1 - better)):
            total = (masses * side).sum(axis=(1, 2), keepdims=True)
            masses = np.where(side & (total > 0), masses * chance / np.maximum(total, TINY), masses)
        masses /= masses.sum(axis=(1, 2), keepdims=True)
        cut = [mass[: mesh.edges.size - 1] for mass, mesh in zip(masses, meshes, strict=True)]
        return [
            LiftPosterior(mesh, mass, mass / mesh.weights @ TO_SERIES.T)
            for mass, mesh in zip(cut, meshes, strict=True)
        ]

    def _p_better(self, a: int, others: list[int]) -> Floats:
        used = [spread for spread, _ in self._groups()]
        noise = self._normals.to_effects[used][:, :, others] - self._normals.to_effects[used][:, :, [a]]
        means = self._normals.effects[used][:, others] - self._normals.effects[used][:, [a]]
        of_normals = self.spread_weights[used] @ ndtr(means / np.linalg.norm(noise, axis=1))
        ahead = self._effects[:, others] > self._effects[:, [a]]
        gained = (self._weights - self._planned) @ ahead / len(ahead)
        return np.asarray(np.clip(of_normals + gained, 0.0, 1.0))

    def _line(self, a: int, b: int, used: Arms) -> _Line:
        """The lift, for the spreads that count.

        Where conversions are common it is no straight line in the effects, but nearly one: that of least squares.
        """
        to_effects = self._normals.to_effects[used]
        means = self._normals.effects[used, b] - self._normals.effects[used, a]
        sds = np.linalg.norm(to_effects[:, :, b] - to_effects[:, :, a], axis=1)
        at = self._effects[:, b] - self._effects[:, a]
        if self._rare:
            return _Line(means, sds, at, at)
        seen, normal = self._log_rates[:, b] - self._log_rates[:, a], np.zeros(len(at))
        groups = dict(self._groups())
        for row, spread in enumerate(used):
            here = groups.get(int(spread), slice(0, 0))
            line = here if here.stop - here.start >= ENOUGH_POINTS else slice(None)
            slope, shift = np.polyfit(at[line], seen[line], 1, w=np.sqrt(self._weights[line]))
            rest = np.average((seen[line] - slope * at[line] - shift) ** 2, weights=self._weights[line])
            sd = max(math.sqrt(float((slope * sds[row]) ** 2 + rest)), NARROWEST)
            mean = shift + slope * means[row]
            normal[here] = mean + sd / sds[row] * (at[here] - means[row])
            means[row], sds[row] = mean, sd
        return _Line(means, sds, seen, normal)


def _times_best(effects: Floats, tops: Floats, covariance: Floats, tried: Arms, running: list[int]) -> Floats:
    """For each arm tried and each point, how likely the arm is best, given all of the point but the arm's own noise.

    With e the arm's noise, arm j's is b[j] e and a rest that knows nothing of e, so that the arm is ahead of j where
    e (1 - b[j]) > rest of j above the arm's top: above a bound, or below one where j moves more than the arm itself.

    Args:
        effects: of each arm (row) at each point.
    """
    arms, variances = np.arange(len(tops)), covariance[tried, tried][:, None]
    follows = covariance[tried] / variances
    lead = 1 - follows
    rivals = np.isin(arms, running) & (arms != tried[:, None])
    slower = rivals & (lead > 0)
    # The bounds are (x[j] - b[j] x[arm]) / (1 - b[j]), less the arm's top.
    weights = np.zeros((len(tried), len(arms), len(arms)))
    weights[:, arms, arms] = 1
    weights[np.arange(len(tried)), :, tried] -= follows
    weights /= np.where(slower, lead, np.minimum(lead, -LEAST_LEAD))[..., None]
    bounds = (weights.reshape(-1, len(arms)) @ effects).reshape(len(tried), len(arms), -1)
    top, sd = tops[tried][:, None], np.sqrt(variances)
    faster = rivals & ~slower
    high = None
    if faster.any():
        high = (bounds - np.where(faster, top, -math.inf)[..., None]).min(axis=1)
    bounds -= np.where(slower, top, math.inf)[..., None]
    low = bounds.max(axis=1)
    if high is None:
        return np.asarray(ndtr(-low / sd))
    return np.asarray(np.maximum(ndtr(high / sd) - ndtr(low / sd), 0.0))


def _log_mixture(effects: Floats, normals: Normals, shares: Floats) -> tuple[Floats, Floats]:
    """For each point, log density of y under the mixture of normal curves, and the chance that each curve made it."""
    arms = effects.shape[1]
    logs = np.full((len(shares), len(effects)), -math.inf)
    for spread in np.flatnonzero(shares):
        factor = normals.factors[spread]
        to_noise = (contrasts(arms) @ factor).T
        away = to_noise @ effects.T - (to_noise @ normals.effects[spread])[:, None]
        volume = math.log(shares[spread]) + float(np.log(np.diagonal(factor)).sum())
        logs[spread] = volume - np.einsum("kn,kn->n", away, away) / 2
    total, chances = _sum_of_logs(logs)
    return total - (arms - 1) * math.log(2 * math.pi) / 2, chances


def _sum_of_logs(logs: Floats) -> tuple[Floats, Floats]:
    """For each column, log of the sum of what these are the logs of, and each one's share of it."""
    top = logs.max(axis=0)
    parts = np.exp(logs - top)
    total = parts.sum(axis=0)
    return top + np.log(total), parts / total


def _moments(at: Floats, weights: Floats, highest: int) -> Floats:
    """For each row, weighted sums of the powers of these numbers, from the 0th to the highest."""
    power = np.broadcast_to(weights, at.shape)
    means = np.empty((len(at), highest + 1))
    for degree in range(highest + 1):
        means[:, degree] = power.sum(axis=1)
        power = power * at
    return means
