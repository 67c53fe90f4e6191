from dataclasses import replace
from itertools import product

import pytest

from vibevariant.errors import Conflict, IllegalTransition, InvalidInput
from vibevariant.experiments import arms, lifecycle
from vibevariant.experiments.experiment import Allocation, Element, Status, Variant

LATER = 1_767_270_000_000

TAKE = {
    "start": lambda e: lifecycle.start(e, LATER, "ann"),
    "pause": lambda e: lifecycle.pause(e, LATER, "ann"),
    "resume": lambda e: lifecycle.resume(e, LATER, "ann"),
    "complete": lambda e: lifecycle.complete(e, LATER, "ann", "variant_a"),
    "reallocate": lambda e: lifecycle.reallocate(e, (2000, 7000, 1000, 0), 5000, LATER, "weights", "ann"),
    "drop": lambda e: arms.drop(e, "variant_a", LATER, "ann"),
    "restore": lambda e: arms.restore(e, "variant_c", LATER, "ann"),
    "add": lambda e: arms.add(e, Variant("new", "New"), LATER, "ann"),
}

BECOMES = {
    ("draft", "start"): "running",
    ("draft", "reallocate"): "draft",
    ("running", "pause"): "paused",
    ("running", "complete"): "completed",
    ("running", "reallocate"): "running",
    ("paused", "start"): "running",
    ("paused", "resume"): "running",
    ("paused", "complete"): "completed",
    ("paused", "reallocate"): "paused",
    **{(status, step): status for status in ("running", "paused") for step in ("drop", "restore", "add")},
}
"""All legal steps; every other pair of a status and a step is illegal."""


@pytest.fixture
def at(make, now):
    """An experiment of a status."""
    return each_status(make(source="live"), now)


@pytest.fixture
def large(make, now):
    """The same with four arms, of which one was dropped."""
    keys = ("control", "variant_a", "variant_b", "variant_c")
    draft = make(arms=[{"key": key} for key in keys], weights=[0.4, 0.4, 0.2, 0])
    return each_status(replace(draft, dropped=("variant_c",)), now)


def each_status(draft, now):
    running = lifecycle.start(draft, now, "ann")
    return {
        "draft": draft,
        "running": running,
        "paused": lifecycle.pause(running, now + 1, "ann"),
        "completed": lifecycle.complete(running, now + 1, "ann"),
    }


def test_every_step_is_in_the_table():
    assert set(TAKE) == set(lifecycle.STEPS)
    assert {status: set(steps) for status, steps in lifecycle.LEGAL.items()} == {
        status: {step for step in TAKE if (status, step) in BECOMES} for status in Status
    }


@pytest.mark.parametrize(("status", "step"), list(product(Status, TAKE)))
def test_step_from_status_is_taken_or_refused_with_what_would_be_legal(large, status, step):
    before = large[status]
    if (status, step) in BECOMES:
        assert TAKE[step](before).status == BECOMES[status, step]
    else:
        with pytest.raises(IllegalTransition) as refusal:
            TAKE[step](before)
        assert status in refusal.value.message
        assert step in refusal.value.message
        assert refusal.value.legal == lifecycle.LEGAL[status]
        assert all(legal in refusal.value.hint for legal in refusal.value.legal)
        assert refusal.value.hint
    assert before.status == status


@pytest.mark.parametrize(("status", "step"), [pair for pair in BECOMES if pair != ("draft", "reallocate")])
def test_every_step_appends_the_next_allocation(large, status, step):
    before = large[status]
    after = TAKE[step](before)
    assert [a.number for a in after.allocations[:-1]] == [a.number for a in before.allocations]
    cause = {"reallocate": "weights"}.get(step, "resume" if (status, step) == ("paused", "start") else step)
    assert after.allocation == Allocation(
        number=len(before.allocations) + 1,
        weights=after.weights,
        traffic=after.traffic,
        enrolling=after.status is Status.RUNNING,
        started_at=LATER,
        cause=cause,
        actor="ann",
    )


def test_weights_and_traffic_are_carried_through_a_life(make, now):
    experiment = lifecycle.start(make(weights=[0.9, 0.1], traffic=0.25), now, "ann")
    for step in (lifecycle.pause, lifecycle.resume, lifecycle.complete):
        experiment = step(experiment, now + 1, "ann")
    assert [a.number for a in experiment.allocations] == [1, 2, 3, 4]
    assert [a.enrolling for a in experiment.allocations] == [True, False, True, False]
    assert {a.weights for a in experiment.allocations} == {(9000, 1000)}
    assert {a.traffic for a in experiment.allocations} == {2500}


def test_first_start_is_remembered_through_a_pause(make, now):
    experiment = lifecycle.start(make(), now, "ann")
    experiment = lifecycle.start(lifecycle.pause(experiment, now + 10, "ann"), now + 20, "ann")
    assert experiment.started_at == now
    assert experiment.ended_at is None


def test_exposures_count_only_while_visitors_are_let_in(make, now):
    experiment = lifecycle.start(make(), now, "ann")
    assert experiment.counts_exposure_at(now)
    experiment = lifecycle.pause(experiment, now + 10, "ann")
    experiment = lifecycle.resume(experiment, now + 20, "ann")
    experiment = lifecycle.complete(experiment, now + 30, "ann")
    counts = [at for at in range(now - 5, now + 40) if experiment.counts_exposure_at(at)]
    assert counts == [*range(now, now + 10), *range(now + 20, now + 30)]


def test_completing_sets_the_end_and_the_winner(make, now):
    running = lifecycle.start(make(), now, "ann")
    done = lifecycle.complete(running, now + 5, "ann", "variant_a")
    assert (done.ended_at, done.winner) == (now + 5, "variant_a")
    assert done.counts_event_at(now + 5)
    assert not done.counts_event_at(now + 6)
    assert lifecycle.complete(running, now + 5, "ann").winner is None


def test_winner_must_be_an_arm(make, now):
    with pytest.raises(InvalidInput, match="no arm 'variant_b'") as refusal:
        lifecycle.complete(lifecycle.start(make(), now, "ann"), now, "ann", "variant_b")
    assert refusal.value.field == "winner"
    assert "control, variant_a" in refusal.value.hint


def test_one_arm_cannot_start(make, now):
    lonely = replace(
        make(), elements=(Element("variant", "Variant", (Variant("control", "control", is_control=True),)),)
    )
    with pytest.raises(Conflict, match="fewer than two arms") as refusal:
        lifecycle.start(lonely, now, "ann")
    assert refusal.value.field == "arms"


def test_without_a_primary_goal_nothing_starts(make, now):
    for goals in ((), tuple(replace(goal, role="guardrail") for goal in make().goals)):
        with pytest.raises(Conflict, match="primary goal") as refusal:
            lifecycle.start(replace(make(), goals=goals), now, "ann")
        assert refusal.value.field == "goals"


def test_imported_experiment_has_allocations_and_never_enrols(make, now):
    past = now - 86_400_000
    started = lifecycle.start(make(source="imported"), past, "import")
    assert started.status is Status.RUNNING
    assert started.started_at == past
    assert (started.allocation.number, started.allocation.enrolling) == (1, False)
    moved = lifecycle.reallocate(started, (1000, 9000), 10_000, past + 1, "import", "import")
    assert (moved.allocation.number, moved.allocation.enrolling) == (2, False)
    assert lifecycle.complete(moved, now, "import").ended_at == now


def test_changed_experiment_does_not_keep_what_was_worked_out_before(make, now):
    draft = make()
    assert not draft.counts_exposure_at(now)
    assert lifecycle.start(draft, now, "ann").counts_exposure_at(now)


def test_draft_takes_weights_without_an_allocation(make, now):
    changed = lifecycle.reallocate(make(), [2500, 7500], 100, now, "weights", "ann")
    assert (changed.weights, changed.traffic, changed.allocations) == ((2500, 7500), 100, ())


def test_change_of_nothing_makes_no_allocation(at, now):
    running = at["running"]
    same = lifecycle.reallocate(running, running.weights, running.traffic, now + 9, "refresh", "bandit")
    assert same is running


def test_reallocation_in_a_pause_lets_nobody_in_until_it_resumes(large):
    changed = TAKE["reallocate"](large["paused"])
    assert not changed.allocation.enrolling
    resumed = lifecycle.resume(changed, LATER, "ann")
    assert resumed.allocation.enrolling
    assert resumed.allocation.weights == (2000, 7000, 1000, 0)


@pytest.mark.parametrize(
    "weights", [(10_000,), (5000, 5000, 0), (5000, 4999), (5000, 5001), (-1, 10_001), ()]
)
def test_weights_that_do_not_fit_are_refused(at, now, weights):
    with pytest.raises(InvalidInput) as refusal:
        lifecycle.reallocate(at["running"], weights, 10_000, now, "weights", "ann")
    assert refusal.value.field == "weights"


@pytest.mark.parametrize("traffic", [0, -1, 10_001])
def test_traffic_that_is_not_a_share_is_refused(at, now, traffic):
    with pytest.raises(InvalidInput) as refusal:
        lifecycle.reallocate(at["running"], (5000, 5000), traffic, now, "weights", "ann")
    assert refusal.value.field == "traffic"


def test_clock_set_back_puts_no_allocation_before_the_one_it_follows(make, now):
    running = lifecycle.start(make(), now, "ann")
    done = lifecycle.complete(running, now - 1000, "ann")
    assert done.allocation.started_at == now
    assert done.ended_at == now
