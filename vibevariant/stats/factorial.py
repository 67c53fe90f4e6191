"""Combinations of elements: what each element does by itself, and what only works together."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.laplace import laplace
from vibevariant.stats.lattice import POINTS, normal_points
from vibevariant.stats.likelihood import likelihood_of
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.shared_strength import alike, basis_of, covariance

# A combination this many standard deviations behind another is best in less than one of a million cases.
NO_CHANCE_IN_SD = 5.0
# How little more than the combination itself another one moves with it.
LEAST_LEAD = 1e-12
# Points at once: what fits a processor's cache, with forty-nine combinations too.
AT_ONCE = 512


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
    sds = np.sqrt(variances[near])
    for some in np.array_split(normal_points(len(to_effects))[1][:POINTS], math.ceil(POINTS / AT_ONCE)):
        part = np.ascontiguousarray((some @ to_effects[:, near]).T)
        points = part + tops[near, None]
        ahead, bounds = np.empty(points.shape), np.empty(points.shape)
        for k in range(len(near)):
            np.subtract(points, points[k], out=bounds)
            bounds *= factors[k]
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
