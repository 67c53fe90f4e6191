import math

import numpy as np
import pytest
from numpy.polynomial import legendre

from vibevariant.stats.quadrature import (
    NODES,
    TO_SERIES,
    Mesh,
    mesh_around,
    running_integrals,
    solve_within_panel,
    sum_within_panel,
)


def test_a_polynomial_of_degree_15_is_integrated_exactly():
    mesh = Mesh(np.array([-1.0, 0.5, 3.0]))
    assert np.sum(mesh.nodes**15 * mesh.weights) == pytest.approx((3.0**16 - 1) / 16, rel=1e-14)


def test_running_integrals_are_right_at_every_node():
    mesh = Mesh(np.linspace(0, 6, 8))
    left, right = running_integrals(np.exp(-mesh.nodes)[None], mesh.half_widths)
    assert left[0] == pytest.approx(1 - np.exp(-mesh.nodes), rel=1e-13)
    assert right[0] == pytest.approx(np.exp(-mesh.nodes) - math.exp(-6), rel=1e-12)


def test_a_panel_can_be_summed_and_solved_anywhere():
    series = TO_SERIES @ np.exp(NODES)
    assert legendre.legval(0.3, series) == pytest.approx(math.exp(0.3), rel=1e-13)
    assert sum_within_panel(series, 0.3) == pytest.approx(math.exp(0.3) - math.exp(-1), rel=1e-13)
    for position in (-1.0, -0.4, 0.3, 1.0):
        assert solve_within_panel(series, sum_within_panel(series, position)) == pytest.approx(
            position, abs=1e-10
        )


def test_a_mesh_ends_where_the_curve_is_negligible_and_has_an_edge_at_0():
    mesh = mesh_around(lambda d: -((d - 1) ** 2) * 50, 1.0, 0.1, 4.0, -math.inf)
    assert 0.0 in mesh.edges
    assert -0.8 < mesh.edges[0] < 0.1
    assert 1.9 < mesh.edges[-1] < 2.8
    above = mesh_around(lambda d: -((d - 1) ** 2) * 50, 1.0, 0.1, 4.0, 0.9)
    assert above.edges[0] == 0.9
