import math
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from vibevariant.stats.engagement import (
    SIGNALS,
    SignalTable,
    VisitorSignals,
    engagement,
    rank_scores,
    signal_table,
)
from vibevariant.stats.signal_weights import USUAL_WEIGHTS

values = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=40)


def some(rng, rows, arms=2, allocations=1):
    return SignalTable(
        signals=rng.integers(0, 6, (rows, 4)).astype(float),
        arms=rng.integers(0, arms, rows),
        allocations=rng.integers(0, allocations, rows),
        converted=rng.random(rows) < 0.2,
        visitors=np.ones(rows, dtype=int),
    )


@given(values)
def test_scores_are_normal_quantiles_of_average_ranks_and_rows_may_stand_for_many(pairs):
    each, counts = (np.array(part) for part in zip(*pairs, strict=True))
    spread = np.repeat(each, counts).astype(float)
    if spread.size:
        oracle = norm.ppf(rankdata(spread) / (len(spread) + 1))
        grouped = np.repeat(rank_scores(each.astype(float), counts), counts)
        assert grouped == pytest.approx(oracle, abs=1e-12)
        assert rank_scores(spread, np.ones(len(spread), dtype=int)) == pytest.approx(oracle, abs=1e-12)


def test_the_index_has_mean_0_and_standard_deviation_1_and_the_scale_of_the_weights_is_irrelevant():
    table = some(np.random.default_rng(1), 300)
    seen = engagement(table, 2, USUAL_WEIGHTS)
    assert seen.index.mean() == pytest.approx(0, abs=1e-12)
    assert seen.index.std() == pytest.approx(1)
    assert engagement(table, 2, [7 * weight for weight in USUAL_WEIGHTS]).index == pytest.approx(seen.index)


def test_units_and_idle_tabs_make_no_difference():
    table = some(np.random.default_rng(2), 300)
    stretched = table.signals.copy()
    stretched[:, 3] = np.exp(stretched[:, 3])
    stretched[stretched[:, 3] == stretched[:, 3].max(), 3] = 1e9
    other = replace(table, signals=stretched)
    assert engagement(other, 2, USUAL_WEIGHTS).index == pytest.approx(
        engagement(table, 2, USUAL_WEIGHTS).index
    )


def test_what_is_missing_was_not_seen():
    missing = signal_table([VisitorSignals(0, scroll=30), VisitorSignals(1, click=2, time=8)])
    zeros = signal_table([VisitorSignals(0, 0, 0, 30, 0), VisitorSignals(1, 0, 2, 0, 8)])
    unseen = SignalTable(
        np.array([[np.nan, np.nan, 30, np.nan], [np.nan, 2, np.nan, 8]]),
        *(missing.arms, missing.allocations, missing.converted, missing.visitors),
    )
    for table in (missing, unseen):
        assert table.scores == pytest.approx(zeros.scores)
    assert SIGNALS == ("form", "click", "scroll", "time")


def test_with_one_allocation_arms_differ_by_their_means():
    table = some(np.random.default_rng(3), 200)
    seen = engagement(table, 2, USUAL_WEIGHTS)
    n = np.bincount(table.arms)
    found = seen.difference(0, 1)
    assert found.difference == pytest.approx(seen.means[1] - seen.means[0])
    assert found.standard_error == pytest.approx(math.sqrt(1 / n[0] + 1 / n[1]))
    assert seen.difference(1, 0).difference == pytest.approx(-found.difference)


def test_with_several_allocations_it_is_least_squares_with_a_level_for_each():
    table = some(np.random.default_rng(4), 400, arms=3, allocations=5)
    seen = engagement(table, 3, USUAL_WEIGHTS)
    design = np.column_stack(
        [table.allocations == level for level in range(5)] + [table.arms == arm for arm in (1, 2)]
    ).astype(float)
    fit = sm.OLS(seen.index, design).fit()
    unit = np.sqrt(np.diag(fit.normalized_cov_params))
    for arm in (1, 2):
        found = seen.difference(0, arm)
        assert found.difference == pytest.approx(fit.params[4 + arm])
        assert found.standard_error == pytest.approx(unit[4 + arm])


def test_what_goes_with_converting_is_that_of_a_regression():
    table = some(np.random.default_rng(5), 400, arms=2, allocations=3)
    seen = engagement(table, 2, USUAL_WEIGHTS)
    cells = table.allocations * 2 + table.arms
    design = np.column_stack([table.converted] + [cells == cell for cell in range(6)]).astype(float)
    slope = sm.OLS(seen.index, design).fit().params[0]
    assert seen.follows == pytest.approx(slope * table.converted.mean())
    within = [
        part - design[:, 1:] @ sm.OLS(part, design[:, 1:]).fit().params for part in (seen.index, design[:, 0])
    ]
    assert seen.noise == pytest.approx(np.corrcoef(*within)[0, 1])
    rest = seen.index - slope * table.converted
    of_allocation = np.array([rest[table.allocations == level].mean() for level in range(3)])[
        table.allocations
    ]
    assert seen.apart == pytest.approx(np.bincount(table.arms, rest - of_allocation))


def test_a_public_that_changes_while_weights_do_is_not_a_difference_between_arms():
    rows = [
        VisitorSignals(arm, scroll=scroll, allocation=allocation, visitors=count)
        for allocation, counts, depths in ((0, (80, 20), (10, 20)), (1, (20, 80), (70, 90)))
        for arm, count in enumerate(counts)
        for scroll in depths
    ]
    seen = engagement(signal_table(rows), 2, USUAL_WEIGHTS)
    assert seen.means[1] - seen.means[0] > 0.5
    assert seen.difference(0, 1).difference == pytest.approx(0, abs=1e-12)


@given(st.permutations(range(4)))
def test_renumbering_arms_and_reordering_rows_changes_nothing_else(order):
    table = some(np.random.default_rng(6), 150, arms=4, allocations=3)
    shuffle = np.random.default_rng(7).permutation(150)
    columns = (table.signals, np.array(order)[table.arms], table.allocations, table.converted, table.visitors)
    other = engagement(SignalTable(*(column[shuffle] for column in columns)), 4, USUAL_WEIGHTS)
    seen = engagement(table, 4, USUAL_WEIGHTS)
    for a in range(4):
        for b in range(4):
            if a != b:
                there, here = other.difference(order[a], order[b]), seen.difference(a, b)
                assert there.difference == pytest.approx(here.difference, abs=1e-9)
                assert there.standard_error == pytest.approx(here.standard_error)


def test_where_nothing_compares_arms_nothing_is_said():
    nobody = engagement(signal_table([]), 3, USUAL_WEIGHTS)
    assert not nobody.varies
    assert nobody.difference(0, 1) is None
    alike = engagement(
        signal_table([VisitorSignals(0, visitors=9), VisitorSignals(1, visitors=4)]), 2, USUAL_WEIGHTS
    )
    assert not alike.varies
    apart = signal_table([VisitorSignals(0, 1, visitors=9), VisitorSignals(1, visitors=9, allocation=1)])
    assert engagement(apart, 2, USUAL_WEIGHTS).difference(0, 1) is None
    empty_arm = signal_table([VisitorSignals(0, 1), VisitorSignals(0), VisitorSignals(1, visitors=3)])
    seen = engagement(empty_arm, 3, USUAL_WEIGHTS)
    assert seen.means[2] is None
    assert seen.difference(0, 2) is None
    assert seen.difference(0, 1) is not None
    assert seen.difference(1, 1) is None


def test_ten_million_visitors_are_as_good_as_ten():
    rows = [
        VisitorSignals(arm, scroll=s, visitors=10**6) for arm in (0, 1) for s in (0, 20, 40, 60 + arm, 80)
    ]
    found = engagement(signal_table(rows), 2, USUAL_WEIGHTS).difference(0, 1)
    assert found.difference > 0
    assert found.standard_error == pytest.approx(math.sqrt(2 / 5e6))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        signal_table([VisitorSignals(0, time=-1)])
    with pytest.raises(ValueError, match="finite"):
        signal_table([VisitorSignals(0, time=math.inf)])
    with pytest.raises(ValueError, match="2 arms"):
        engagement(signal_table([VisitorSignals(2)]), 2, USUAL_WEIGHTS)
    with pytest.raises(ValueError, match="every row"):
        SignalTable(
            np.zeros((2, 4)), *(np.zeros(1, dtype=int),) * 2, np.zeros(1, dtype=bool), np.ones(1, dtype=int)
        )
