"""Conversions to try the calibrated layer on, and their likelihood written down as simply as can be."""

import numpy as np


def even(*conversions, exposed=10_000):
    arms = len(conversions)
    return [((10_000 // arms,) * arms, (exposed,) * arms, conversions)]


# Weights that followed the data under a base rate that rose, for three, five and nine arms.
BANDITS = {
    3: [
        ((3400, 3300, 3300), (1030, 990, 980), (18, 25, 21)),
        ((2000, 5500, 2500), (610, 1640, 750), (21, 80, 30)),
        ((1000, 8000, 1000), (310, 2380, 310), (15, 160, 14)),
    ],
    5: [
        ((2000,) * 5, (400,) * 5, (6, 9, 4, 12, 7)),
        ((1500, 2000, 1000, 4000, 1500), (300, 400, 200, 800, 300), (8, 10, 3, 26, 9)),
    ],
    9: [
        ((1112,) + (1111,) * 8, (220,) * 9, (3, 5, 2, 9, 4, 6, 5, 3, 7)),
        ((600, 800, 500, 3600, 700, 1000, 800, 600, 1400), (200,) * 9, (1, 2, 1, 14, 3, 4, 2, 2, 6)),
    ],
}


def log_likelihood(allocations, effects):
    """Conversion by conversion: the chance of its arm, given that it came under these weights."""
    out = np.zeros(effects.shape[:-1])
    for weights, _, conversions in allocations:
        tilted = np.array(weights) * np.exp(effects)
        shares = tilted / tilted.sum(axis=-1, keepdims=True)
        out += (np.array(conversions) * np.log(shares)).sum(axis=-1)
    return out
