"""Points that fill a space evenly, and are always the same: what random draws would do, with less error.

A rank-1 lattice: point i has the coordinates i z[j] / n + shift[j], of which only the fraction counts (Sloan and Joe,
Lattice Methods for Multiple Integration, 1994).
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from vibevariant.stats.quadrature import Floats

# The number of points is a prime, and z was found coordinate by coordinate for the least worst-case error, all groups of
# coordinates mattering alike (weight .01 each; Dick, Kuo and Sloan, Acta Numerica 22, 2013), and no number twice.
POINTS = 2039
# fmt: off
GENERATOR = (
    1, 790, 884, 828, 522, 189, 959, 220, 305, 249, 198, 86, 668, 119, 449, 537, 928, 805, 724, 380,
    844, 41, 57, 863, 818, 364, 359, 314, 903, 573, 788, 580, 609, 156, 282, 528, 349, 136, 675,
    194, 162, 46, 1009, 489, 839, 434, 912, 691, 201, 740,
)
# fmt: on
# Fractions of multiples of the golden ratio keep the points off 0, and no two coordinates the same.
GOLDEN = 0.6180339887498949


@lru_cache(maxsize=8)
def normal_points(coordinates: int) -> tuple[Floats, Floats]:
    """For each point a number between 0 and 1, and so many that are normal; the second half are the first, mirrored."""
    steps = np.array(GENERATOR[: coordinates + 1], dtype=np.int64)
    shift = np.arange(1, coordinates + 2) * GOLDEN
    uniform = (np.arange(POINTS)[:, None] * steps % POINTS / POINTS + shift) % 1.0
    normal = ndtri(np.clip(uniform[:, 1:], 1e-15, 1 - 1e-15))
    return np.tile(uniform[:, 0], 2), np.concatenate([normal, -normal])
