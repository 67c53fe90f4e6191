"""Arms come and go by numbered allocations; what was counted stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments.observed import START, running
from vibevariant.errors import Conflict, IllegalTransition, InvalidInput
from vibevariant.experiments.arms import add, drop, restore
from vibevariant.experiments.assignment import Enrolment, decide, shown
from vibevariant.experiments.definition import define
from vibevariant.experiments.experiment import MAX_ARMS, WHOLE, Variant
from vibevariant.experiments.lifecycle import complete, pause, reallocate, start

NEW = Variant("new", "New page")


def test_a_dropped_arm_leaves_its_share_to_the_others_in_proportion() -> None:
    hero = reallocate(running(arms=3), [6000, 1000, 3000], WHOLE, START + 1, "refresh", "x")
    after = drop(hero, "arm-2", START + 2, "ann", "it is ugly")
    assert after.weights == (8571, 1429, 0)
    last = after.allocations[-1]
    assert (last.number, last.weights, last.cause, last.actor, last.reason, last.started_at) == (
        3, after.weights, "drop", "ann", "it is ugly", START + 2,
    )  # fmt: skip
    assert after.allocations[:-1] == hero.allocations
    assert after.dropped == ("arm-2",)


def test_only_the_visitors_of_the_dropped_arm_are_shown_another() -> None:
    hero = running(arms=3)
    after = drop(hero, "arm-2", START + 1, "ann")
    assert [shown(hero, arm).key for arm in range(3)] == ["arm-0", "arm-1", "arm-2"]
    assert [shown(after, arm).key for arm in range(3)] == ["arm-0", "arm-1", "arm-0"]
    newcomers = [decide(after, f"v{n}", {}) for n in range(500)]
    assert {d.arm.key for d in newcomers if isinstance(d, Enrolment)} == {"arm-0", "arm-1"}


def test_a_dropped_arm_comes_back_with_an_even_share() -> None:
    after = restore(drop(running(arms=3), "arm-2", START + 1, "ann"), "arm-2", START + 2, "ann", "after all")
    assert after.dropped == ()
    assert after.weights == (3334, 3333, 3333)
    assert [each.cause for each in after.allocations] == ["start", "drop", "restore"]
    assert shown(after, 2).key == "arm-2"


def test_an_arm_is_added_behind_the_others_and_had_no_weight_before() -> None:
    hero = reallocate(running(), [2000, 8000], WHOLE, START + 1, "refresh", "x")
    after = add(hero, NEW, START + 2, "ann", "an idea")
    assert [arm.key for arm in after.arms] == ["arm-0", "arm-1", "new"]
    assert after.weights == (1333, 5334, 3333)
    assert [each.weights for each in after.allocations] == [(5000, 5000, 0), (2000, 8000, 0), after.weights]
    assert after.control.key == "arm-0"
    assert [arm.index for arm in after.arms] == [0, 1, 2]


def test_visitors_who_are_in_stay_where_they_are_when_an_arm_is_added() -> None:
    hero = running()
    after = add(hero, NEW, START + 1, "ann")
    for number in range(200):
        before = decide(hero, f"v{number}", {})
        assert isinstance(before, Enrolment)
        assert shown(after, before.arm.index).key == before.arm.key


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda e: drop(e, "arm-0", START, "ann"), "is the control"),
        (lambda e: drop(e, "arm-1", START, "ann"), "nothing left to compare"),
        (lambda e: drop(e, "arm-9", START, "ann"), "no arm"),
        (lambda e: restore(e, "arm-1", START, "ann"), "was not dropped"),
        (lambda e: restore(e, "arm-9", START, "ann"), "no arm"),
        (lambda e: add(e, Variant("arm-1", "x"), START, "ann"), "already"),
        (lambda e: drop(drop(add(e, NEW, START, "a"), "new", START, "a"), "new", START, "a"), "dropped already"),
        (lambda e: drop(drop(add(e, NEW, START, "a"), "new", START, "a"), "arm-1", START, "a"), "nothing left"),
        (lambda e: reallocate(drop(add(e, NEW, START, "a"), "new", START, "a"), (5000, 4000, 1000), WHOLE, START, "c", "a"),
         "gets no weight"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_to_do(step, says: str) -> None:
    with pytest.raises((Conflict, InvalidInput), match=says) as refusal:
        step(running())
    assert refusal.value.hint


def test_a_fixed_experiment_whose_other_arms_had_no_weight_shares_evenly() -> None:
    hero = reallocate(running(mode="fixed", arms=3), [0, 0, 10_000], WHOLE, START, "change", "ann")
    assert drop(hero, "arm-2", START, "ann").weights == (5000, 5000, 0)


def test_arms_come_and_go_only_while_it_runs_or_is_paused() -> None:
    assert (
        drop(pause(running(arms=3), START, "ann"), "arm-2", START, "ann").allocations[-1].enrolling is False
    )
    for ended in (complete(running(arms=3), START, "ann"), replace(running(arms=3), status="draft")):
        for step in (lambda e: drop(e, "arm-2", START, "a"), lambda e: add(e, NEW, START, "a"),
                     lambda e: restore(e, "arm-2", START, "a")):  # fmt: skip
            with pytest.raises(IllegalTransition):
                step(ended)


def test_combinations_can_be_dropped_but_none_added_and_arms_have_a_limit() -> None:
    elements = [{"key": key, "variants": [{"key": f"{key}{n}"} for n in range(2)]} for key in ("cta", "copy")]
    grid = start(
        define(project_id=1, key="grid", type="multi_element", elements=elements, goals=[{"key": "x"}], now=START),
        START, "ann",
    )  # fmt: skip
    assert drop(grid, "cta1.copy1", START, "ann").weights[3] == 0
    with pytest.raises(Conflict, match="fixed at the start"):
        add(grid, NEW, START, "ann")
    with pytest.raises(Conflict, match=f"at most {MAX_ARMS}"):
        add(running(arms=MAX_ARMS), NEW, START, "ann")
