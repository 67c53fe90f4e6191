"""A simulated crowd goes the way of real visitors: the same hash, the same counts, the same weights and decisions."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from vibevariant.experiments.allocation_scenario import (
    HEADLINE,
    MULTI_ELEMENT,
    AllocationScenario,
    scenario_of,
)
from vibevariant.experiments.bucketing import arm_at, bucket
from vibevariant.experiments.crowd import Crowd
from vibevariant.experiments.experiment import AllocationMode
from vibevariant.experiments.policy_courses import courses_csv, policy_courses, world_of
from vibevariant.experiments.results import renew
from vibevariant.experiments.visits import NEVER, Visits, _Course, visit
from vibevariant.experiments.visits_tables import allocations_csv, looks_csv, matrix_csv, visitors_csv

SMALL = replace(HEADLINE, visitors=1_200)


def visited(mode: AllocationMode = "balanced", seed: int = 1, scenario: AllocationScenario = SMALL) -> Visits:
    return visit(scenario.changed(mode=mode), seed, looks=2)


@pytest.fixture(scope="module")
def balanced() -> Visits:
    return visited()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_visitor_gets_the_arm_that_the_hash_gives_under_the_allocation_in_force(balanced: Visits):
    in_force = np.searchsorted(balanced.from_visitor, np.arange(1_200), side="right")
    assert balanced.allocations.tolist() == in_force.tolist()
    for number, (arm, allocation) in enumerate(zip(balanced.arms, balanced.allocations, strict=True)):
        weights = balanced.experiment.allocations[allocation - 1].weights
        assert arm == arm_at(bucket(balanced.crowd.visitor_id(number), balanced.experiment.key), weights)


def test_the_results_count_everybody_once(balanced: Visits):
    arms = balanced.results.arms
    assert sum(balanced.exposed) == 1_200
    assert tuple(arm.exposed for arm in arms) == balanced.exposed
    assert tuple(arm.conversions for arm in arms) == balanced.conversions
    assert 0 < sum(balanced.conversions) < 1_200
    assert balanced.looks[-1].visitors == 1_200
    assert balanced.looks[-1].decision == balanced.results.decision
    assert balanced.results.situation.full_weeks == 2
    assert balanced.results.decision.status != "broken"


def test_the_same_seed_is_the_same_course_and_another_seed_another(balanced: Visits):
    again, other = visited(), visited(seed=2)
    assert matrix_csv(again) == matrix_csv(balanced)
    assert visitors_csv(again) == visitors_csv(balanced)
    assert again.results == balanced.results
    assert visitors_csv(other) != visitors_csv(balanced)


def test_what_nobody_saw_changes_nothing(balanced: Visits):
    """Rates so little different that every visitor does the same: if the engine knew them, something would move."""
    hidden = visited(scenario=replace(SMALL, rates=tuple(rate + 1e-9 for rate in SMALL.rates)))
    assert visitors_csv(hidden) == visitors_csv(balanced)
    assert allocations_csv(hidden) == allocations_csv(balanced)
    assert hidden.results == balanced.results


def test_modes_spend_visitors_on_what_they_are_for():
    fixed, balanced, earn = (visited(mode) for mode in ("fixed", "balanced", "earn"))
    assert len(fixed.experiment.allocations) == 1
    lost = [each.crowd.lost(each.arms) for each in (fixed, balanced, earn)]
    assert lost[0] > lost[1] > lost[2]
    for each in (balanced, earn):
        assert each.leader == SMALL.best
        assert all(min(allocation.weights) > 0 for allocation in each.experiment.allocations)


def test_late_conversions_are_known_when_they_come_and_visitors_count_for_less_until_then():
    late = replace(SMALL, delay_hours=36.0)
    course = visited("earn", scenario=late)
    delay = course.results.health.delay
    assert delay is not None
    assert sum(arm.effective_visitors for arm in delay.arms) < 0.97 * 1_200
    assert course.converted_at.max() <= course.crowd.ends_at
    at_once, in_time = visited("fixed"), visited("fixed", scenario=late)
    assert np.array_equal(at_once.arms, in_time.arms)
    assert sum(in_time.conversions) < sum(at_once.conversions)
    converted = at_once.converted_at != NEVER
    assert np.array_equal(at_once.converted_at[converted], at_once.crowd.at[converted])


@pytest.mark.parametrize(
    ("mode", "delay_hours"), [("balanced", None), ("balanced", 24.0), ("earn", 24.0), ("learn", None)]
)
def test_each_refresh_publishes_what_an_appliance_would(mode: AllocationMode, delay_hours: float | None):
    site = {"name": "Site", "true_rates": {"a": 0.3, "worse": 0.05, "better": 0.5, "alike": 0.3}}
    scenario = replace(scenario_of(site), mode=mode, delay_hours=delay_hours, visitors=800)
    course = _Course(scenario, Crowd.of(scenario, 1))
    published = harmed = 0
    for came in range(40, 800, 40):
        course.let_in(came - 40, came)
        now, before = course._now(came), course._experiment
        wanted = renew(before, course._observations(came, now), course._history, now=now).weights
        harmed += bool(course._harmed(course._counts(came, now)))
        course.refresh(came)
        assert course._experiment.weights == (before.weights if wanted is None else wanted)
        published += wanted is not None
    assert published >= 3
    # Where enough visitors go on seeing the worse one, the proof comes, and counts.
    assert harmed >= 3 or mode != "balanced"


def test_looks_are_few_and_among_the_refreshes():
    balanced = visit(SMALL, 1)
    refreshed = [each.visitors for each in balanced.refreshed]
    looks = [look.visitors for look in balanced.looks]
    assert set(looks) <= set(refreshed)
    assert {100, 1_000, 1_200} <= set(looks)
    assert looks == sorted(looks)
    assert 15 <= len(looks) <= 25
    assert refreshed == list(range(10, 1_201, 10))
    for chances in [*(each.p_best for each in balanced.refreshed), *(look.p_best for look in balanced.looks)]:
        assert sum(chances) == pytest.approx(1)


def test_a_handful_of_visitors_is_no_problem():
    course = visited(scenario=replace(SMALL, visitors=3))
    assert sum(course.exposed) == 3
    assert course.results.decision.status == "collecting"


def test_the_tables_say_what_happened(balanced: Visits):
    matrix, people, allocations, looks = (
        rows(table(balanced)) for table in (matrix_csv, visitors_csv, allocations_csv, looks_csv)
    )
    assert [row["arm"] for row in matrix] == ["control", "question", "numbers", "promise"]
    for row in matrix:
        of_arm = [person for person in people if person["arm"] == row["arm"]]
        assert int(row["visitors"]) == len(of_arm)
        assert int(row["conversions"]) == sum(int(person["converted"]) for person in of_arm)
        assert float(row["rate"]) == pytest.approx(int(row["conversions"]) / len(of_arm), abs=1e-6)
    assert len(people) == 1_200
    for person in people[::24]:
        allocation = allocations[int(person["allocation"]) - 1]
        assert person["propensity"] == allocation[person["arm"]]
    assert [int(row["from_visitor"]) for row in allocations] == sorted(balanced.from_visitor)
    assert looks[-1]["visitors"] == "1200"


def test_a_row_of_the_matrix_is_a_combination_with_a_column_for_each_element():
    matrix = rows(matrix_csv(visited(scenario=replace(MULTI_ELEMENT, visitors=900))))
    assert [(row["cta"], row["copy"]) for row in matrix] == [(cta, copy) for cta in "abc" for copy in "xyz"]
    assert all(row["arm"] == f"{row['cta']}.{row['copy']}" for row in matrix)
    assert sum(int(row["visitors"]) for row in matrix) == 900


def test_policies_see_the_same_site():
    late = replace(MULTI_ELEMENT, delay_hours=12.0, days=10.0, drift="weekend")
    world = world_of(late)
    assert (world.rates, world.visitors, world.shape) == (late.rates, 10_000, "weekend")
    assert world.design == late.experiment(0).design
    assert world.delay == pytest.approx(10_000 / 20)  # half a day of ten


def test_courses_of_policies_are_the_same_whoever_plays_them():
    def backwards(play, parts):
        return reversed([play(part) for part in reversed(list(parts))])

    site = replace(HEADLINE, visitors=600)
    courses, again = (
        policy_courses(site, ["even", "earn", "ucb1"], 11, 4, each=each) for each in (map, backwards)
    )
    assert courses_csv(courses) == courses_csv(again)
    even, earn, _ = (course.points[-1] for course in courses)
    assert even.visitors == earn.visitors == 600
    assert even.regret == pytest.approx(600 * (0.1 - sum(SMALL.rates) / 4), rel=0.05)
    assert earn.regret + 2 * earn.error < even.regret
    table = rows(courses_csv(courses))
    assert {row["policy"] for row in table} == {"even", "earn", "ucb1"}
    assert len(table) == 3 * 50


def found(runs: int, seed: int) -> float | None:
    (course,) = policy_courses(MULTI_ELEMENT, ["earn"], runs, seed)
    return course.points[-1].found


def test_the_winner_that_works_only_together_is_found_from_what_visitors_do_alone():
    assert (found(20, 1) or 0) >= 0.95


@pytest.mark.long
def test_it_is_found_in_nearly_all_of_many_crowds():
    assert (found(100, 2) or 0) >= 0.95
