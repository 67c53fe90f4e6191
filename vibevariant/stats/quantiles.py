"""Quantiles of calibrated lifts, of many lifts and levels at once: what `LiftPosterior.quantile` says, sooner."""

from collections.abc import Sequence

import numpy as np
from numpy.polynomial import legendre

from vibevariant.stats.evidence import LiftPosterior
from vibevariant.stats.quadrature import CLOSE, MOST_STEPS, ORDER, Floats

# Stands in for 0 where something is divided by it.
TINY = 1e-300


def quantiles_of(lifts: Sequence[LiftPosterior], levels: Sequence[float] | Floats) -> Floats:
    """The log ratios that the true ones are below with these probabilities, shaped (lifts, levels)."""
    level = np.asarray(levels, dtype=np.float64)
    if not ((level > 0) & (level < 1)).all():
        raise ValueError(f"quantiles of lifts are asked for inside 0 and 1, not at {levels}")
    if not lifts or not level.size:
        return np.zeros((len(lifts), level.size))
    lefts, halves, targets, series = [], [], [], []
    for lift in lifts:
        before = np.append(0.0, np.cumsum(lift.masses.sum(axis=1)))
        panel = np.minimum(np.searchsorted(before, level, side="right") - 1, len(lift.masses) - 1)
        half = (lift.mesh.edges[panel + 1] - lift.mesh.edges[panel]) / 2
        lefts.append(lift.mesh.edges[panel])
        halves.append(half)
        targets.append((level - before[panel]) / half)
        series.append(lift.series[panel])
    at = _positions(np.concatenate(series), np.concatenate(targets))
    return np.array(lefts) + np.array(halves) * (1 + at.reshape(len(lifts), -1))


def _positions(series: Floats, targets: Floats) -> Floats:
    """In [-1, 1], up to where each positive Legendre series sums to its target: Newton's method within a bracket."""
    # The integral of P[n] from -1 is (P[n + 1] - P[n - 1]) / (2 n + 1), and that of P[0] is x + 1.
    sums = np.zeros((len(series), ORDER + 1))
    shares = series / (2 * np.arange(ORDER) + 1)
    sums[:, 1:] += shares
    sums[:, : ORDER - 1] -= shares[:, 1:]
    sums[:, 0] += series[:, 0]
    low, high = -np.ones(len(series)), np.ones(len(series))
    # Of the whole panel, whose sum is that of the coefficients, as much as its share.
    at = np.clip(2 * targets / np.maximum(sums.sum(axis=1), TINY) - 1, -1.0, 1.0)
    for _ in range(MOST_STEPS):
        powers = legendre.legvander(at, ORDER)
        off = np.einsum("nk,nk->n", powers, sums) - targets
        height = np.einsum("nk,nk->n", powers[:, :-1], series)
        low, high = np.where(off > 0, low, at), np.where(off > 0, at, high)
        new = at - off / np.where(height > 0, height, np.inf)
        new = np.where((height > 0) & (low <= new) & (new <= high), new, (low + high) / 2)
        moved, at = float(np.abs(new - at).max()), new
        if moved < CLOSE:
            break
    return np.asarray(at)
