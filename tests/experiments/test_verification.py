"""What was decided is made again from what it was made from; what differs is named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.experiments.observed import START, WEEK, renewed, running, tallies
from vibevariant.experiments.arms import add, drop
from vibevariant.experiments.assignment import Enrolment, decide
from vibevariant.experiments.basis import ENGINE
from vibevariant.experiments.experiment import Experiment, Variant
from vibevariant.experiments.lifecycle import complete, reallocate
from vibevariant.experiments.verification import (
    IN_FLIGHT_MS,
    Checked,
    Known,
    Made,
    StoredAssignment,
    as_of,
    check_assignments,
    check_counts,
    check_history,
    check_outcomes,
)

NOW = START + WEEK


def stored(hero: Experiment, visitors: int) -> list[StoredAssignment]:
    found = []
    for number in range(visitors):
        decided = decide(hero, f"v{number}", {})
        if isinstance(decided, Enrolment):
            arm, allocation = decided.arm.index, decided.allocation
            found.append(StoredAssignment(f"v{number}", arm, allocation.number, allocation.weights[arm]))
    return found


def made(
    hero: Experiment, counted: list, at: int = NOW, allocation: int | None = None, engine: int = ENGINE
) -> Made:
    read = renewed(hero, counted, now=at)
    return Made(at, engine, allocation, read.basis, read.outcome)


def test_assignments_are_those_of_the_hash_under_their_own_allocation() -> None:
    hero = running(traffic=0.5)
    first = stored(hero, 200)
    hero = reallocate(hero, [2000, 8000], 3000, START + 1, "refresh", "x")
    second = stored(hero, 200)
    assert 60 < len(second) < len(first) < 140
    assert check_assignments(hero, first + second) == Checked(
        "assignments follow from the hash, with the chance they had", len(first + second)
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"arm": 1}, "the hash gives arm 0"),
        ({"propensity": 5001}, "5001 ten-thousandths"),
        ({"allocation": 7}, "there is no allocation 7"),
    ],
)
def test_an_assignment_that_was_changed_is_named(change: dict[str, int], says: str) -> None:
    one = next(each for each in stored(running(), 50) if each.arm == 0)
    (sentence,) = check_assignments(running(), [one._replace(**change)]).wrong
    assert says in sentence
    assert one.visitor_id in sentence


def test_who_was_not_let_in_cannot_have_an_assignment() -> None:
    hero = running(traffic=0.5)
    let_in = {each.visitor_id for each in stored(hero, 50)}
    outside = next(each for each in stored(running(), 50) if each.visitor_id not in let_in)
    assert "lets nobody in" in check_assignments(hero, [outside]).wrong[0]


def test_what_was_assigned_elsewhere_is_left_out() -> None:
    found = check_assignments(replace(running(), source="imported"), stored(running(), 5))
    assert (found.right, found.left_out) == (0, 5)
    assert found.why


def test_readings_come_out_again_though_the_experiment_has_changed_since() -> None:
    hero = running(arms=3)
    first = made(hero, tallies([(200, 4), (200, 24), (200, 8)]), START + 5, 2)
    moved = reallocate(hero, json.loads(first.outcome)["weights"], 10_000, START + 5, "refresh", "appliance")
    second = made(moved, tallies([(260, 5), (600, 60), (280, 9)]), START + 9)
    dropped = drop(moved, "arm-2", START + 10, "ann")
    third = made(dropped, tallies([(260, 5), (600, 60), (280, 9)]), START + 11)
    grown = add(dropped, Variant("new", "New"), START + 12, "ann")
    ended = complete(replace(grown, mode="learn"), START + 20, "ann")
    fourth = made(ended, tallies([(260, 5), (600, 60), (280, 9), (0, 0)]), START + 30)
    assert check_outcomes(ended, [first, second, third, fourth]) == Checked(
        "readings made again from their counts, byte for byte", 4
    )
    assert as_of(ended, third.basis).dropped == ("arm-2",)
    assert as_of(ended, first.basis).allocations == hero.allocations


def test_a_reading_whose_outcome_or_basis_was_changed_is_named_and_one_of_another_engine_left_out() -> None:
    hero = running()
    one = made(hero, tallies([(200, 4), (200, 24)]))
    assert check_outcomes(hero, [replace(one, outcome=one.outcome.replace("8", "7", 1))]).wrong
    assert check_outcomes(hero, [replace(one, basis=replace(one.basis, mode="earn"))]).wrong
    older = check_outcomes(hero, [replace(one, engine=ENGINE - 1)])
    assert (older.right, older.wrong, older.left_out) == (0, (), 1)
    assert older.why


def outcome(text: str) -> tuple[str, object]:
    plain = json.loads(text)
    return plain["decision"]["sentence"], plain["weights"]


def test_allocations_and_decisions_are_those_of_their_readings() -> None:
    hero = running()
    one = made(hero, tallies([(200, 4), (200, 24)]), START + 5, 2)
    sentence, weights = outcome(one.outcome)
    after = reallocate(hero, weights, 10_000, START + 5, "refresh", "appliance")  # type: ignore[arg-type]
    right = check_history(after, [one], {START + 5: sentence}, outcome)
    assert (right.right, right.wrong, right.left_out) == (2, (), 0)
    other = reallocate(hero, [2500, 7500], 10_000, START + 5, "refresh", "appliance")
    assert "Allocation 2" in check_history(other, [one], {}, outcome).wrong[0]
    assert "something else" in check_history(after, [one], {START + 5: "B wins."}, outcome).wrong[0]
    old = check_history(after, [], {START + 1: "x"}, outcome)
    assert (old.right, old.wrong, old.left_out) == (0, (), 2)


def counts_known(visitors: list[tuple[int, int]]) -> list[Known]:
    """Of arms, so many at so many ms after the start."""
    return [Known(1, arm, START + at, START + at) for arm, at in visitors]


def test_a_reading_counted_what_had_come_in_but_for_what_was_in_flight() -> None:
    hero = running()
    exposed = counts_known([(arm, minute * 60_000) for minute in range(60) for arm in (0, 1)])
    signups = {"signup": counts_known([(1, 30_000 + 60_000 * hour) for hour in range(0, 60, 10)])}
    at = START + 20 * 60_000 + 30_000
    right = made(hero, tallies([(21, 0), (21, 3)]), at)
    assert check_counts(hero, [right], exposed, signups).wrong == ()
    for wrong in ([(22, 0), (21, 3)], [(20, 0), (21, 3)], [(21, 0), (21, 1)], [(21, 0), (21, 4)]):
        assert check_counts(hero, [made(hero, tallies(wrong), at)], exposed, signups).wrong, wrong
    # One conversion happens in the very moment: it may be counted or not.
    for conversions in (2, 3):
        assert not check_counts(
            hero, [made(hero, tallies([(21, 0), (21, conversions)]), at)], exposed, signups
        ).wrong
    late = [
        replace_certain(each, at + IN_FLIGHT_MS) if each.possible_from == START else each for each in exposed
    ]
    assert not check_counts(hero, [made(hero, tallies([(20, 0), (20, 3)]), at)], late, signups).wrong


def replace_certain(known: Known, at: int) -> Known:
    return known._replace(certain_from=at)
