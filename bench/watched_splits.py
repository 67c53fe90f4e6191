"""Sample ratios of many simulated experiments, watched look by look.

Part of `python -m bench.under_bandit`. The log e-values of `health.sample_ratio` are kept up to date for all experiments
at once, within .05 of the exact ones (tests/experiments/test_under_bandit.py), and wherever one of them comes so near
to a threshold that this could matter, it is `sample_ratio` that is asked.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, gammaln

from vibevariant.experiments.screening import MARGIN, Counts, Floats, RunningEvidence
from vibevariant.experiments.simulation import Simulated
from vibevariant.stats.health import SPLIT_ALARM, SPLIT_SPREAD, SPLIT_WARNING, sample_ratio

Flags = NDArray[np.bool_]


# Where the classical test, which may be looked at once, has its threshold.
CLASSICAL_AT = 0.001


@dataclass(frozen=True, slots=True)
class Watched:
    """For every experiment, whether at some look e was above 100, above 1000, and whether its results were hidden.

    Args:
        classical: whether the classical test finds the split broken at the end.
    """

    warned: Flags
    alarmed: Flags
    hidden: Flags
    classical: Flags


def watched(simulated: Simulated) -> Watched:
    """Look at the sample ratio of every experiment at every look.

    Results are hidden as `decision` hides them: from an e above 1000 on, or above 100 at two looks in a row.
    """
    log_e = log_e_by_look(simulated)
    for threshold in (SPLIT_ALARM, SPLIT_WARNING):
        for one, look in zip(*np.nonzero(np.abs(log_e - threshold) < MARGIN), strict=True):
            so_far = simulated.allocations(int(one), int(look))
            log_e[one, look] = sample_ratio([(weights, exposed) for weights, exposed, _ in so_far]).log_e
    warned, alarmed = np.asarray(log_e > SPLIT_WARNING), np.asarray(log_e > SPLIT_ALARM)
    twice = np.asarray((warned[:, 1:] & warned[:, :-1]).any(axis=1))
    critical = float(chdtri(simulated.scenario.arms - 1, CLASSICAL_AT))
    ever = np.asarray(alarmed.any(axis=1))
    return Watched(np.asarray(warned.any(axis=1)), ever, ever | twice, chi_squared(simulated) > critical)


def chi_squared(simulated: Simulated) -> Floats:
    """Of every experiment at the end, the classical test's sum; see `health`."""
    share = simulated.weights / simulated.weights.sum(axis=2, keepdims=True)
    present = simulated.exposed.sum(axis=2)
    off = (simulated.exposed - present[..., None] * share).sum(axis=1)[:, :-1]
    planned = (present[..., None] * share).sum(axis=1)
    covariance = -np.einsum("el,ela,elb->eab", present, share, share)
    arms = np.arange(share.shape[2])
    covariance[:, arms, arms] += planned
    solved = np.linalg.solve(covariance[:, :-1, :-1], off[..., None])[..., 0]
    return np.asarray((off * solved).sum(axis=1))


def log_e_by_look(simulated: Simulated) -> Floats:
    """Log e-values against "as planned", nearly, shaped (experiments, looks)."""
    experiments, looks, arms = simulated.exposed.shape
    # With two arms the second one's shift is the first one's with its sign changed.
    shifted = range(arms) if arms > 2 else range(1)
    shared = [
        RunningEvidence(experiments, 2, simulated.scenario.visitors, spread=SPLIT_SPREAD) for _ in shifted
    ]
    # Of the allocations before the one in force, and the visitors of that one.
    before, here = np.zeros(experiments), np.zeros((experiments, arms), np.int64)
    log_e, of_here = np.zeros((experiments, looks)), np.zeros(experiments)
    for look in range(looks):
        weights, exposed = simulated.weights[:, look], simulated.exposed[:, look]
        if look:
            new = (weights != simulated.weights[:, look - 1]).any(axis=1)
            before[new] += of_here[new]
            here[new] = 0
        here += exposed
        of_here = _log_any_shift(weights, here)
        for arm, running in zip(shifted, shared, strict=True):
            running.add(_rest_and(weights, arm), _rest_and(exposed, arm))
        each = np.stack([running.log_e()[0][:, 0] for running in shared])
        of_shared = np.logaddexp.reduce(each, axis=0) - math.log(len(shared))
        log_e[:, look] = np.logaddexp(before + of_here, of_shared) - math.log(2)
    return log_e


def _rest_and(counts: Counts, arm: int) -> Counts:
    """All other arms together, and this one."""
    return np.stack([counts.sum(axis=1) - counts[:, arm], counts[:, arm]], axis=1)


def _log_any_shift(weights: Counts, exposed: Counts) -> Floats:
    """The Bayes factor of shares of any shape, of one allocation of every experiment; see `health`."""
    share = weights / weights.sum(axis=1, keepdims=True)
    c = 2 * (share.shape[1] - 1) / (SPLIT_SPREAD**2 * (1 - (share * share).sum(axis=1)))
    planned = c[:, None] * share
    arms = gammaln(planned + exposed) - gammaln(planned) - exposed * np.log(share)
    return np.asarray(gammaln(c) - gammaln(c + exposed.sum(axis=1)) + arms.sum(axis=1))
