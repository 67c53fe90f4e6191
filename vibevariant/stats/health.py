"""Whether visitors reach the arms as planned. Where they do not, something loses visitors and no number is safe."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, gammaln

from vibevariant.stats.evidence import Stratum, evidence

# Log e-value from which results are hidden, and from which a warning is shown. A planned split reaches them in
# fewer than 1 of 1,000 and 1 of 100 experiments, however often anybody looks.
SPLIT_ALARM = math.log(1000)
SPLIT_WARNING = math.log(100)

# How far splits are off, on the scale of log-odds, where they are off at all: about a tenth of an arm's visitors.
SPLIT_SPREAD = 0.1

# Stands for an infinite e-value: the largest logarithm whose exponential is still a number.
MOST_EVIDENCE = 700.0

# Exposed visitors of each arm with the weights that were in force for them.
Exposures = tuple[Sequence[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Visitors that each arm was to get and got, and how strongly the two disagree.

    chi2 and p_value are the classical test, for one look at the end; log_e may be looked at at any time.
    """

    expected: tuple[float, ...]
    observed: tuple[int, ...]
    log_e: float
    chi2: float | None
    p_value: float | None


def sample_ratio(exposed_by_allocation: Sequence[Exposures]) -> SampleRatio:
    """Compare the exposed visitors of every arm with the weights they were assigned under.

    Two e-values against "as planned" are averaged, which gives an e-value again: a shift that is the same in all
    allocations (a bandit's many small ones add up), and, where there is one allocation, a shift of any shape.
    """
    used = [(tuple(weights), tuple(exposed)) for weights, exposed in exposed_by_allocation if sum(exposed)]
    arms = len(exposed_by_allocation[0][0]) if exposed_by_allocation else 0
    for weights, exposed in exposed_by_allocation:
        if not len(weights) == len(exposed) == arms or min((*weights, *exposed)) < 0 or not sum(weights):
            raise ValueError("every allocation needs a weight and a count of at least 0 for every arm")
    expected = tuple(
        math.fsum(sum(exposed) * weights[arm] / sum(weights) for weights, exposed in used)
        for arm in range(arms)
    )
    observed = tuple(sum(exposed[arm] for _, exposed in used) for arm in range(arms))
    if any(
        count and not weight
        for weights, exposed in used
        for weight, count in zip(weights, exposed, strict=True)
    ):
        return SampleRatio(expected, observed, MOST_EVIDENCE, None, None)
    shapes = math.fsum(_log_any_shift(weights, exposed) for weights, exposed in used)
    log_e = float(np.logaddexp(shapes, _log_shared_shift(used))) - math.log(2) if used else 0.0
    chi2, p_value = _chi_squared(used, expected, observed)
    return SampleRatio(expected, observed, min(log_e, MOST_EVIDENCE), chi2, p_value)


def _log_any_shift(weights: Sequence[int], exposed: Sequence[int]) -> float:
    """Log Bayes factor of Dirichlet(c w) shares against the shares w (Lindon and Malek, arXiv:2011.03567).

        G(c)/G(c + N) * prod G(c w[k] + n[k]) / G(c w[k]) / w[k]^n[k]

    c sets how far shares may be off. Under Dirichlet(c w) the log of a share varies by (1 - w[k]) / (c w[k]), so the
    variances of the arms, weighted by w, add up to (arms - 1) / c. Were the log of each share instead moved by an
    independent amount of variance s^2 / 2, so that log-odds between two arms vary by s^2, that sum would be
    s^2 / 2 * (1 - sum w^2). Equal when c = 2 (arms - 1) / (s^2 (1 - sum w^2)): for two even arms 4 / s^2 = 400, and
    an arm of tiny weight does not make the others rigid.
    """
    total = sum(weights)
    share = np.array([weight / total for weight in weights if weight])
    count = np.array([float(n) for weight, n in zip(weights, exposed, strict=True) if weight])
    if share.size < 2:
        return 0.0
    c = 2 * (share.size - 1) / (SPLIT_SPREAD**2 * (1 - float(share @ share)))
    arms = gammaln(c * share + count) - gammaln(c * share) - count * np.log(share)
    return float(gammaln(c) - gammaln(c + count.sum()) + arms.sum())


def _log_shared_shift(used: Sequence[Exposures]) -> float:
    """Log e-value of one arm getting e^d times its planned odds throughout, averaged over the arms.

    It is the evidence of conversions, fed with visitors: exact under weights that follow the data.
    """
    arms = len(used[0][0])
    # With two arms the second one's shift is the first one's with its sign changed.
    shifted = range(arms) if arms > 2 else range(1)
    logs = []
    for arm in shifted:
        strata = [
            Stratum(sum(weights) - weights[arm], weights[arm], sum(exposed) - exposed[arm], exposed[arm])
            for weights, exposed in used
        ]
        logs.append(evidence(strata, SPLIT_SPREAD))
    return float(np.logaddexp.reduce(logs)) - math.log(len(logs))


def _chi_squared(
    used: Sequence[Exposures], expected: Sequence[float], observed: Sequence[int]
) -> tuple[float | None, float | None]:
    """Pearson's test with the multinomial covariances summed over allocations; for one allocation, the usual one."""
    planned = [arm for arm, mean in enumerate(expected) if mean > 0]
    if len(planned) < 2:
        return None, None
    covariance = np.zeros((len(planned), len(planned)))
    for weights, exposed in used:
        share = np.array([weights[arm] for arm in planned]) / sum(weights)
        covariance += sum(exposed) * (np.diag(share) - np.outer(share, share))
    off = np.array([observed[arm] - expected[arm] for arm in planned])
    solution, _, rank, _ = np.linalg.lstsq(covariance, off, rcond=1e-12)
    if not rank:
        return None, None
    chi2 = max(0.0, float(off @ solution))
    return chi2, float(chdtrc(int(rank), chi2))
