"""How likely the conversions are that were seen, given how far the arms' rates lie apart.

The base rate is conditioned away: it may change by the hour, and the weights may follow the data, as long as each
visitor is compared under the weights that were in force. Given that a visitor of an allocation with weights w
converted, the chance that the arm was k is

    w[k] e^x[k] / sum w[j] e^x[j],

x being the arms' effects on the log rate: a multinomial likelihood of each allocation's conversions, in which a shift
of all effects cancels. For two arms it is that of `evidence`. It takes conversions as rare; where they are not,
`logistic` has the whole.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.logistic import Logistic
from vibevariant.stats.quadrature import Floats

# Share of visitors that convert from which conversions are no longer rare: the conditional likelihood uses 1 - p of
# the information there is.
COMMON = 0.3


class Likelihood(Protocol):
    """A log-likelihood of the arms' effects, up to a constant; a shift of all effects leaves it as it is.

    Args:
        conversions: of each arm, as far as they say something.
        per_effect: the change of the log rate for a small effect: 1 for rare conversions.
    """

    conversions: Floats
    per_effect: float

    def at(self, effects: Floats) -> tuple[Floats, Floats]:
        """For each row of effects, the log-likelihood, and the arms' log rates up to a shift of the row."""
        ...

    def curvature(self, effects: Floats) -> tuple[Floats, Floats]:
        """For each row of effects, the conversions to expect of each arm, and the information (arms x arms)."""
        ...


class Conditional:
    """The multinomial likelihood of rare conversions. Allocations of the same weights are one."""

    per_effect = 1.0

    def __init__(self, allocations: Sequence[AllocationCounts], arms: int) -> None:
        by_shares: dict[tuple[float, ...], int] = {}
        self.conversions = np.zeros(arms)
        for weights, _, conversions in allocations:
            # Where an arm had no weight, no conversion can be its own.
            counted = [count if weight else 0 for weight, count in zip(weights, conversions, strict=True)]
            if sum(1 for weight in weights if weight) < 2 or not sum(counted):
                continue
            total = sum(weights)
            shares = tuple(weight / total for weight in weights)
            by_shares[shares] = by_shares.get(shares, 0) + sum(counted)
            self.conversions += counted
        # In an order of their own, so that sums do not depend on the order they came in.
        strata = sorted(by_shares.items())
        self.shares = np.array([shares for shares, _ in strata]).reshape(-1, arms)
        self.totals = np.array([float(total) for _, total in strata])

    def at(self, effects: Floats) -> tuple[Floats, Floats]:
        # With two arms every digit counts, with more of them, points do; and this is the quicker one.
        if effects.shape[-1] > 2:
            tilted = np.log(np.exp(effects) @ self.shares.T)
        else:
            tilted = np.log1p(np.expm1(effects) @ self.shares.T)
        return effects @ self.conversions - tilted @ self.totals, effects

    def curvature(self, effects: Floats) -> tuple[Floats, Floats]:
        tilted = np.exp(effects - effects.max(axis=-1, keepdims=True))[:, None, :] * self.shares
        tilted /= tilted.sum(axis=-1, keepdims=True)
        counts = tilted * self.totals[:, None]
        expected = counts.sum(axis=1)
        information = -np.swapaxes(counts, 1, 2) @ tilted
        arms = np.arange(effects.shape[-1])
        information[:, arms, arms] += expected
        return expected, information


def likelihood_of(allocations: Sequence[AllocationCounts], arms: int) -> Likelihood:
    """The likelihood that suits the share of visitors who converted."""
    exposed = sum(sum(counts[1]) for counts in allocations)
    converted = sum(sum(counts[2]) for counts in allocations)
    if converted > COMMON * exposed:
        return Logistic(allocations, arms)
    return Conditional(allocations, arms)
