"""Signals have names, bounds and steps, and none of them is ever the goal itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.errors import InvalidInput
from vibevariant.experiments.goals import event_name_of
from vibevariant.experiments.signals import (
    LONGEST_VIEW,
    SIGNAL_EVENTS,
    SeenVisitor,
    fault_of,
    grouped,
)
from vibevariant.stats.engagement import VisitorSignals

seen_visitors = st.lists(
    st.builds(
        SeenVisitor,
        arm=st.integers(0, 3),
        allocation=st.integers(1, 2),
        converted=st.booleans(),
        form=st.integers(0, 2),
        clicks=st.integers(0, 2),
        scroll=st.floats(0, 1),
        seconds=st.floats(0, 1000),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("name", "value", "fine"),
    [
        ("$scroll", 0, True),
        ("$scroll", 1, True),
        ("$scroll", 1.01, False),
        ("$scroll", 55, False),  # a percentage
        ("$scroll", -0.1, False),
        ("$scroll", None, False),
        ("$time", 12.5, True),
        ("$time", LONGEST_VIEW, True),
        ("$time", LONGEST_VIEW + 1, False),
        ("$time", -1, False),
        ("$time", None, False),
        ("$click", None, True),
        ("$click", 3, True),
        ("$form_start", None, True),
        ("$form_submit", None, True),
        ("signup", -5, True),  # no signal
    ],
)
def test_a_value_is_held_to_the_bounds_of_its_signal(name, value, fine):
    fault = fault_of(name, value)
    assert (fault is None) == fine
    assert fine or f"`{name}`" in fault


@pytest.mark.parametrize("name", SIGNAL_EVENTS)
def test_no_signal_can_be_a_goal(name):
    with pytest.raises(InvalidInput, match="the appliance's own"):
        event_name_of(name, "event")


def test_visitors_who_did_the_same_are_one_row():
    alike = [
        SeenVisitor(1, 2, False, 1, 3, scroll, seconds) for scroll, seconds in [(0.51, 61), (0.49, 59.2)]
    ]
    other = SeenVisitor(1, 2, False, 1, 3, 0.75, 60)
    assert grouped([*alike, other]) == [
        VisitorSignals(1, 1, 3, 0.5, 60, 2, converted=False, visitors=2),
        VisitorSignals(1, 1, 3, 0.75, 60, 2, converted=False, visitors=1),
    ]


def test_where_sending_a_form_may_be_the_goal_it_tells_of_nobody_more_than_that_it_was_begun():
    sent = SeenVisitor(0, 1, False, 2, 0, 0.0, 0.0)
    assert [row.form for row in grouped([sent])] == [2]
    told = grouped([sent, sent._replace(converted=True), sent._replace(form=0, converted=True)])
    assert {(row.form, row.converted) for row in told} == {(1, False), (1, True), (0, True)}
    # who converted without a form says nothing about forms
    assert {row.form for row in grouped([sent, sent._replace(form=1, converted=True)])} == {1, 2}


@given(seen_visitors, st.randoms(use_true_random=False))
def test_nobody_is_lost_and_the_order_of_visitors_does_not_matter(seen, random):
    rows = grouped(seen)
    assert sum(row.visitors for row in rows) == len(seen)
    assert len({(*row.signals, row.arm, row.allocation, row.converted) for row in rows}) == len(rows)
    for arm in range(4):
        assert sum(row.visitors for row in rows if row.arm == arm) == sum(v.arm == arm for v in seen)
    shuffled = list(seen)
    random.shuffle(shuffled)
    assert grouped(shuffled) == rows


@given(seen_visitors)
def test_no_one_who_converted_is_told_apart_by_a_form_that_was_sent(seen):
    assert not any(row.converted and row.form > 1 for row in grouped(seen))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e5), st.floats(0, 1e5))
def test_whoever_did_more_is_never_told_to_have_done_less(scroll, deeper, seconds, longer):
    [one] = grouped([SeenVisitor(0, 1, False, 0, 0, min(scroll, deeper), min(seconds, longer))])
    [two] = grouped([SeenVisitor(0, 1, False, 0, 0, max(scroll, deeper), max(seconds, longer))])
    assert one.scroll <= two.scroll <= 1
    assert one.time <= two.time
    assert abs(two.time - max(seconds, longer)) <= 2.5
