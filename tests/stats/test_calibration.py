"""A small part of bench/calibration.py: is a call of 95 % right as often as it says?"""

import numpy as np
import pytest

from bench.calibration import farthest_off_the_package, more_arms, two_arms
from bench.drifting import drifting


@pytest.mark.parametrize("spread", [0.1, 0.2])
def test_calls_of_95_percent_under_constant_looking_are_right_where_the_usual_headline_is_not(spread):
    calls = two_arms(spread, 600)
    for past in ("3", "10"):
        made, right = calls[past].made, calls[past].right
        assert made > 50
        # 93 in 100, with three standard errors of room.
        assert right / made > 0.93 - 3 * np.sqrt(0.93 * 0.07 / made)
    assert calls["flat"].right / calls["flat"].made < 0.9


def test_the_sums_that_the_table_rests_on_are_those_of_the_package():
    assert farthest_off_the_package(40) < 1e-3


def test_three_arms_are_called_with_the_same_care():
    calls = more_arms(3, 0.4, 3, 60)
    assert calls.made > 20
    assert calls.right / calls.made > 0.8


def test_a_bandit_and_a_tripling_base_rate_do_not_make_a_winner_of_three_equal_arms():
    runs = drifting(0.0, 12)
    assert runs.ours <= 2
    assert runs.naive >= 4
    assert runs.covered > 0.8
