"""Combinations to try the factorial model on: their effects as plain sums, and counts whose truth is known."""

import numpy as np

# What a visitor of each combination does in the demo: one of the second variant, one of the second, and only together.
DEMO = np.array([[0.030, 0.032, 0.031], [0.026, 0.055, 0.027], [0.031, 0.033, 0.030]])
ADDITIVE = 0.03 * np.outer([1, 1.15, 0.9], [1, 1.3, 1.1])


def effects_of(design, rng, draws):
    """Sums of a main effect of each variant, of .3, one of each pair of variants, of .3, and a rest of its own, .1."""
    has = np.array(design.combinations).T
    effects = 0.1 * rng.standard_normal((draws, design.arms))
    for first, count in enumerate(design.variants):
        effects += 0.3 * rng.standard_normal((draws, count))[:, has[first]]
        for second in range(first + 1, len(design.variants)):
            pairs = 0.3 * rng.standard_normal((draws, count, design.variants[second]))
            effects += pairs[:, has[first], has[second]]
    return effects


def sd_of(design):
    """Of one combination's effect, by the same sums."""
    elements = len(design.variants)
    return (0.09 * elements + 0.09 * elements * (elements - 1) / 2 + 0.01) ** 0.5


def evenly(rates, visitors, seed):
    """So many visitors, each shown any combination, and who of them converted."""
    rng = np.random.default_rng(seed)
    rates = np.ravel(rates)
    shown = rng.multinomial(visitors, [1 / rates.size] * rates.size)
    return [((1,) * rates.size, tuple(shown.tolist()), tuple(rng.binomial(shown, rates).tolist()))]


def renamed(design, orders):
    """The arms of a design in which each element's variants come in another order."""
    return [
        design.arm([order[variant] for order, variant in zip(orders, combination, strict=True)])
        for combination in design.combinations
    ]
