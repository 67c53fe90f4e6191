"""The likelihood of conversions that are not rare: a logistic rate with an intercept for each allocation.

    logit of the rate of arm k under allocation e = level[e] + x[k]

The levels may be anything, so they are conditioned away too. The chance of the arms' conversions given their total
(Fisher's noncentral hypergeometric, for two arms) is a sum as long as the counts; here it is the saddlepoint
approximation to that sum,

    log L(x) = max over level of log-likelihood + 1/2 log(information on the level there),

which is off by a share of 1/conversions, and where they are rare is the multinomial likelihood (Barndorff-Nielsen and
Cox, JRSS B 41, 1979; McCullagh and Nelder, Generalized Linear Models, 7.2). Measured against the whole sum for two arms:
the chance of being better is off by .0002 for one visitor an arm and by .00005 from ten on, starting from the usual
spreads; by .0014 and .0002 if the spread is .5. Effects are on the log-odds: at a rate p, a small one changes the log
rate by 1 - p of it. A lift is that of the rates at the levels that foretell the totals.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit

from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.quadrature import Floats

# A step of Newton's method this short leaves its square, 1e-5, and the likelihood at its top feels the square of that.
LAST_STEP = 3e-3
MOST_STEPS = 60
# Numbers held at once, so that fifty arms under two hundred allocations do not fill the memory.
AT_ONCE = 50_000


class Logistic:
    """Binomial likelihood of every allocation's arms, each allocation with a level of its own."""

    def __init__(self, allocations: Sequence[AllocationCounts], arms: int) -> None:
        strata = sorted(
            (tuple(exposed), tuple(conversions))
            for weights, exposed, conversions in allocations
            if sum(exposed)
        )
        self.exposed = np.array([exposed for exposed, _ in strata], dtype=np.float64).reshape(-1, arms)
        counts = np.array([counts for _, counts in strata], dtype=np.float64).reshape(-1, arms)
        totals, visitors = counts.sum(axis=1), self.exposed.sum(axis=1)
        # Where nobody or everybody converted, or in one arm alone, any difference foretells the same.
        self.telling = (totals > 0) & (totals < visitors) & ((self.exposed > 0).sum(axis=1) > 1)
        self.counts = counts * self.telling[:, None]
        self.conversions = self.counts.sum(axis=0)
        # Half a visitor away from nobody and everybody, where the level would be infinite.
        self.totals = np.clip(totals, 0.5, visitors - 0.5)
        self.visitors = visitors
        self.per_effect = 1 - float(self.totals.sum() / visitors.sum()) if strata else 1.0

    def at(self, effects: Floats) -> tuple[Floats, Floats]:
        """The log-likelihood, and the log rates if all visitors of all allocations had been shown one arm."""
        if not len(self.visitors):
            return np.zeros(len(effects)), effects
        parts = math.ceil(len(effects) * self.exposed.size / AT_ONCE)
        each = [self._at(part) for part in np.array_split(effects, max(1, parts))]
        return np.concatenate([logs for logs, _ in each]), np.concatenate([rates for _, rates in each])

    def curvature(self, effects: Floats) -> tuple[Floats, Floats]:
        rates = expit(self._levels(effects)[..., None] + effects[:, None, :])
        expected = (self.exposed * rates * self.telling[:, None]).sum(axis=1)
        spread = self.exposed * rates * (1 - rates) * self.telling[:, None]
        of_level = np.maximum(spread.sum(axis=-1, keepdims=True), 1e-300)
        information = -np.swapaxes(spread, 1, 2) @ (spread / of_level)
        arms = np.arange(effects.shape[-1])
        information[:, arms, arms] += spread.sum(axis=1)
        return expected, information

    def _at(self, effects: Floats) -> tuple[Floats, Floats]:
        level = self._levels(effects)
        odds = np.exp(level[..., None] + effects[:, None, :])
        rates = odds / (1 + odds)
        of_level = np.einsum("nek,ek->ne", rates * (1 - rates), self.exposed)
        log = effects @ self.conversions + level @ self.counts.sum(axis=1)
        # With two arms every digit counts, with more of them, points do; and the other is the quicker one.
        grown = np.log(1 + odds) if effects.shape[-1] > 2 else np.log1p(odds)
        log -= np.einsum("nek,ek->n", grown, self.exposed * self.telling[:, None])
        log += np.log(np.maximum(of_level, 1e-300)) @ self.telling / 2
        return log, np.log(np.einsum("nek,e->nk", rates, self.visitors / self.visitors.sum()))

    def _levels(self, effects: Floats) -> Floats:
        """The levels that foretell each allocation's total: Newton's method, held inside a bracket."""
        middle = logit(self.totals / self.visitors)
        low = middle - effects.max(axis=-1, keepdims=True)
        high = middle - effects.min(axis=-1, keepdims=True)
        # The first terms of its series around effects of 0.
        shares = (self.exposed / self.visitors[:, None]).T
        mean, rate = effects @ shares, self.totals / self.visitors
        level = middle - mean - (1 - 2 * rate) / 2 * ((effects * effects) @ shares - mean * mean)
        level = np.clip(level, low, high)
        for _ in range(MOST_STEPS):
            rates = 1 / (1 + np.exp(-level[..., None] - effects[:, None, :]))
            off = self.totals - np.einsum("nek,ek->ne", rates, self.exposed)
            slope = np.einsum("nek,ek->ne", rates * (1 - rates), self.exposed)
            low, high = np.where(off > 0, level, low), np.where(off > 0, high, level)
            new = level + off / np.maximum(slope, 1e-300)
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            moved = float(np.max(np.abs(new - level), initial=0.0))
            level = new
            if moved < LAST_STEP:
                break
        return np.asarray(level)
