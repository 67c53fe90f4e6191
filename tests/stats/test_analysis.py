"""Counts alone, read whole."""

import json
import math

import pytest
from pydantic import TypeAdapter

from vibevariant.stats.allocation import observed_weights
from vibevariant.stats.analysis import Analysis, analyse
from vibevariant.stats.reading import ranked, read
from vibevariant.stats.situation import HOUR_MS

EVEN = (5_000, 5_000)
KEYS = ("control", "b", "c")


def analysed(allocations, hours=0):
    """The counts read and analysed; the first arm is the control."""
    keys = KEYS[: len(allocations[0][0])]
    ranking = ranked(keys, 0, allocations)
    reading = read(keys, 0, allocations, goal="signup", started_ms=0, now_ms=hours * HOUR_MS, ranking=ranking)
    return reading, analyse(reading, ranking, allocations)


def test_the_first_conversion_of_all_is_read_as_close_to_a_coin_flip():
    reading, analysis = analysed([(EVEN, (50, 50), (0, 1))])
    independent, calibrated = reading.arms[1].p_best, reading.arms[1].p_best_calibrated
    assert independent == pytest.approx(0.752475, abs=1e-6)  # what flat priors say
    assert 0.5 < calibrated < 0.56
    assert reading.decision.status == "collecting"
    (pair,) = analysis.comparisons
    assert pair.evidence.lift_95_anytime[1] is None  # nobody converted in the control: no lift is too large
    assert pair.lift.relative["0.975"] > 50  # absurd, and therefore never said aloud
    assert pair.lift.calibrated["0.975"] < 1
    assert pair.few_expected
    assert analysis.overall.few_expected


def test_proof_needs_a_week_and_then_ships():
    counts = [(EVEN, (1_000, 1_000), (50, 110))]
    days = {day: analysed(counts, hours=24 * day)[0].decision for day in (3, 14)}
    assert (days[3].status, days[3].reason) == ("keep testing", "weekend")
    assert (days[14].status, days[14].arm) == ("ship", "b")


def test_the_interval_that_survives_looking_leaves_out_no_difference_exactly_when_there_is_proof():
    for converted in range(50, 120, 5):
        (pair,) = analysed([(EVEN, (1_000, 1_000), (50, converted))])[1].comparisons
        low, high = pair.evidence.lift_95_anytime
        assert (low <= 0 <= high) == (pair.evidence.log_e < math.log(20))


def test_a_base_rate_that_triples_under_a_bandit_is_no_win_and_is_told():
    """One arm gets more visitors while everybody converts more: added up, it looks far better."""
    allocations = [
        ((5_000, 5_000), (1_000, 1_000), (30, 30)),
        ((2_000, 8_000), (400, 1_600), (36, 144)),
    ]
    reading, analysis = analysed(allocations, hours=24 * 14)
    (pair,) = analysis.comparisons
    assert pair.significant
    assert pair.p_better == pytest.approx(0.5, abs=0.05)
    assert pair.traffic_mix.changed
    assert reading.decision.status != "ship"
    rates = [mean.mean for mean in analysis.had_all_seen]
    assert rates[0] == pytest.approx(rates[1], abs=0.003)
    assert pair.difference.estimate > 0.01


def test_a_number_that_there_is_not_has_its_reason():
    (nobody,) = analysed([(EVEN, (0, 0), (0, 0))])[1].comparisons
    assert nobody.difference.estimate is None
    assert nobody.reasons == dict.fromkeys(
        ("z_score", "chi2", "chi2_yates", "fisher_p", "barnard_p", "difference"), "no visitors"
    )
    (many,) = analysed([(EVEN, (5_000, 5_000), (50, 60))])[1].comparisons
    assert many.reasons == {"barnard_p": "too many visitors"}
    assert many.barnard_p is None


def test_the_control_is_nobodys_arm_and_every_other_one_is_compared_with_it():
    _, analysis = analysed([((4_000, 3_000, 3_000), (400, 300, 300), (20, 15, 18))])
    assert [(pair.arm, pair.baseline) for pair in analysis.comparisons] == [
        ("b", "control"),
        ("c", "control"),
    ]
    assert [verdict.prior for verdict in analysis.sensitivity.verdicts] == ["sceptical", "neutral", "learned"]


def test_an_analysis_is_json_and_back():
    for counts in ((0, 0), (0, 1), (50, 90)):
        _, analysis = analysed([(EVEN, (100, 100), counts)])
        text = TypeAdapter(Analysis).dump_json(analysis)
        assert TypeAdapter(Analysis).validate_json(text) == analysis
        assert "NaN" not in json.dumps(json.loads(text))


def test_observed_shares_make_no_proof_out_of_an_uneven_split():
    exposed, converted = (2_000, 1_000), (100, 50)
    read_even = analysed([(EVEN, exposed, converted)])[1].comparisons[0].evidence
    read_observed = analysed([(observed_weights(exposed), exposed, converted)])[1].comparisons[0].evidence
    assert read_even.log_e > 3  # the mistake
    assert read_observed.log_e < 0.1
