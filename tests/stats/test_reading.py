"""What an experiment's owner is told: the situations that every version has to get right."""

import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from vibevariant.stats.decision import decide, proof_needed
from vibevariant.stats.posterior import Beta
from vibevariant.stats.reading import Reading, read
from vibevariant.stats.situation import HOUR_MS, WEEK_MS, Harm, Situation

START = 1_790_000_000_000
DAY_MS = 24 * HOUR_MS
KEYS = ("a", "b", "c", "d", "e", "f", "g", "h", "i")


def reading(conversions, exposed, days=14.0, **more):
    """One allocation with even weights; the first arm is the control."""
    arms = len(exposed)
    allocations = [((10_000 // arms,) * arms, exposed, conversions)]
    now = START + int(days * DAY_MS)
    return read(KEYS[:arms], 0, allocations, goal="signup", started_ms=START, now_ms=now, **more)


def row(ours):
    return ours.decision.status, ours.decision.reason, ours.decision.arm


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, float) else []


def test_no_data_at_all_asks_to_check_the_setup():
    for allocations in ([], [((5000, 5000), (0, 0), (0, 0))]):
        for started in (None, START):
            ours = read(("a", "b"), 0, allocations, goal="signup", started_ms=started, now_ms=START)
            assert row(ours) == ("collecting", "setup", None)
            assert ours.decision.action == "check the setup"
            assert [arm.rate for arm in ours.arms] == [None, None]
            assert [arm.p_best for arm in ours.arms] == pytest.approx([0.5, 0.5])


def test_no_conversion_in_a_hundred_visitors_still_says_what_is_known():
    ours = reading((0, 0), (50, 50), days=1)
    assert row(ours) == ("collecting", "setup", None)
    # One-sided: 1 - .05^(1/51).
    assert [arm.at_most for arm in ours.arms] == pytest.approx([0.05704] * 2, abs=1e-5)
    assert "below 5.7 %" in ours.decision.sentence
    assert all(arm.expected_loss > 0 for arm in ours.arms)


def test_few_visitors_in_the_first_hours_are_simply_early():
    ours = reading((0, 0), (10, 10), days=0.1)
    assert row(ours) == ("collecting", "early", None)
    assert "About 30 more visitors" in ours.decision.sentence


def test_one_conversion_against_none_is_75_in_100_and_no_proof():
    ours = reading((1, 0), (50, 50))
    assert ours.arms[0].p_best == pytest.approx(0.7524752475, abs=1e-10)
    assert ours.arms[0].p_best_calibrated < 0.57
    assert row(ours) == ("collecting", "early", None)
    assert "no proof of anything" in ours.decision.sentence
    assert "(55 in 100 for a)" in ours.decision.sentence
    assert row(reading((0, 1), (50, 50))) == ("collecting", "early", None)


def test_three_against_one_of_twenty_is_early():
    assert row(reading((1, 3), (20, 20))) == ("collecting", "early", None)


@pytest.mark.parametrize("conversions", [(3, 12), (12, 3)])
def test_twelve_against_three_on_the_third_day_leans(conversions):
    ours = reading(conversions, (300, 300), days=3)
    assert ours.decision.reason == "leaning"
    assert ours.decision.arm == ("b" if conversions == (3, 12) else "a")


def test_fifty_against_ninety_of_a_thousand_ships_after_a_week():
    ours = reading((50, 90), (1000, 1000), days=14)
    assert row(ours) == ("ship", "proven", "b")
    assert ours.decision.action == "ship the arm"
    assert row(reading((50, 90), (1000, 1000), days=6.9)) == ("keep testing", "weekend", "b")


def test_an_arm_that_is_proven_worse_is_stopped_at_once():
    assert row(reading((90, 50), (1000, 1000), days=2)) == ("stop", "harm", "b")


def test_an_arm_that_was_stopped_is_not_stopped_again():
    allocations = [((5000, 5000), (1000, 1000), (90, 50)), ((10_000, 0), (100, 0), (9, 0))]
    ours = read(("a", "b"), 0, allocations, goal="signup", started_ms=START, now_ms=START + 2 * WEEK_MS)
    assert row(ours) == ("ship", "proven", "a")
    assert "gain over b" in ours.decision.sentence


def test_a_dropped_arm_does_not_hold_up_the_others():
    allocations = [
        ((4000, 3000, 3000), (40, 30, 30), (2, 2, 2)),
        ((5000, 5000, 0), (1000, 1000, 0), (50, 95, 0)),
    ]
    ours = read(KEYS[:3], 0, allocations, goal="signup", started_ms=START, now_ms=START + 2 * WEEK_MS)
    assert row(ours) == ("ship", "proven", "b")


def test_a_hair_between_two_arms_of_a_hundred_thousand_does_not_matter():
    ours = reading((5000, 5010), (100_000, 100_000))
    assert row(ours) == ("equivalent", "no matter", None)


def test_visitors_that_go_astray_hide_everything_else():
    ours = reading((20, 60), (610, 390))
    assert row(ours) == ("broken", "split", None)
    assert "610 v 390 where 500 v 500" in ours.decision.sentence


def test_two_warnings_of_a_broken_split_are_an_alarm():
    counts = (588, 412)
    once, twice = reading((30, 30), counts), reading((30, 30), counts, sample_ratio_log_e_before=5.0)
    assert math.log(100) < once.sample_ratio.log_e < math.log(1000) * 1.6
    assert twice.decision.reason == "split"


def test_proof_among_three_arms_needs_twice_the_evidence():
    assert proof_needed(2) == pytest.approx(math.log(20))
    assert proof_needed(3) == pytest.approx(math.log(40))
    ours = reading((300, 310, 450), (7000, 7000, 7000))
    assert row(ours) == ("ship", "proven", "c")
    assert {rival.key for rival in ours.situation.rivals} == {"a", "b"}
    assert row(reading((50, 85, 90), (1000, 1000, 1000)))[1] != "proven"


def test_a_single_arm_is_read_without_a_verdict():
    ours = reading((9,), (100,))
    assert row(ours) == ("keep testing", "open", None)
    assert ours.decision.sure == "There is one arm, so there is nothing to compare."
    assert ours.decision.stakes is None


def test_only_visitors_whose_window_has_closed_are_evidence():
    counts, matured = (1000, 1000), [((5000, 5000), (300, 300), (15, 16))]
    ours = reading((50, 90), counts, matured=matured)
    assert [arm.conversions for arm in ours.arms] == [50, 90]
    assert ours.decision.reason in ("leaning", "open")
    only = read(("a", "b"), 0, matured, goal="signup", started_ms=START, now_ms=START + 2 * WEEK_MS)
    assert [rival.log_e for rival in ours.situation.rivals] == [
        rival.log_e for rival in only.situation.rivals
    ]
    assert [arm.p_best_calibrated for arm in ours.arms] == [arm.p_best_calibrated for arm in only.arms]
    assert sum(ours.sample_ratio.observed) == 2000


def test_harm_on_a_guardrail_stops_the_arm_that_does_it_and_no_other():
    def harmed(log_e, **more):
        return reading((50, 55), (1000, 1000), harms=[Harm("b", "refund", log_e)], **more)

    assert row(harmed(3.1)) == ("stop", "harm", "b")
    assert "b is hurting 'refund'" in harmed(3.1).decision.sentence
    assert row(harmed(2.9))[1] != "harm"


def test_an_arm_that_nobody_gets_any_more_does_no_harm():
    allocations = [((5000, 5000), (1000, 1000), (50, 50)), ((10_000, 0), (100, 0), (9, 0))]
    ours = read(
        ("a", "b"), 0, allocations, goal="signup", started_ms=START, now_ms=START, harms=[Harm("b", "x", 9.0)]
    )
    assert ours.decision.reason != "harm"


def test_a_goal_that_fell_silent_hides_the_rest_while_anything_can_be_done_about_it():
    ours = reading((50, 90), (1000, 1000), silent_since_ms=START)
    assert row(ours) == ("broken", "silent", None)
    assert ours.decision.action == "check the goal"
    assert "last seen on 21 September 2026 at 14:13 UTC" in ours.decision.sentence
    assert row(reading((50, 90), (1000, 1000), silent_since_ms=START, ended=True)) == ("ship", "proven", "b")


def test_little_traffic_and_little_difference_is_told_to_be_hopeless():
    slow = reading((20, 21), (400, 400), visitors_per_week=50)
    assert row(slow) == ("keep testing", "unlikely", None)
    assert slow.situation.p_answer[-1] < 0.2
    assert "unlikely to settle within 8 weeks" in slow.decision.sentence
    assert row(reading((20, 21), (400, 400), visitors_per_week=20_000))[1] == "open"
    assert row(reading((20, 21), (400, 400), visitors_per_week=50, ended=True))[1] == "open"
    assert reading((1, 0), (400, 400), visitors_per_week=50).forecast is None


def test_sentences_call_arms_by_their_names():
    ours = reading((3, 12), (300, 300), names=("Old page", "Bold page"))
    assert ours.decision.arm == "b"
    for said in (ours.decision.sentence, ours.decision.sure, ours.decision.stakes):
        assert "Bold page" in said


def test_the_prior_moves_rates_but_not_the_verdict():
    flat, informed = reading((3, 12), (300, 300)), reading((3, 12), (300, 300), prior=Beta(1, 19))
    assert informed.arms[0].posterior == Beta(4, 316)
    assert informed.decision == flat.decision


def test_weeks_are_counted_from_the_start_and_the_next_look_is_a_full_one():
    ours = reading((5, 5), (100, 100), days=8).situation
    assert (ours.full_weeks, ours.next_look_ms, ours.elapsed_hours) == (1, START + 2 * WEEK_MS, 192)
    early = read(("a", "b"), 0, [], goal="signup", started_ms=START, now_ms=START - 5).situation
    assert (early.full_weeks, early.elapsed_hours) == (0, 0)


@pytest.mark.parametrize(
    ("arms", "control", "allocations"),
    [
        (("a", "a"), 0, []),
        (("a", "b"), 2, []),
        ((), 0, []),
        (("a", "b"), 0, [((5000, 5000), (1,), (0, 0))]),
        (("a", "b"), 0, [((5000, 5000), (1, 1), (2, 0))]),
    ],
)
def test_what_no_experiment_can_give_is_refused(arms, control, allocations):
    with pytest.raises(ValueError):
        read(arms, control, allocations, goal="signup", started_ms=START, now_ms=START)


@st.composite
def experiments(draw):
    arms = draw(st.integers(1, 6))
    allocations = []
    for _ in range(draw(st.integers(0, 3))):
        weights = draw(st.lists(st.integers(0, 10_000), min_size=arms, max_size=arms).filter(any))
        exposed = draw(
            st.lists(st.one_of(st.integers(0, 60), st.integers(0, 10**6)), min_size=arms, max_size=arms)
        )
        conversions = [draw(st.integers(0, count)) for count in exposed]
        allocations.append((weights, exposed, conversions))
    days = draw(st.floats(0, 400))
    control = draw(st.integers(0, arms - 1))
    now = START + int(days * DAY_MS)
    return read(KEYS[:arms], control, allocations, goal="signup", started_ms=START, now_ms=now)


@settings(max_examples=150, deadline=None)
@given(experiments())
def test_any_counts_make_a_reading_of_finite_numbers_that_json_holds(ours):
    text = TypeAdapter(Reading).dump_json(ours)
    assert TypeAdapter(Reading).validate_json(text) == ours
    assert all(math.isfinite(number) for number in numbers(json.loads(text)))
    assert sum(arm.p_best_calibrated for arm in ours.arms) == pytest.approx(1, abs=1e-9)
    # The verdict and its words can be made again from what the JSON holds.
    again = TypeAdapter(Situation).validate_python(json.loads(text)["situation"])
    assert decide(again) == ours.decision


def test_a_reading_has_a_schema_with_its_vocabulary():
    schema = TypeAdapter(Reading).json_schema()
    assert schema["$defs"]["Decision"]["properties"]["status"]["enum"] == [
        *("broken", "collecting", "keep testing", "equivalent", "ship", "stop")
    ]
    assert set(schema["required"]) == {field.name for field in dataclasses.fields(Reading)}
