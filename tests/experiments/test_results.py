"""Results carry the counts and what follows from them; the weights follow the results."""

from __future__ import annotations

import pytest

from tests.experiments.observed import START, WEEK, converted, read, running, tallies
from vibevariant.experiments.experiment import WHOLE, Status
from vibevariant.experiments.lifecycle import complete, pause, reallocate
from vibevariant.experiments.observations import HourCount
from vibevariant.experiments.results import OPINIONS_DIFFER
from vibevariant.experiments.tallies import HOUR, Tally


def test_the_counts_of_an_arm_are_those_of_its_tallies_over_all_allocations() -> None:
    hero = reallocate(running(), [7000, 3000], WHOLE, START + 1, "refresh", "x")
    seen = read(
        hero, tallies([(50, 0), (50, 1)]) + tallies([(70, 2), (30, 3)], allocation=2), now=START + WEEK
    )
    assert [(a.exposed, a.conversions, a.primary_event_count, a.weight) for a in seen.arms] == [
        (120, 2, 4, 0.7),
        (80, 4, 6, 0.3),
    ]
    assert seen.arms[1].primary_conversion_rate == pytest.approx(0.05)
    assert (seen.summary.exposed, seen.summary.conversions) == (200, 6)
    # The prior before any history is Beta(1, 19).
    assert (seen.arms[0].posterior.alpha, seen.arms[0].posterior.beta) == (3, 137)
    assert (seen.prior.kind, seen.prior.alpha, seen.prior.beta) == ("learned", 1, 19)


def test_another_goal_has_its_own_conversions_and_the_same_visitors() -> None:
    counts = [*tallies([(50, 5), (50, 6)]), Tally(1, 1, 2, 0, "", 0, 3, 4, 12500000)]
    hero = running()
    seen = read(hero, counts, now=START + WEEK, goal=hero.goals[1])
    assert [(a.exposed, a.conversions, a.value) for a in seen.arms] == [(50, 0, 0), (50, 3, 12.5)]


def test_one_conversion_against_none_is_finite_and_no_proof() -> None:
    seen = read(running(), tallies([(50, 0), (50, 1)]), now=START + WEEK)
    assert seen.arms[1].p_best == pytest.approx(0.7518, abs=1e-4)
    flat = read(running(prior="flat"), tallies([(50, 0), (50, 1)]), now=START + WEEK)
    assert flat.arms[1].p_best == pytest.approx(0.7525, abs=1e-4)
    assert (seen.decision.status, seen.decision.reason) == ("collecting", "early")
    assert "no proof" in seen.decision.sentence
    assert seen.arms[0].posterior.at_most < 0.06


def test_nothing_at_all_is_still_an_answer() -> None:
    seen = read(running(), [], now=START)
    assert seen.summary.conversion_rate is None
    assert [a.p_best for a in seen.arms] == pytest.approx([0.5, 0.5])
    assert seen.decision.reason == "setup"


def test_an_experiment_that_has_ended_is_read_as_at_its_end() -> None:
    hero = complete(running(), START + 3 * 86_400_000, "owner")
    counts = tallies([(1000, 50), (1000, 90)])
    assert read(hero, counts, now=START + 5 * WEEK).decision == read(hero, counts, now=hero.ended_at).decision
    assert read(hero, counts, now=START + 5 * WEEK).decision.reason == "weekend"


def test_the_status_of_a_result_is_that_of_its_experiment() -> None:
    assert read(running(), [], now=START).status is Status.RUNNING


def test_a_guardrail_that_an_arm_breaks_stops_the_arm() -> None:
    goals = [{"key": "signup", "role": "primary"}, {"key": "checkout", "role": "guardrail"}]
    hero = running(goals=goals)
    seen = read(hero, tallies([(1000, 50), (1000, 55)]) + converted([90, 45], goal_id=2))
    assert (seen.decision.status, seen.decision.reason, seen.decision.arm) == ("stop", "harm", "arm-1")
    assert "Page 1 is hurting 'checkout'" in seen.decision.sentence
    (guardrail,) = seen.goals
    assert [(arm.harmed, arm.conversions) for arm in guardrail.arms] == [(False, 90), (True, 45)]


def test_sentences_and_situation_are_about_the_arms_by_name() -> None:
    seen = read(running(), tallies([(300, 3), (300, 12)]), now=START + 3 * 86_400_000)
    assert seen.decision.arm == "arm-1"
    assert "Page 1" in seen.decision.sentence
    assert seen.situation.leader == "arm-1"


def test_a_goal_that_went_silent_breaks_a_running_experiment_only() -> None:
    hours = [HourCount(START // HOUR + n, 50, 5 if n < 20 else 0) for n in range(60)]
    counts = tallies([(1500, 50), (1500, 50)])
    seen = read(running(), counts, hours=hours)
    assert (seen.decision.status, seen.decision.reason) == ("broken", "silent")
    assert seen.health.silence.last_seen_ms == (START // HOUR + 19) * HOUR
    assert seen.health.silence.visitors_since == 2000
    paused = read(pause(running(), START + 1, "owner"), counts, hours=hours)
    assert paused.decision.reason != "silent"


def test_a_forecast_needs_visitors_of_late_and_an_end_that_is_open() -> None:
    hours = [HourCount(START // HOUR + n, 10, 1) for n in range(24 * 7)]
    counts = tallies([(840, 84), (840, 84)])
    seen = read(running(), counts, hours=hours)
    assert seen.forecast is not None
    assert seen.forecast.p_answer == tuple(sorted(seen.forecast.p_answer))
    assert seen.situation.p_answer == seen.forecast.p_answer
    assert read(running(), counts).forecast is None
    assert read(complete(running(), START + WEEK, "owner"), counts, hours=hours).forecast is None


def test_traffic_that_changed_while_a_bandit_ran_is_noted() -> None:
    hero = reallocate(running(), [2000, 8000], WHOLE, START + 1, "refresh", "x")
    counts = tallies([(1000, 30), (1000, 30)]) + tallies([(400, 36), (1600, 144)], allocation=2)
    seen = read(hero, counts)
    assert any(note.startswith("Traffic mix changed") for note in seen.notes)
    assert seen.arms[1].had_all_seen.mean == pytest.approx(seen.arms[0].had_all_seen.mean, abs=0.003)
    assert not any(
        note.startswith("Traffic mix") for note in read(running(), tallies([(500, 50), (500, 55)])).notes
    )


def test_where_opinions_beforehand_decide_it_is_noted() -> None:
    seen = read(running(), tallies([(300, 3), (300, 12)]))
    assert seen.prior.flips is (OPINIONS_DIFFER in seen.notes)
    assert seen.prior.flips
    assert {verdict.arm for verdict in seen.prior.verdicts} == {None, "arm-1"}  # arms go by their keys
    assert not read(running(), tallies([(300, 10), (300, 10)])).prior.flips
