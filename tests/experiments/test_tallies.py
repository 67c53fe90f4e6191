from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.experiments.tallies import (
    HOUR,
    Converted,
    Counts,
    DelayKey,
    HourKey,
    TallyKey,
    VisitorState,
    contributions,
    count,
    difference,
    first_conversions,
    moved_conversions,
)


def state(exposed_at=5 * HOUR + 1, conversions=None, arm=1, allocation=2, segment=""):
    return VisitorState(arm, allocation, exposed_at, conversions or {}, segment)


def test_exposed_visitor_is_one_trial():
    assert contributions(state()) == {TallyKey(1, 2, 0, 5): Counts(exposed=1)}


def test_many_events_of_one_visitor_are_one_conversion():
    converted = Converted(first_at=6 * HOUR, events=4, value=90_000_000)
    assert contributions(state(conversions={7: converted})) == {
        TallyKey(1, 2, 0, 5): Counts(exposed=1),
        TallyKey(1, 2, 7, 5): Counts(conversions=1, events=4, value=90_000_000),
    }


def test_hour_is_that_of_the_exposure_not_of_the_conversion():
    added = contributions(state(HOUR - 1, {7: Converted(900 * HOUR, 1, 0)}))
    assert {key.hour for key in added} == {0}
    assert {key.hour for key in contributions(state(HOUR))} == {1}


def test_all_of_a_visitor_is_counted_in_the_visitors_segment():
    added = contributions(state(conversions={7: Converted(6 * HOUR, 1, 0)}, segment="new/mobile"))
    assert {key.segment for key in added} == {"new/mobile"}


def test_a_first_conversion_is_one_of_its_hour_and_one_of_its_delay():
    known = state(conversions={7: Converted(7 * HOUR, 3, 30), 8: Converted(7 * HOUR + 1, 1, 0)})
    assert first_conversions(known) == {
        HourKey(7, 7), DelayKey(7, 1, 1), HourKey(8, 7), DelayKey(8, 1, 2),
    }  # fmt: skip


def test_an_earlier_exposure_makes_a_conversion_later_and_leaves_its_hour():
    converted = {7: Converted(7 * HOUR, 1, 0)}
    assert moved_conversions(state(conversions=converted), state(4 * HOUR, converted)) == {
        DelayKey(7, 1, 1): -1, DelayKey(7, 1, 3): 1,
    }  # fmt: skip


def test_visitor_without_an_exposure_counts_for_nothing():
    for nothing in (None, state(None, {7: Converted(5, 1, 1)})):
        assert contributions(nothing) == {}
        assert first_conversions(nothing) == set()


def test_no_change_is_no_difference():
    assert difference(state(), state()) == {}
    assert difference(None, state(None)) == {}


def test_further_event_adds_to_events_and_value_only():
    before = state(conversions={7: Converted(6 * HOUR, 1, 10)})
    after = state(conversions={7: Converted(6 * HOUR, 2, 30)})
    assert difference(before, after) == {TallyKey(1, 2, 7, 5): Counts(events=1, value=20)}


def test_event_of_an_opposite_value_is_still_an_event():
    before = state(conversions={7: Converted(6 * HOUR, 1, 10)})
    after = state(conversions={7: Converted(6 * HOUR, 2, 0)})
    assert difference(before, after) == {TallyKey(1, 2, 7, 5): Counts(events=1, value=-10)}


def test_earlier_exposure_moves_the_visitor_to_its_hour():
    assert difference(state(5 * HOUR), state(4 * HOUR)) == {
        TallyKey(1, 2, 0, 5): Counts(exposed=-1),
        TallyKey(1, 2, 0, 4): Counts(exposed=1),
    }


def test_taking_a_visitor_away_undoes_everything():
    known = state(conversions={7: Converted(6 * HOUR, 2, 30)})
    assert difference(known, None) == {
        TallyKey(1, 2, 0, 5): Counts(exposed=-1),
        TallyKey(1, 2, 7, 5): Counts(conversions=-1, events=-2, value=-30),
    }


@pytest.mark.parametrize(
    ("events", "ended_at", "expected"),
    [
        ([], None, None),
        ([(99, 5)], None, None),
        ([(100, 5)], None, Converted(100, 1, 5)),
        ([(99, 1), (100, 2), (101, 4)], None, Converted(100, 2, 6)),
        ([(300, 4), (200, 2), (250, 1)], None, Converted(200, 3, 7)),
        ([(200, 1), (200, 2)], None, Converted(200, 2, 3)),
        ([(200, 1), (201, 2)], 200, Converted(200, 1, 1)),
        ([(201, 2)], 200, None),
        ([(150, -5), (160, 5)], 200, Converted(150, 2, 0)),
    ],
)
def test_events_count_from_the_exposure_to_the_end(events, ended_at, expected):
    assert count(100, events, ended_at) == expected
    assert count(100, iter(reversed(events)), ended_at) == expected


def test_nothing_counts_before_an_exposure_is_known():
    assert count(None, [(100, 1)], None) is None
    assert count(None, [(100, 1)], None, 5) is None


@pytest.mark.parametrize(
    ("at", "ended_at", "counts"),
    [
        (99, None, False),
        (100, None, True),
        (100 + 2 * HOUR - 1, None, True),
        (100 + 2 * HOUR, None, False),
        (100 + HOUR, 100 + HOUR, True),
        (101 + HOUR, 100 + HOUR, False),
    ],
)
def test_a_window_ends_whole_hours_after_the_exposure(at, ended_at, counts):
    assert count(100, [(at, 3)], ended_at, 2) == (Converted(at, 1, 3) if counts else None)


def test_no_goal_can_be_taken_for_the_exposed_visitors():
    with pytest.raises(ValueError, match="goal id 0"):
        contributions(state(conversions={0: Converted(6 * HOUR, 1, 0)}))


CONVERTED = st.builds(Converted, st.integers(0, 10 * HOUR), st.integers(1, 5), st.integers(-(10**15), 10**15))
STATES = st.builds(
    VisitorState,
    st.integers(0, 2),
    st.integers(1, 3),
    st.none() | st.integers(0, 3 * HOUR),
    st.dictionaries(st.integers(1, 3), CONVERTED, max_size=3),
    st.sampled_from(["", "new/mobile"]),
)
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.none() | STATES), max_size=30)


def added_up(parts):
    """Tallies as storage keeps them: one sum for each key and each count."""
    sums = Counter()
    for part in parts:
        for key, counts in part.items():
            for name, number in counts._asdict().items():
                sums[key, name] += number
    return {place: total for place, total in sums.items() if total}


@given(CHANGES)
def test_differences_add_up_to_the_contributions_of_the_final_states(changes):
    known, steps = {}, []
    for visitor, becomes in changes:
        steps.append(difference(known.get(visitor), becomes))
        known[visitor] = becomes
    assert added_up(steps) == added_up(contributions(final) for final in known.values())


@given(CHANGES)
def test_moved_conversions_add_up_to_those_of_the_final_states(changes):
    known, sums = {}, Counter()
    for visitor, becomes in changes:
        for key, number in moved_conversions(known.get(visitor), becomes).items():
            assert number
            sums[key] += number
        known[visitor] = becomes
    final = Counter()
    for becomes in known.values():
        final.update(first_conversions(becomes))
    assert {key: number for key, number in sums.items() if number} == final


@given(CHANGES, st.randoms(use_true_random=False))
def test_differences_may_be_added_in_any_order(changes, random):
    known, steps = {}, []
    for visitor, becomes in changes:
        steps.append(difference(known.get(visitor), becomes))
        known[visitor] = becomes
    shuffled = random.sample(steps, len(steps))
    assert added_up(shuffled) == added_up(steps)


@given(st.none() | STATES, st.none() | STATES)
def test_differences_hold_no_zeros_and_turn_round(before, after):
    there, back = difference(before, after), difference(after, before)
    assert all(any(counts) for counts in there.values())
    assert back == {key: Counts(*(-number for number in counts)) for key, counts in there.items()}


@given(
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(0, 100), st.integers(-9, 9)), max_size=12),
    st.integers(50, 100),
    st.randoms(use_true_random=False),
)
def test_order_of_arrival_does_not_change_what_counts(exposed_at, events, ended_at, random):
    shuffled = random.sample(events, len(events))
    counted = count(exposed_at, events, ended_at)
    assert count(exposed_at, shuffled, ended_at) == counted
    within = [(at, value) for at, value in events if exposed_at <= at <= ended_at]
    assert (counted is None) == (not within)
    if counted:
        assert counted == Converted(min(within)[0], len(within), sum(value for _, value in within))


VISITS = st.lists(
    st.one_of(
        st.tuples(st.just("exposure"), st.integers(0, 3 * HOUR), st.just(0)),
        st.tuples(st.just("event"), st.integers(0, 3 * HOUR), st.integers(-9, 9)),
    ),
    max_size=10,
)


def tallies_on_the_way(visits, window_hours=None):
    """One visitor's facts as they arrive, each worked in as storage does."""
    exposed_at, events, before, steps = None, [], None, []
    for kind, at, value in visits:
        if kind == "exposure":
            exposed_at = at if exposed_at is None else min(exposed_at, at)
        else:
            events.append((at, value))
        converted = count(exposed_at, events, 2 * HOUR, window_hours)
        after = VisitorState(0, 1, exposed_at, {} if converted is None else {1: converted})
        steps.append(difference(before, after))
        before = after
    return added_up(steps)


@given(VISITS, st.randoms(use_true_random=False), st.none() | st.integers(1, 3))
def test_late_exposures_pick_up_what_came_before_them(visits, random, window_hours):
    shuffled = random.sample(visits, len(visits))
    assert tallies_on_the_way(shuffled, window_hours) == tallies_on_the_way(visits, window_hours)
