"""What is known of all arms together, calibrated: which is best, what each would cost, and how far any two lie apart.

The arms' log rates are the experiment's own level, which drops out, and an effect of each, N(0, spread^2); how large
the spread usually is is the prior (`priors.SpreadPrior`), and the experiment adds its own word. A lead is believed
no more than leads of its size have deserved: where independent flat priors say "95 %" and are right 7 times in 10,
this is right 19 times in 20, looking as often as one likes, and a bandit or a changing base rate do not mislead it
(bench/calibration.md). More than two arms pay for their number by themselves: all of them are drawn towards their
mean. Background: Efron and Morris, JASA 70 (1975); Gelman, Hill and Yajima, J. Res. Educ. Effectiveness 5 (2012).
"""

import math
from collections.abc import Collection, Hashable, Sequence
from copy import copy
from typing import Protocol, Self

import numpy as np

from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts, LiftPosterior
from vibevariant.stats.laplace import Basis, laplace
from vibevariant.stats.likelihood import likelihood_of
from vibevariant.stats.many_arms import ManyArms
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS, SpreadPrior
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.shared_strength import alike, basis_of, correlation
from vibevariant.stats.two_arms import TwoArms

# About what the prior is worth in conversions of an arm.
SHRINK = 25.0


class Effects(Protocol):
    """What is known about the effects of arms in a fixed order."""

    effective_share: float
    spread_weights: Floats

    def p_best(self, running: list[int]) -> Floats: ...

    def loss(self, running: list[int]) -> Floats: ...

    def lifts(self, a: int, others: list[int]) -> list[LiftPosterior]: ...


class Hierarchical:
    """The calibrated posterior of an experiment's arms.

    The same counts give the same numbers, however the arms are numbered and in whatever order allocations come. With
    two arms they are exact; with more, chances are good to .002 (`many_arms`).

    Args:
        allocations: for each the weights, exposed visitors and conversions of every arm.
        arms: how many there are.
        prior: what the project's history says of spreads.
        shift: where early signals move the prior of the effects; decisions rest on the posterior without one.
        design: of arms that are combinations of elements; from six on, what is seen of one says something of those
            that share a variant with it (`shared_strength`), two that share none being as far apart as arms are.

    Attributes:
        spread: what is thought of this experiment's spread, having seen it.
        effective_share: of the points that more than two arms are summed over; it is below .9 for forty arms and
            more only, and tells how far to trust the last digit.
    """

    def __init__(
        self,
        allocations: Sequence[AllocationCounts],
        arms: int,
        prior: SpreadPrior = BEFORE_HISTORY,
        shift: PriorShift | None = None,
        design: Design | None = None,
    ) -> None:
        if design is not None and design.arms != arms:
            raise ValueError(f"a design of {design.arms} combinations says nothing of {arms} arms")
        self._design = design if design is not None and design.shares_strength else None
        self._allocations = allocations
        self._columns = [_column(allocations, arm) for arm in range(arms)]
        self._keys = [(-_standing(allocations, arm), sorted(self._columns[arm])) for arm in range(arms)]
        self._order: list[int] = []
        self._read(prior, shift)

    def under(self, prior: SpreadPrior, shift: PriorShift | None = None) -> Self:
        """The same counts under another prior, at less than half of the cost."""
        other = copy(self)
        other._read(prior, shift)  # noqa: SLF001 - one's own kind
        return other

    def _read(self, prior: SpreadPrior, shift: PriorShift | None) -> None:
        arms = len(self._keys)
        if shift is not None and len(shift.means) != arms:
            raise ValueError(f"a shift of {len(shift.means)} arms says nothing of {arms}")
        # One that moves nothing is none.
        moved = shift is not None and (shift.moves or any(shift.means))
        self._means = shift.means if shift is not None and moved else (0.0,) * arms
        order = sorted(range(arms), key=lambda arm: (self._keys[arm], -self._means[arm]))
        if order != self._order:
            self._order = order
            ordered = [
                tuple([row[arm] for arm in order] for row in (weights, exposed, conversions))
                for weights, exposed, conversions in self._allocations
            ]
            self._likelihood = likelihood_of([(w, n, s) for w, n, s in ordered], arms)
        likelihood = self._likelihood
        in_order = (
            PriorShift(tuple(self._means[arm] for arm in order), shift.kept)
            if shift is not None and moved
            else None
        )
        self._prior = prior
        self._effects: Effects | None = None
        self._chances: dict[tuple[int, ...], tuple[float, ...]] = {}
        self._lifts: dict[int, dict[int, LiftPosterior]] = {}
        self.spread = prior
        self.effective_share = 1.0
        if arms > 1:
            self._effects = (
                TwoArms(likelihood, prior, in_order)
                if arms == 2
                else ManyArms(likelihood, prior, in_order, _basis(self._design, order))
            )
            weights = self._effects.spread_weights
            self.spread = SpreadPrior(prior.spreads, tuple((weights / weights.sum()).tolist()))
            self.effective_share = self._effects.effective_share

    @property
    def prior_width(self) -> float:
        """Width of the prior's own 95 % interval for the log of the ratio of two arms' rates; no shift narrows it.

        Of combinations: of two that share no variant.
        """
        return self._prior.width_95 * self._likelihood.per_effect

    def p_best(self, running: Sequence[int]) -> tuple[float, ...]:
        """For every arm, its chance of being the best of those that are in the running; 0 for the others."""
        if self._effects is None:
            return (1.0,)
        places = tuple(self._places(running))
        if places not in self._chances:
            self._chances[places] = self._to_arms(self._effects.p_best(list(places)), running)
        return self._chances[places]

    def loss(self, running: Sequence[int]) -> tuple[float, ...]:
        """For every arm, the share of the best one's conversions that is lost on average by choosing it."""
        if self._effects is None:
            return (0.0,)
        return self._to_arms(self._effects.loss(self._places(running)), running)

    def lift(self, a: int, b: int) -> LiftPosterior:
        """What is known of the log of the ratio of b's rate to a's."""
        if self._effects is None or a == b:
            raise ValueError("a lift is between two arms")
        if a not in self._lifts:
            # All lifts over an arm cost little more than one.
            others = [arm for arm in self._order if arm != a]
            places = [self._order.index(arm) for arm in others]
            lifts = self._effects.lifts(self._order.index(a), places)
            self._lifts[a] = dict(zip(others, lifts, strict=True))
        return self._lifts[a][b]

    def along(self, contrasts: Floats) -> list[LiftPosterior]:
        """For each row, what is known of a sum of the log rates of three arms or more, each times its number.

        The numbers of a row sum to 0: a difference of two arms has 1 and -1.
        """
        return self._many.along(contrasts[:, self._order])

    def points(self) -> tuple[Floats, Floats]:
        """Log rates of three arms or more, up to a shift of each row, and the rows' chances: what all is read from."""
        log_rates, chances = self._many.points()
        return log_rates[:, np.argsort(self._order)], chances

    @property
    def _many(self) -> ManyArms:
        many = self._effects if isinstance(self._effects, ManyArms) else None
        if many is None:
            raise ValueError("of two arms there is the lift, and nothing else")
        return many

    def _places(self, running: Sequence[int]) -> list[int]:
        return sorted(self._order.index(arm) for arm in running)

    def _to_arms(self, values: Floats, running: Sequence[int]) -> tuple[float, ...]:
        """Back to the arms' own order; arms of which the same was seen get the same, not only nearly."""
        mine = {arm: float(values[place]) for place, arm in enumerate(self._order)}
        means: dict[int, float] = {}
        for arms in self._alike(running):
            means.update(dict.fromkeys(arms, math.fsum(mine[arm] for arm in arms) / len(arms)))
        return tuple(means[arm] for arm in sorted(mine))

    def _alike(self, running: Sequence[int]) -> Collection[list[int]]:
        """The arms in groups that nothing tells apart."""
        if self._design is not None:
            return alike(self._design, [self._seen(arm, running) for arm in range(len(self._order))])
        groups: dict[Hashable, list[int]] = {}
        for arm in self._order:
            groups.setdefault(self._seen(arm, running), []).append(arm)
        return groups.values()

    def _seen(self, arm: int, running: Sequence[int]) -> Hashable:
        """All that tells one arm from another."""
        return self._columns[arm], self._means[arm], arm in running


def log_marginals(
    allocations: Sequence[AllocationCounts],
    arms: int,
    spreads: Sequence[float] = SPREADS,
    design: Design | None = None,
) -> tuple[float, ...]:
    """How well each spread foretells an experiment: log of its likelihood under it, up to a constant.

    What `SpreadPrior.after` learns from, one for each finished experiment. Exact for two arms; for more, as the
    closest normal curve has it, which is within .02.
    """
    if arms < 2:
        return (0.0,) * len(spreads)
    likelihood = likelihood_of(allocations, arms)
    if arms == 2:
        even = SpreadPrior(tuple(spreads), (1 / len(spreads),) * len(spreads))
        logs = TwoArms(likelihood, even).log_marginals
    else:
        logs = laplace(likelihood, spreads, basis=_basis(design, range(arms))).log_marginals
    return tuple((logs - logs.max()).tolist())


def _basis(design: Design | None, order: Sequence[int]) -> Basis | None:
    """Of a design's arms in this order; none where they are taken as exchangeable."""
    if design is None or not design.shares_strength:
        return None
    return basis_of(correlation(design)[np.ix_(order, order)])


def _column(allocations: Sequence[AllocationCounts], arm: int) -> tuple[tuple[int, ...], ...]:
    """All that was counted of an arm, beside what tells one allocation from another."""
    return tuple(
        (sum(conversions), sum(weights), sum(exposed), weights[arm], exposed[arm], conversions[arm])
        for weights, exposed, conversions in allocations
    )


def _standing(allocations: Sequence[AllocationCounts], arm: int) -> float:
    """Conversions over those that the weights would bring if all rates were equal, drawn towards 1."""
    expected = math.fsum(
        sum(conversions) * weights[arm] / max(1, sum(weights)) for weights, _, conversions in allocations
    )
    seen = sum(conversions[arm] for _, _, conversions in allocations)
    return float((seen + SHRINK) / (expected + SHRINK))
