"""Recorded counts come back as visitors, none lost and none made up."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.errors import InvalidInput
from vibevariant.experiments.recorded import RecordedArm, RecordedExperiment, read_recorded, visitors_of

CSV = "test_id,arm,impressions,clicks\na,0,10,2\na,1,12,3\nb,0,5,1\nc,0,7,0\nc,1,8,8\n"


def test_the_rows_of_an_experiment_become_its_arms_in_order() -> None:
    first, last = read_recorded(CSV.splitlines())  # b has one arm, which is no experiment
    assert (first.key, first.arms) == ("a", (RecordedArm("arm-0", 10, 2), RecordedArm("arm-1", 12, 3)))
    assert (first.exposed, first.best.arm, last.key) == (22, "arm-1", "c")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column test_id"),
        ("test_id,arm,views\n", "no column impressions, clicks"),
        ("test_id,arm,impressions,clicks\na,0,10,11\n", "Line 2"),
        ("test_id,arm,impressions,clicks\na,0,10,1\na,1,ten,1\n", "Line 3"),
        ("test_id,arm,impressions,clicks\na,0,-1,-1\n", "Line 2"),
        ("test_id,arm,impressions,clicks\na,0,10\n", "Line 2"),
    ],
)
def test_a_file_that_is_not_counts_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_recorded(text.splitlines())


@given(
    counts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=5),
    seed=st.integers(0, 99),
)
def test_visitors_add_up_to_the_counts_within_the_time_given(
    counts: list[tuple[int, int]], seed: int
) -> None:
    arms = tuple(RecordedArm(f"arm-{n}", max(pair), min(pair)) for n, pair in enumerate(counts))
    recorded = RecordedExperiment("x", arms)
    visitors = list(visitors_of(recorded, 1000, 2_000_000, random.Random(seed)))
    exposed = Counter(visitor.arm for visitor in visitors)
    converted = Counter(visitor.arm for visitor in visitors if visitor.converted_at is not None)
    assert [(exposed[n], converted[n]) for n in range(len(arms))] == [(a.exposed, a.converted) for a in arms]
    assert len({visitor.visitor_id for visitor in visitors}) == len(visitors)
    for visitor in visitors:
        assert 1000 <= visitor.exposed_at < 2_000_000
        assert visitor.converted_at is None or visitor.exposed_at <= visitor.converted_at <= 2_000_000
    assert visitors == list(visitors_of(recorded, 1000, 2_000_000, random.Random(seed)))
