import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from bench.early_signals import follows_interest, visitors
from vibevariant.stats.engagement import SIGNALS, SignalTable, VisitorSignals, signal_table
from vibevariant.stats.signal_weights import (
    BEFORE_CONVERSIONS,
    LEVEL_SD,
    SLOPE_SD,
    USUAL_LEVEL,
    USUAL_WEIGHTS,
    SignalWeights,
)


def part(table, rows):
    columns = (table.signals, table.arms, table.allocations, table.converted, table.visitors)
    return SignalTable(*(column[rows] for column in columns))


def test_before_conversions_the_weights_are_the_usual_ones():
    assert sum(USUAL_WEIGHTS) == pytest.approx(1)
    assert list(BEFORE_CONVERSIONS.shares.values()) == pytest.approx(USUAL_WEIGHTS)
    assert math.hypot(*BEFORE_CONVERSIONS.mean) == pytest.approx(0.6)
    assert np.linalg.inv(BEFORE_CONVERSIONS.precision) == pytest.approx(SLOPE_SD**2 * np.eye(4))


def test_the_posterior_is_that_of_an_independent_optimiser():
    table, _ = visitors(np.random.default_rng(1), 400, 0.06)
    design = np.column_stack([np.ones(400), table.scores])
    centre = np.array([USUAL_LEVEL, *BEFORE_CONVERSIONS.mean])
    sds = np.array([LEVEL_SD, *(SLOPE_SD,) * 4])

    def height(at):
        odds = design @ at
        return np.sum(np.logaddexp(0, odds) - table.converted * odds) + np.sum(((at - centre) / sds) ** 2) / 2

    best = minimize(
        height, centre, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10**5}
    )
    learned = BEFORE_CONVERSIONS.after(table)
    assert learned.mean == pytest.approx(best.x[1:], abs=1e-5)
    chances = 1 / (1 + np.exp(-design @ best.x))
    curvature = design.T @ (design * (chances * (1 - chances))[:, None]) + np.diag(sds**-2.0)
    covariance = np.linalg.inv(curvature)[1:, 1:]
    assert np.linalg.inv(learned.precision) == pytest.approx(covariance, rel=1e-4)
    assert learned.conversions == table.converted.sum()


@pytest.mark.parametrize("converted", [np.zeros(30, dtype=bool), np.ones(30, dtype=bool)])
def test_when_nobody_or_everybody_converts_nothing_is_learned(converted):
    table, _ = visitors(np.random.default_rng(2), 30, 0.1)
    columns = (table.signals, table.arms, table.allocations)
    assert BEFORE_CONVERSIONS.after(SignalTable(*columns, converted, table.visitors)) == BEFORE_CONVERSIONS
    assert BEFORE_CONVERSIONS.after(signal_table([])) == BEFORE_CONVERSIONS


@pytest.mark.parametrize("many", [1, 1000, 10**7])
def test_signals_that_tell_conversions_perfectly_give_finite_weights(many):
    rows = [
        VisitorSignals(0, form=0, click=5, scroll=1, visitors=many),
        VisitorSignals(1, form=2, click=0, scroll=1, converted=True, visitors=many),
    ]
    learned = BEFORE_CONVERSIONS.after(signal_table(rows))
    assert np.isfinite([*learned.mean, *np.ravel(learned.precision)]).all()
    assert learned.mean[0] > BEFORE_CONVERSIONS.mean[0]
    assert learned.mean[1] < BEFORE_CONVERSIONS.mean[1]


counts = st.integers(0, 10**7)
rows = st.lists(
    st.builds(
        VisitorSignals,
        st.integers(0, 3),
        *(st.none() | st.integers(0, 10**6),) * 4,
        st.integers(0, 3),
        st.booleans(),
        counts,
    ),
    max_size=12,
)


@given(rows)
def test_any_visitors_give_finite_weights_that_are_at_least_as_sure_as_before(each):
    learned = BEFORE_CONVERSIONS.after(signal_table(each))
    assert np.isfinite(learned.mean).all()
    gained = np.array(learned.precision) - np.array(BEFORE_CONVERSIONS.precision)
    assert np.linalg.eigvalsh(gained).min() > -1e-6 * max(1, np.abs(gained).max())


def test_arms_and_allocations_are_pooled_and_rows_may_stand_for_many():
    rng = np.random.default_rng(3)
    each = [
        VisitorSignals(
            int(rng.integers(3)),
            *rng.integers(0, 3, 4).tolist(),
            int(rng.integers(2)),
            bool(rng.random() < 0.3),
            3,
        )
        for _ in range(60)
    ]
    learned = BEFORE_CONVERSIONS.after(signal_table(each))
    table = signal_table(each)
    again = SignalTable(
        np.repeat(table.signals, 3, axis=0),
        *(np.zeros(180, dtype=int),) * 2,
        np.repeat(table.converted, 3),
        np.ones(180, dtype=int),
    )
    assert BEFORE_CONVERSIONS.after(again).mean == pytest.approx(learned.mean)


def test_past_experiments_teach_without_their_visitors():
    table, _ = visitors(np.random.default_rng(4), 6000, 0.05)
    at_once = BEFORE_CONVERSIONS.after(table)
    halves = BEFORE_CONVERSIONS.after(part(table, slice(3000))).after(part(table, slice(3000, None)))
    assert halves.mean == pytest.approx(at_once.mean, abs=0.02)
    assert np.array(halves.precision) == pytest.approx(np.array(at_once.precision), rel=0.1, abs=2)
    assert halves.conversions == at_once.conversions


def test_the_weights_go_from_the_usual_ones_to_the_sites_own():
    usual = follows_interest(BEFORE_CONVERSIONS)
    towards_0 = SignalWeights((0.0,) * 4, BEFORE_CONVERSIONS.precision)
    found = {}
    for conversions in (2, 20, 100):
        each = [visitors(np.random.default_rng(seed), 20 * conversions, 0.05)[0] for seed in range(40)]
        found[conversions] = [
            np.mean([follows_interest(before.after(table)) for table in each])
            for before in (towards_0, BEFORE_CONVERSIONS)
        ]
    assert usual == pytest.approx(0.71, abs=0.02)
    assert found[2][1] > usual - 0.02
    assert found[20][1] > usual - 0.03
    assert found[100][1] > usual + 0.02
    assert found[2][0] < 0.5
    assert set(BEFORE_CONVERSIONS.shares) == set(SIGNALS)
