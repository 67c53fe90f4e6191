"""Money: what visitors bring."""

from __future__ import annotations

import pytest

from tests.experiments.observed import read, running, tallies
from vibevariant.experiments.observations import BuyerSum
from vibevariant.experiments.value_results import MOST_BUYERS

MICRO = 1_000_000


def buyers(arm: int, *sums: tuple[float, int]) -> list[BuyerSum]:
    return [BuyerSum(arm, 1, round(value * MICRO), visitors) for value, visitors in sums]


def test_an_arm_that_brings_twice_as_much_is_seen_to() -> None:
    sums = buyers(0, (10, 50)) + buyers(1, (18, 20), (20, 30))
    values = read(running(), tallies([(1000, 50), (1000, 50)]), buyers=sums).values
    assert values.arms["arm-0"].mean == pytest.approx(0.5)
    assert values.arms["arm-1"].mean == pytest.approx(0.96)
    assert values.cap == 20
    assert values.arms["arm-1"].buy_rate == pytest.approx(0.05)
    (lift,) = values.comparisons
    assert lift.arm == "arm-1"
    assert lift.difference == pytest.approx(0.46)
    assert lift.interval_95[0] < lift.difference < lift.interval_95[1]
    assert lift.interval_always[0] < lift.interval_95[0]
    assert 0 < lift.lift["0.5"] < 1
    assert lift.p_better > 0.9


def test_a_dozen_buyers_say_nothing_of_money() -> None:
    sums = buyers(0, (10, 6)) + buyers(1, (30, 6))
    (lift,) = read(running(), tallies([(1000, 6), (1000, 6)]), buyers=sums).values.comparisons
    assert (lift.difference, lift.lift, lift.reason) == (None, None, "too few buyers")


def test_without_values_there_is_nothing_to_show() -> None:
    assert read(running(), tallies([(1000, 50), (1000, 50)])).values is None
    assert (
        read(running(), tallies([(10**6, 10**5)] * 2), buyers=buyers(0, (1, MOST_BUYERS + 1))).values is None
    )
