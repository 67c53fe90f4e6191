"""Kinds of visitors."""

from __future__ import annotations

import math

import pytest

from tests.experiments.observed import read, running, tallies
from vibevariant.experiments.observations import SegmentTally

# Every second visitor is known; who is known buys five times as often, and the arms are the same.
LUCK = [
    SegmentTally("new/desktop", 0, 1, 600, 12), SegmentTally("returning/desktop", 0, 1, 400, 40),
    SegmentTally("new/desktop", 1, 1, 400, 8), SegmentTally("returning/desktop", 1, 1, 600, 60),
]  # fmt: skip


def test_an_arm_that_met_more_of_the_willing_is_not_taken_for_the_better_one() -> None:
    segments = read(running(), tallies([(1000, 52), (1000, 68)]), segments=LUCK).segments
    assert [(kind.segment, kind.exposed, kind.conversions) for kind in segments.segments] == [
        ("new/desktop", (600, 400), (12, 8)),
        ("returning/desktop", (400, 600), (40, 60)),
    ]
    rates = [arm.rate for arm in segments.adjusted.rates]
    assert rates == pytest.approx([0.06, 0.06])
    assert segments.ratios["arm-1"].log_ratio == pytest.approx(0)
    assert math.log(68 / 52) > 0.2


def test_one_kind_of_visitors_is_nothing_to_adjust_for() -> None:
    assert read(running(), tallies([(10, 1), (10, 1)])).segments is None
    assert read(running(), tallies([(10, 1), (10, 1)]), segments=LUCK[:1]).segments is None
    unknown = [SegmentTally("", arm, 1, 10, 1) for arm in (0, 1)]
    assert read(running(), tallies([(10, 1), (10, 1)]), segments=unknown).segments is None
