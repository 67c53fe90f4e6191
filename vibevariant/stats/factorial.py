"""Combinations of elements: what each variant does by itself, what only works together, and where to send visitors.

What is said of elements is read from the calibrated posterior of all combinations (`hierarchical`), so that it is as
honest as what is said of arms. A variant's effect is its mean log rate over all combinations that have it, less that
of those that have the element's control. Two variants of different elements make a table of four such means, with the
two together, one of them without the other, and neither,

    both = together - neither,   first = one - neither,   second = other - neither,

and their interaction is what both bring more than the two do by themselves, both - first - second. It is the same
whether the elements have two variants or seven, and where one combination is all that is special it is what that
combination is better by: interactions as the analysis of variance has them, which sum to 0, would give a part of it
to every other combination.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts, LiftPosterior
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.laplace import laplace
from vibevariant.stats.lattice import POINTS, normal_points
from vibevariant.stats.likelihood import likelihood_of
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.quantiles import quantiles_of
from vibevariant.stats.shared_strength import alike, basis_of, covariance

# An interaction matters if it changes rates by more than this.
MATTERS = math.log(1.05)
# Two variants work only together if it is this likely that they gain by each other, it is this likely that they are
# better together than one of them or neither, and if it is more likely than not that most of what they bring is the
# interaction. After 10,000 visitors shared evenly among nine combinations, of which one has nearly twice the rate of
# all others, that is said of it in 60 of 100 experiments and of another one in 1; where variants only add up, in 2.
# In experiments drawn from the prior, 98 of 100 that it was said of were better together than by themselves.
SURE, LIKELY, MOST = 0.9, 0.8, 0.5

# A combination this many standard deviations behind another is best in less than one of a million cases.
NO_CHANCE_IN_SD = 5.0
# How little more than the combination itself another one moves with it.
LEAST_LEAD = 1e-12
# Stands in for 0 where something is divided by it.
TINY = 1e-300
# Points at once: what fits a processor's cache, with forty-nine combinations too, in single precision, which changes no
# chance by more than a millionth.
AT_ONCE = 1024

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ElementEffect:
    """What a variant of an element does, averaged over all variants of the other elements.

    Args:
        lift: what is known of the log of the ratio of its rate to that of the element's control.
    """

    element: int
    variant: int
    lift: LiftPosterior

    @property
    def p_better(self) -> float:
        """How likely it is better than the control."""
        return self.lift.p_better


@dataclass(frozen=True, slots=True)
class Interaction:
    """What variants of two elements do together that they do not do by themselves.

    Args:
        elements: the two.
        variants: of the first and of the second.
        lift: what is known of the interaction, on the log rate.
        p_matters: the chance that it is more than 5 %, either way.
        size: its median, as a relative change.
        together: the median of what both bring against neither, as a relative change.
        works_only_together: they gain by each other, and by themselves do little.
        in_each_others_way: each helps without the other, and both help less than either.
    """

    elements: tuple[int, int]
    variants: tuple[int, int]
    lift: LiftPosterior
    p_matters: float
    size: float
    together: float
    works_only_together: bool
    in_each_others_way: bool


def element_effects(posterior: Hierarchical, design: Design) -> tuple[ElementEffect, ...]:
    """For each element, each of its variants against its control."""
    named = [
        (element, variant)
        for element, count in enumerate(design.variants)
        for variant in range(count)
        if variant != design.controls[element]
    ]
    having = _having(design)
    contrasts = [
        _mean(having[element] == variant) - _mean(having[element] == design.controls[element])
        for element, variant in named
    ]
    lifts = posterior.along(np.array(contrasts))
    return tuple(ElementEffect(*name, lift) for name, lift in zip(named, lifts, strict=True))


def importance(posterior: Hierarchical, design: Design) -> tuple[float, ...]:
    """The share of the differences between combinations that each element by itself explains; the rest is together.

    The mean of that share of the variance of log rates. Where nothing is known yet, that is what is assumed of it.
    """
    log_rates, chances = posterior.points()
    apart = log_rates - log_rates.mean(axis=1, keepdims=True)
    whole = np.maximum(np.square(apart).mean(axis=1), TINY)
    shares = []
    for of, count in zip(_having(design), design.variants, strict=True):
        means = apart @ np.array([_mean(of == variant) for variant in range(count)]).T
        shares.append(float(chances @ (np.square(means).mean(axis=1) / whole)))
    return tuple(shares)


def interactions(posterior: Hierarchical, design: Design) -> tuple[Interaction, ...]:
    """For each two elements, of each variant of the one with each of the other."""
    having = _having(design)
    named = [
        ((first, second), (one, other))
        for first, second in combinations(range(len(design.variants)), 2)
        for one, other in product(range(design.variants[first]), range(design.variants[second]))
    ]
    tables = [
        _table(having[first] == one, having[second] == other) for (first, second), (one, other) in named
    ]
    lifts = posterior.along(np.array([both - one - other for both, one, other in tables]))
    sizes = np.expm1(quantiles_of(lifts, (0.5,)))[:, 0].tolist()
    log_rates, chances = posterior.points()
    found = []
    for name, table, lift, size in zip(named, tables, lifts, sizes, strict=True):
        both, one, other = (log_rates @ contrast for contrast in table)
        together = (
            lift.p_better > SURE
            and chances @ (both > np.maximum(np.maximum(one, other), 0)) > LIKELY
            and chances @ (both - one - other > both / 2) > MOST
        )
        less = np.minimum(one, other)
        apart = (
            1 - lift.p_better > SURE and chances @ (less > 0) > LIKELY and chances @ (both < less) > LIKELY
        )
        found.append(
            Interaction(
                *name,
                lift=lift,
                p_matters=1 - lift.probability_within(-MATTERS, MATTERS),
                size=size,
                together=math.expm1(_median(both, chances)),
                works_only_together=bool(together),
                in_each_others_way=bool(apart),
            )
        )
    return tuple(found)


def combination_chances(
    allocations: Sequence[AllocationCounts], design: Design, served: Sequence[int]
) -> tuple[float, ...]:
    """For each served combination, in their order, its chance of being the best of them.

    They steer the allocation, so they must be quick, and what is assumed is fixed (`shared_strength`): no word of the
    project's history, nor of how far these combinations seem to lie apart. The posterior is taken as the normal curve
    closest to it. Conversions are compared under the weights that were in force, so neither a base rate that changes
    nor weights that followed the data mislead.
    """
    chosen = list(served)
    likelihood = likelihood_of(allocations, design.arms)
    if len(chosen) < 2 or not likelihood.conversions.any():
        return (1 / max(1, len(chosen)),) * len(chosen)
    normals = laplace(likelihood, (1.0,), basis=basis_of(covariance(design)))
    chances = _chances_of_normal(normals.effects[0, chosen], normals.to_effects[0][:, chosen])
    whole = dict(zip(chosen, (chances / chances.sum()).tolist(), strict=True))
    seen = [
        (arm in whole, *((w[arm], n[arm], s[arm]) for w, n, s in allocations)) for arm in range(design.arms)
    ]
    for group in alike(design, seen):
        if group[0] in whole:
            whole.update(dict.fromkeys(group, sum(whole[arm] for arm in group) / len(group)))
    return tuple(whole[arm] for arm in chosen)


def _having(design: Design) -> Floats:
    """For each element, the variant of it that each combination has."""
    return np.array(design.combinations, dtype=np.float64).T


def _mean(which: Flags) -> Floats:
    """What makes the mean of these combinations out of all."""
    return np.asarray(which / which.sum())


def _table(first: Flags, second: Flags) -> tuple[Floats, Floats, Floats]:
    """What makes out of all combinations what both variants bring, and each without the other, against neither."""
    neither = _mean(~first & ~second)
    return (
        _mean(first & second) - neither,
        _mean(first & ~second) - neither,
        _mean(~first & second) - neither,
    )


def _median(values: Floats, chances: Floats) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(chances[order]), 0.5)])


def _chances_of_normal(tops: Floats, to_effects: Floats) -> Floats:
    """How likely each of these normal effects is the greatest, up to a factor.

    The own noise of each is integrated in closed form, as in `many_arms`: arm j moves with arm k by b[j] of its noise
    e, so that k is ahead of j where

        e > x[k] - top[k] + (x[j] - x[k]) / (1 - b[j]),

    x being the point as it was drawn; and below that where j moves more than k itself.
    """
    chances = np.zeros(len(tops))
    covariance = to_effects.T @ to_effects
    variances, leading = np.diagonal(covariance), int(np.argmax(tops))
    apart = variances[leading] - 2 * covariance[leading] + variances
    near = np.flatnonzero(tops[leading] - tops <= NO_CHANCE_IN_SD * np.sqrt(np.maximum(apart, 0.0)))
    lead = 1 - covariance[np.ix_(near, near)] / variances[near, None]
    slower = lead > LEAST_LEAD
    factors = 1 / np.where(slower, lead, np.minimum(lead, -LEAST_LEAD))[..., None]
    sds, single = np.sqrt(variances[near]), factors.astype(np.float32)
    for some in np.array_split(normal_points(len(to_effects))[1][:POINTS], math.ceil(POINTS / AT_ONCE)):
        part = np.ascontiguousarray((some @ to_effects[:, near]).T, dtype=np.float32)
        points = part + tops[near, None].astype(np.float32)
        ahead, bounds = np.empty(points.shape), np.empty_like(points)
        for k in range(len(near)):
            np.subtract(points, points[k], out=bounds)
            bounds *= single[k]
            bounds[k] = -math.inf
            if slower[k].sum() == len(near) - 1:
                ahead[k] = ndtr(-(part[k] + bounds.max(axis=0)) / sds[k])
            else:
                above = np.where(slower[k, :, None], bounds, -math.inf).max(axis=0)
                bounds[k] = math.inf
                below = np.where(slower[k, :, None], math.inf, bounds).min(axis=0)
                of_both = ndtr((part[k] + below) / sds[k]) - ndtr((part[k] + above) / sds[k])
                ahead[k] = np.maximum(of_both, 0.0)
        chances[near] += ahead.sum(axis=1)
    return chances
