"""Verification: every assignment, every allocation and every decision made again, from what they were made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vibevariant.experiments.basis import ENGINE, Basis, Counts, next_weights, outcome_of, reading_of
from vibevariant.experiments.bucketing import arm_at, bucket
from vibevariant.experiments.experiment import Experiment

IN_FLIGHT_MS = 5_000
"""What came in so shortly before or after the moment of a reading may be counted in it or not; all else is certain."""

Place = tuple[int, int]
"""An allocation and an arm."""
Times = NDArray[np.int64]


class StoredAssignment(NamedTuple):
    """One visitor's sticky decision as it is stored."""

    visitor_id: str
    arm: int
    allocation: int
    propensity: int


class Known(NamedTuple):
    """When a fact may have been counted at the earliest, and from when on it must have been."""

    allocation: int
    arm: int
    possible_from: int
    certain_from: int


@dataclass(frozen=True, slots=True)
class Made:
    """A reading that something came of, and what did."""

    at: int
    engine: int
    allocation: int | None
    basis: Basis
    outcome: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One kind of thing that was checked.

    Args:
        right: how many were as they must be, to the last letter.
        wrong: sentences about those that were not.
        left_out: how many cannot be made again, and why.
    """

    what: str
    right: int
    wrong: tuple[str, ...] = ()
    left_out: int = 0
    why: str = ""


def check_assignments(experiment: Experiment, stored: Iterable[StoredAssignment]) -> Checked:
    """Whether the hash gives every visitor the stored arm, under the weights that were in force, with that chance."""
    what = "assignments follow from the hash, with the chance they had"
    if experiment.source == "imported":
        return Checked(what, 0, left_out=sum(1 for _ in stored), why="they were made elsewhere")
    by_number = {allocation.number: allocation for allocation in experiment.allocations}
    right, wrong = 0, []
    for one in stored:
        allocation = by_number.get(one.allocation)
        if allocation is None:
            wrong.append(f"{one.visitor_id!r:.80}: there is no allocation {one.allocation}.")
            continue
        arm = arm_at(bucket(one.visitor_id, experiment.key), allocation.weights)
        let_in = bucket(one.visitor_id, f"{experiment.key}/traffic") < allocation.traffic
        if (one.arm, one.propensity) == (arm, allocation.weights[arm]) and let_in:
            right += 1
        else:
            wrong.append(
                f"{one.visitor_id!r:.80}: stored are arm {one.arm} and {one.propensity} ten-thousandths, "
                f"the hash gives arm {arm} and {allocation.weights[arm]}{'' if let_in else ', and lets nobody in'}."
            )
    return Checked(what, right, tuple(wrong))


def check_outcomes(experiment: Experiment, made: Sequence[Made]) -> Checked:
    """Whether what every reading was made from gives the very letters again that were stored."""
    right, left_out, wrong = 0, 0, []
    for one in made:
        if one.engine != ENGINE:
            left_out += 1
            continue
        then = as_of(experiment, one.basis)
        reading = reading_of(then, one.basis)
        if outcome_of(reading, next_weights(then, reading)) == one.outcome:
            right += 1
        else:
            wrong.append(f"The reading of {one.at} comes out otherwise when it is made again.")
    why = f"made by another version of the statistics than {ENGINE}"
    return Checked(
        "readings made again from their counts, byte for byte", right, tuple(wrong), left_out,
        why if left_out else "",
    )  # fmt: skip


def check_history(
    experiment: Experiment,
    made: Sequence[Made],
    decisions: Mapping[int, str],
    outcome: Callable[[str], tuple[str, object]],
) -> Checked:
    """Whether every allocation that a refresh made, and every decision, is what its reading came to.

    Args:
        decisions: their sentences, by the time they were made.
        outcome: the sentence and the weights in an outcome.
    """
    by_number = {one.allocation: one for one in made if one.allocation is not None}
    at = {one.at: one for one in made}
    right, left_out, wrong = 0, 0, []
    for allocation in experiment.allocations:
        if allocation.cause != "refresh":
            continue
        one = by_number.get(allocation.number)
        if one is None:
            left_out += 1
        else:
            arms = len(one.basis.goal.counts[0][0])
            if outcome(one.outcome)[1] == list(allocation.weights[:arms]):
                right += 1
            else:
                wrong.append(f"Allocation {allocation.number} has other weights than its reading came to.")
    for time, sentence in decisions.items():
        one = at.get(time)
        if one is None:
            left_out += 1
        elif outcome(one.outcome)[0] == sentence:
            right += 1
        else:
            wrong.append(f"The decision of {time} says something else than its reading.")
    why = "made before what they follow from was kept"
    return Checked(
        "allocations and decisions are what their readings came to", right, tuple(wrong), left_out,
        why if left_out else "",
    )  # fmt: skip


def check_counts(
    experiment: Experiment,
    made: Sequence[Made],
    exposed: Iterable[Known],
    converted: Mapping[str, Iterable[Known]],
) -> Checked:
    """Whether every reading counted what the stored facts say had come in by then.

    Exactly, but for what was in flight: each count lies between the facts of `IN_FLIGHT_MS` before and after.

    Args:
        converted: conversions by goal.
    """
    what = "readings counted the visitors and conversions that had come in by then"
    if experiment.source == "imported":
        return Checked(what, 0, left_out=len(made), why="their facts came in later than they happened")
    seen = _by_place(exposed)
    reached = {goal: _by_place(facts) for goal, facts in converted.items()}
    right, wrong = 0, []
    for one in made:
        off = [
            f"{sort} of '{goal.goal}'"
            for goal in (one.basis.goal, *one.basis.guardrails)
            for sort, part, facts in (("visitors", 0, seen), ("conversions", 1, reached.get(goal.goal, {})))
            if not _agrees(goal.counts, part, facts, one.at)
        ]
        if off:
            wrong.append(f"The reading of {one.at} did not count what had come in: {', '.join(off)}.")
        else:
            right += 1
    return Checked(what, right, tuple(wrong))


def as_of(experiment: Experiment, basis: Basis) -> Experiment:
    """The experiment as it was when the basis was read: with the arms and allocations there were."""
    arms = len(basis.goal.counts[0][0]) if basis.goal.counts else len(experiment.arms)
    elements = experiment.elements
    if experiment.type == "ab_test":
        elements = (replace(elements[0], variants=elements[0].variants[:arms]),)
    allocations = tuple(
        replace(each, weights=each.weights[:arms])
        for each in experiment.allocations[: len(basis.goal.counts)]
    )
    weights = allocations[-1].weights if allocations else experiment.weights[:arms]
    then = replace(
        experiment, elements=elements, allocations=allocations, weights=weights, mode=basis.mode, status=basis.status,
        ended_at=basis.ended_at, dropped=(),
    )  # fmt: skip
    # An adaptive allocation gives every arm a chance but those that were dropped.
    gone = tuple(arm.key for arm in then.arms if then.kind == "adaptive" and not weights[arm.index])
    return replace(then, dropped=gone)


def _by_place(facts: Iterable[Known]) -> dict[Place, tuple[Times, Times]]:
    times: dict[Place, tuple[list[int], list[int]]] = {}
    for fact in facts:
        possible, certain = times.setdefault((fact.allocation, fact.arm), ([], []))
        possible.append(fact.possible_from)
        certain.append(fact.certain_from)
    return {
        place: (np.sort(np.array(possible)), np.sort(np.array(certain)))
        for place, (possible, certain) in times.items()
    }


def _agrees(counts: Sequence[Counts], part: int, facts: Mapping[Place, tuple[Times, Times]], at: int) -> bool:
    nothing = np.array([], dtype=np.int64)
    for number, pair in enumerate(counts, start=1):
        for arm, count in enumerate(pair[part]):
            possible, certain = facts.get((number, arm), (nothing, nothing))
            least = int(np.searchsorted(certain, at - IN_FLIGHT_MS, side="right"))
            most = int(np.searchsorted(possible, at + IN_FLIGHT_MS, side="right"))
            if not least <= count <= most:
                return False
    return True
