"""What combinations that share a variant are thought to have in common, before anything was seen.

A combination's effect on the log rate is a main effect of each of its variants, something more of each pair of them,
and a rest of its own, all of them independent and normal:

    x[k] = sum over e of main[e, k[e]] + sum over e < f of pair[e, f, k[e], k[f]] + own[k],

so that two combinations that have n variants in common have a covariance of MAIN^2 n + PAIR^2 n (n - 1) / 2, and one
combination has OWN^2 more with itself. Main effects alone would lose a fifth of the winners where variants only work
together; combinations taken one by one, as many where they do not (Gelman, Analysis of Variance, Annals of Statistics
33, 2005, for the model).
"""

from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np

from vibevariant.stats.design import Design
from vibevariant.stats.laplace import Basis, contrasts
from vibevariant.stats.quadrature import Floats

# Main effects and what pairs add: a third of the rate. Learning them from 10,000 visitors was no better than fixing them.
MAIN, PAIR = 0.3, 0.3
# What three variants and more only do together, and what is a combination's own for any other reason, is a third of
# that: in factorial experiments it is rarely seen, and as nothing at all, a combination that is special by itself
# could never be found.
OWN = 0.1


@lru_cache(maxsize=16)
def covariance(design: Design) -> Floats:
    """Of the effects of all combinations, with the effects as they usually are."""
    combinations = np.array(design.combinations)
    shared = (combinations[:, None] == combinations).sum(axis=-1)
    matrix = MAIN**2 * shared + PAIR**2 * shared * (shared - 1) / 2 + OWN**2 * np.eye(design.arms)
    matrix.setflags(write=False)
    return np.asarray(matrix, dtype=np.float64)


def correlation(design: Design) -> Floats:
    """The same for effects of any spread: each combination has a variance of 1, two that share nothing know nothing."""
    matrix = covariance(design)
    return np.asarray(matrix / matrix[0, 0])


def basis_of(matrix: Floats) -> Basis:
    """Coordinates of the differences of effects that have this covariance, each of which is N(0, 1)."""
    across = contrasts(len(matrix))
    factor = np.linalg.cholesky(across.T @ matrix @ across)
    return Basis(across @ factor, np.linalg.solve(factor, across.T), exchangeable=False)


def alike(design: Design, seen: Sequence[Hashable]) -> list[list[int]]:
    """The combinations in groups that nothing tells apart: of each the same was seen, and of its neighbours too.

    What was seen names each group at first; then which groups its neighbours are in, by the elements that they share
    with it, names it anew, until no group falls apart any more.
    """
    names = _numbered(seen)
    if len(set(names)) < len(names):
        combinations = np.array(design.combinations)
        bits = 1 << np.arange(len(design.variants))
        shared = (combinations[:, None] == combinations) @ bits
        while True:
            told = np.sort(shared * len(names) + np.array(names), axis=1)
            finer = _numbered([(name, row.tobytes()) for name, row in zip(names, told, strict=True)])
            if len(set(finer)) == len(set(names)):
                break
            names = finer
    groups: dict[int, list[int]] = {}
    for arm, name in enumerate(names):
        groups.setdefault(name, []).append(arm)
    return list(groups.values())


def _numbered(names: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
