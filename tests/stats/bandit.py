"""A bandit whose traffic changes, as counts: what the estimators for such data are tried on."""

import numpy as np
from scipy.special import ndtr

FLOOR = 0.05


def drifting_bandits(rng, tests, rates_a, ratio, visitors=100):
    """Tests of two arms under Thompson weights with a floor, a batch of visitors for each rate of a.

    Returns for every test its batches (weights, exposed, conversions). The chance of being best is the normal
    approximation to two Betas: what the weights are made of does not matter, that they follow the counts does.
    """
    shown, converted = np.zeros((2, tests)), np.zeros((2, tests))
    batches = []
    for rate in rates_a:
        mean = (converted + 1) / (shown + 2)
        spread = np.sqrt((mean * (1 - mean) / (shown + 3)).sum(axis=0))
        in_b = FLOOR + (1 - 2 * FLOOR) * ndtr((mean[1] - mean[0]) / spread)
        weight = np.rint(10_000 * in_b).astype(int)
        n_b = rng.binomial(visitors, weight / 10_000)
        n = np.array([visitors - n_b, n_b])
        s = rng.binomial(n, np.array([[rate], [rate * ratio]]))
        shown, converted = shown + n, converted + s
        batches.append((np.array([10_000 - weight, weight]), n, s))
    return [
        [tuple(tuple(int(x) for x in part[:, test]) for part in batch) for batch in batches]
        for test in range(tests)
    ]
