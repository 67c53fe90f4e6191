from dataclasses import replace

import pytest

from vibevariant.experiments import lifecycle
from vibevariant.experiments.catalog import Catalog, Project


def project(number):
    return Project(
        number, f"site-{number}", f"Site {number}", f"vv_proj_{number}", is_example=False, created_at=0
    )


@pytest.fixture
def catalog(make, now):
    """A project with an experiment of every kind, and another with one of the same key."""
    made = {}
    for number, key in enumerate(
        ["drafted", "running", "paused", "ended", "shipped", "imported", "running"], start=1
    ):
        source = "imported" if key == "imported" else "live"
        home = 2 if number == 7 else 1
        experiment = replace(make(key=key, source=source, project_id=home), id=number)
        if key != "drafted":
            experiment = lifecycle.start(experiment, now, "ann")
        if key == "paused":
            experiment = lifecycle.pause(experiment, now, "ann")
        if key in {"ended", "shipped"}:
            winner = "variant_a" if key == "shipped" else None
            experiment = lifecycle.complete(experiment, now, "ann", winner)
        made[number] = experiment
    return Catalog.of([project(1), project(2), project(3)], made.values())


def test_serving_are_those_that_run_and_those_that_ended_with_a_winner(catalog):
    assert [experiment.key for experiment in catalog.serving(1)] == ["running", "shipped"]
    assert [experiment.id for experiment in catalog.serving(2)] == [7]


def test_events_count_for_every_experiment_that_ever_started(catalog):
    counting = [experiment.key for experiment, goal in catalog.counting(1, "signup")]
    assert counting == ["running", "paused", "ended", "shipped", "imported"]
    assert [goal.key for _, goal in catalog.counting(2, "signup")] == ["signup"]


def test_events_that_are_no_goal_count_for_nothing(catalog):
    assert catalog.counting(1, "scroll") == ()
    assert catalog.counting(3, "signup") == ()


def test_keys_belong_to_their_project(catalog):
    assert catalog.experiments_of(1)["running"].id == 2
    assert catalog.experiments_of(2)["running"].id == 7
    assert catalog.experiment_by_id[7].project_id == 2


def test_project_without_experiments_serves_nothing(catalog):
    assert catalog.serving(3) == ()
    assert catalog.experiments_of(3) == {}


def test_unknown_project_has_nothing(catalog):
    assert catalog.serving(99) == ()
    assert catalog.experiments_of(99) == {}
    assert "vv_proj_99" not in catalog.project_by_token


def test_projects_are_found_by_token_and_id(catalog):
    assert catalog.project_by_token["vv_proj_2"].id == 2
    assert catalog.project_by_id[3].key == "site-3"


def test_one_event_may_count_for_several_goals(make, now):
    experiment = lifecycle.start(
        make(goals=[{"key": "buy", "role": "primary"}, {"key": "spend", "event": "buy"}]), now, "ann"
    )
    counting = Catalog.of([project(1)], [experiment]).counting(1, "buy")
    assert [goal.key for _, goal in counting] == ["buy", "spend"]
