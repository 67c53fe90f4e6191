"""Guardrails stand alone, secondary goals together."""

from __future__ import annotations

from tests.experiments.observed import converted, read, running, tallies

GOALS = [
    {"key": "signup", "role": "primary"},
    {"key": "checkout", "role": "guardrail"},
    *({"key": f"goal-{n}", "role": "secondary"} for n in range(3)),
]


def other_goals(*conversions: list[int], arms: int = 2):
    counts = tallies([(1000, 50)] * arms)
    for goal_id, counted in enumerate(conversions, start=2):
        counts += converted(counted, goal_id)
    return read(running(goals=GOALS, arms=arms), counts).goals


def test_every_goal_but_the_one_that_is_read_has_its_arms() -> None:
    goals = other_goals([90, 80])
    assert [(goal.key, goal.role) for goal in goals] == [
        ("checkout", "guardrail"), ("goal-0", "secondary"), ("goal-1", "secondary"), ("goal-2", "secondary"),
    ]  # fmt: skip
    control, arm = goals[0].arms
    assert (control.exposed, control.conversions, control.rate) == (1000, 90, 0.09)
    assert (control.lift, control.p_better, control.evidence) == (None, None, None)
    assert arm.lift["0.5"] < 0
    assert arm.p_better < 0.5


def test_a_guardrail_is_harmed_by_proof_and_not_by_a_bad_day() -> None:
    assert [arm.harmed for arm in other_goals([90, 45])[0].arms] == [False, True]
    assert [arm.harmed for arm in other_goals([90, 75])[0].arms] == [False, False]
    # A better one harms nothing, and nor does a secondary goal.
    assert not any(arm.harmed for goal in other_goals([45, 90], [90, 45]) for arm in goal.arms)


def test_more_arms_need_more_proof_of_harm() -> None:
    two = other_goals([90, 55])[0].arms[1]
    assert two.harmed
    assert not other_goals([90, 55, 90, 90, 90], arms=5)[0].arms[1].harmed


def test_of_many_secondary_goals_a_single_lucky_one_is_not_believed() -> None:
    lucky = [50, 87]
    alone = other_goals([50, 50], lucky, lucky, lucky)
    assert all(goal.arms[1].changed for goal in alone[1:])
    among = other_goals([50, 50], lucky, [50, 50], [50, 50])
    assert 20 < among[1].arms[1].evidence.e_value < 60
    assert not among[1].arms[1].changed
