import math

import numpy as np
import pytest
import scipy.optimize

from vibevariant.stats.laplace import contrasts, laplace, log_prior, mesh_over_tops, meshes_over_tops
from vibevariant.stats.likelihood import Conditional
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import SPREADS

COUNTS = [((5000, 3000, 2000), (100, 60, 40), (5, 2, 14)), ((2000, 2000, 6000), (50, 50, 150), (1, 0, 9))]


@pytest.mark.parametrize("arms", [2, 3, 50])
def test_contrasts_are_orthonormal_and_know_no_common_shift(arms):
    basis = contrasts(arms)
    assert basis.T @ basis == pytest.approx(np.eye(arms - 1), abs=1e-12)
    assert basis.sum(axis=0) == pytest.approx(np.zeros(arms - 1), abs=1e-12)


def test_the_top_is_the_top_and_the_curvature_its_own():
    likelihood, basis = Conditional(COUNTS, 3), contrasts(3)
    normals = laplace(likelihood, SPREADS)
    for spread, effects, factor in zip(SPREADS, normals.effects, normals.factors, strict=True):

        def height(y, spread=spread):
            return -float(likelihood.at((basis @ y)[None])[0][0] - y @ y / (2 * spread**2))

        best = scipy.optimize.minimize(height, np.zeros(2), method="BFGS", options={"gtol": 1e-8})
        assert effects == pytest.approx(basis @ best.x, abs=1e-5)
        step = 1e-4
        for i in range(2):
            one = step * np.eye(2)[i]
            bend = (height(best.x + one) - 2 * height(best.x) + height(best.x - one)) / step**2
            assert (factor @ factor.T)[i, i] == pytest.approx(bend, rel=1e-3)


def test_a_shifted_prior_without_conversions_is_the_normal_itself():
    shift = PriorShift((0.4, -0.1, -0.3), 0.7)
    normals = laplace(Conditional([], 3), SPREADS, shift)
    for spread, effects, noise in zip(SPREADS, normals.effects, normals.to_effects, strict=True):
        means, sd = shift.at(spread)
        assert effects == pytest.approx(means, abs=1e-12)
        assert noise.T @ noise == pytest.approx(sd**2 * (np.eye(3) - 1 / 3), abs=1e-12)
    assert normals.log_marginals == pytest.approx(np.zeros(len(SPREADS)), abs=1e-12)


def test_every_row_has_the_panels_that_it_has_alone():
    rows = np.array([[-1.0, 2.0], [0.3, 0.31]])
    sds, reach = np.array([[0.01, 0.3], [0.05, 0.02]]), np.array([[0.1, 3.0], [0.4, 0.2]])
    together = meshes_over_tops(rows, sds, reach)
    for mesh, *row in zip(together, rows, sds, reach, strict=True):
        assert mesh.edges == pytest.approx(mesh_over_tops(*row).edges, abs=1e-15)


def test_without_conversions_the_normal_is_the_prior_and_foretells_everything():
    normals = laplace(Conditional([], 4), SPREADS)
    assert np.abs(normals.effects).max() == 0
    assert normals.log_marginals == pytest.approx(np.zeros(len(SPREADS)), abs=1e-12)
    for spread, noise in zip(SPREADS, normals.to_effects, strict=True):
        assert noise.T @ noise == pytest.approx(spread**2 * (np.eye(4) - 0.25), abs=1e-12)


@pytest.mark.parametrize("conversions", [(10**7, 0, 0), (10**7, 10**7, 1), (0, 0, 1)])
def test_the_most_lopsided_counts_have_a_top(conversions):
    normals = laplace(Conditional([((1, 1, 1), (10**7,) * 3, conversions)], 3), SPREADS)
    assert np.isfinite(normals.effects).all()
    assert np.isfinite(normals.log_marginals).all()
    assert int(np.argmax(normals.effects[-1])) == conversions.index(max(conversions))


def test_the_prior_of_the_differences_is_a_density():
    side = np.linspace(-3, 3, 301)
    y = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    logs = log_prior(y @ contrasts(3).T, np.array([0.2, 0.5]))
    assert np.exp(logs).sum(axis=0) * (side[1] - side[0]) ** 2 == pytest.approx([1, 1], abs=1e-6)


def test_panels_are_narrow_at_every_top_and_have_an_edge_at_0():
    mesh = mesh_over_tops(np.array([-1.0, 2.0]), np.array([0.01, 0.3]), np.array([0.1, 3.0]))
    assert 0.0 in mesh.edges
    assert mesh.edges[0] <= -1.1
    assert mesh.edges[-1] >= 5.0
    density = np.exp(-(((mesh.nodes + 1) / 0.01) ** 2) / 2) / (0.01 * math.sqrt(2 * math.pi))
    density += np.exp(-(((mesh.nodes - 2) / 0.3) ** 2) / 2) / (0.3 * math.sqrt(2 * math.pi))
    assert float((density * mesh.weights).sum()) == pytest.approx(2, abs=1e-10)
