"""What is known of one number, from normal curves and points that are weighed by how far the curves are off.

The number is a mixture of normals under the curves; along it the points' weights are taken as a polynomial p, so that
p times the mixture has the moments of the weighed points: sum_j c[j] E_q[u^(i + j)] = E[u^i].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.stats.evidence import LiftPosterior
from vibevariant.stats.laplace import meshes_over_tops
from vibevariant.stats.quadrature import TO_SERIES, Floats, Mesh

# A number's normals are followed this far, and the weights along it are a polynomial of this degree, kept above 0.
REACH_IN_SD = 7.0
DEGREE = 4
LEAST_DENSITY = 1e-3
# What the points say of the polynomial below this share of what they say most of is rounding.
NOT_SEEN = 1e-12
# Stands in for 0 where something is divided by it.
TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Line:
    """A number: means and standard deviations of its normals under each spread, its value on the points and theirs."""

    means: Floats
    sds: Floats
    seen: Floats
    normal: Floats


def lifts_along(
    lines: Sequence[Line], spread_weights: Floats, weighed: tuple[Floats, Floats], p_better: Floats
) -> list[LiftPosterior]:
    """The posterior of each of these numbers.

    Args:
        spread_weights: the chance of each spread that has a normal.
        weighed: of each point, what it counts, and what it would if the normal curves were exact.
        p_better: of each number, the chance that it is above 0.
    """
    weights, planned = weighed
    means, sds = np.array([line.means for line in lines]), np.array([line.sds for line in lines])
    meshes = meshes_over_tops(means, sds, REACH_IN_SD * sds)
    # Panels of no width at the end of some, so that all have as many.
    panels = max(mesh.edges.size for mesh in meshes)
    filled = [Mesh(np.pad(mesh.edges, (0, panels - mesh.edges.size), mode="edge")) for mesh in meshes]
    nodes, widths = (np.array([getattr(mesh, name) for mesh in filled]) for name in ("nodes", "weights"))
    away = (nodes[:, None] - means[..., None, None]) / sds[..., None, None]
    base = np.einsum("lk,lkpn->lpn", spread_weights / sds, np.exp(-away * away / 2)) * widths
    base /= base.sum(axis=(1, 2), keepdims=True)
    centre = (base * nodes).sum(axis=(1, 2))
    width = np.sqrt((base * (nodes - centre[:, None, None]) ** 2).sum(axis=(1, 2)))
    at_nodes = (nodes - centre[:, None, None]) / width[:, None, None]
    of_base = _moments(at_nodes.reshape(len(lines), -1), base.reshape(len(lines), -1), 2 * DEGREE)
    seen, normal = (
        (np.array([getattr(line, name) for line in lines]) - centre[:, None]) / width[:, None]
        for name in ("seen", "normal")
    )
    gained = _moments(seen, weights, DEGREE)
    gained -= _moments(normal, planned, DEGREE)
    degrees = np.arange(DEGREE + 1)
    hankel = of_base[:, degrees[:, None] + degrees]
    added = (np.linalg.pinv(hankel, rcond=NOT_SEEN, hermitian=True) @ gained[..., None])[..., None]
    tilt = np.zeros_like(at_nodes)
    for degree in reversed(range(DEGREE + 1)):
        tilt = tilt * at_nodes + added[:, degree]
    masses = base * np.maximum(1 + tilt, LEAST_DENSITY)
    # The chance of being better is that of the effects, which is known more closely.
    better = p_better[:, None, None]
    for side, chance in ((nodes > 0, better), (nodes <= 0, 1 - better)):
        total = (masses * side).sum(axis=(1, 2), keepdims=True)
        masses = np.where(side & (total > 0), masses * chance / np.maximum(total, TINY), masses)
    masses /= masses.sum(axis=(1, 2), keepdims=True)
    cut = [mass[: mesh.edges.size - 1] for mass, mesh in zip(masses, meshes, strict=True)]
    return [
        LiftPosterior(mesh, mass, mass / mesh.weights @ TO_SERIES.T)
        for mass, mesh in zip(cut, meshes, strict=True)
    ]


def _moments(at: Floats, weights: Floats, highest: int) -> Floats:
    """For each row, weighted sums of the powers of these numbers, from the 0th to the highest."""
    power = np.broadcast_to(weights, at.shape)
    means = np.empty((len(at), highest + 1))
    for degree in range(highest + 1):
        means[:, degree] = power.sum(axis=1)
        power = power * at
    return means
