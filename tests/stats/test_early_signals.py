import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

import vibevariant.stats
from bench.early_signals import OF_DIFFERENCE, claims, past, row, visitors, winners
from tests.stats.test_signal_weights import rows
from vibevariant.stats.early_signals import (
    MISSED,
    always_valid,
    early_sentence,
    early_signs,
    reliability,
    right_arm,
)
from vibevariant.stats.effect_correlation import BEFORE_EXPERIMENTS, CORRELATIONS, EffectCorrelation
from vibevariant.stats.engagement import VisitorSignals, signal_table

KEYS = ["A", "B", "C", "D"]


def readers(*deep, of=400):
    """Of each arm's visitors, so many read far and click, and the others do neither."""
    return signal_table(
        VisitorSignals(arm, click=click, scroll=scroll, visitors=many)
        for arm, far in enumerate(deep)
        for click, scroll, many in ((1, 90, far), (0, 10, of - far))
    )


@pytest.mark.parametrize(
    ("visitors", "r", "expected"),
    [(100, 0.3, 0.574), (100, 0.5, 0.625), (100, 0.8, 0.711), (400, 0.5, 0.653)],
)
def test_the_closed_form_gives_the_published_figures(visitors, r, expected):
    # An index of reliability .64 shows .8 of a difference of spread .3.
    reliable = reliability(math.sqrt(4 / visitors), 0.8 * 0.3 / math.sqrt(2))
    assert right_arm(r, reliable) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("r", [0.0, 0.1, 0.5, 0.95])
def test_the_closed_form_is_the_chance_of_equal_signs(r):
    seen = r * math.sqrt(0.6)
    both_below = multivariate_normal([0, 0], [[1, seen], [seen, 1]]).cdf([0, 0])
    assert right_arm(r, 0.6) == pytest.approx(2 * both_below, abs=1e-6)


@pytest.mark.parametrize(("r", "base"), [(0.3, 0.03), (0.5, 0.05), (0.8, 0.01)])
def test_at_100_visitors_the_right_arm_is_found_as_often_as_is_said(r, base):
    found = row(100, base, r, r, experiments=1500, seed=11)
    assert found["proxy"] == pytest.approx(found["closed"], abs=0.02)
    assert found["stated"] - found["both"] < 0.02


def test_at_100_visitors_equal_arms_never_win():
    assert [winners(base, experiments=300, seed=1) for base in (0.02, 0.2, 0.5)] == [0, 0, 0]


@given(st.floats(-2, 2), st.floats(0.01, 2), st.floats(0.05, 0.5), st.floats(0.001, 0.3))
def test_at_the_ends_of_the_interval_the_mixture_reaches_its_bound(difference, error, spread, missed):
    low, high = always_valid(difference, error, spread, missed)
    wide = math.sqrt(error**2 + 2 * spread**2)
    for end in (low, high):
        e_value = norm.logpdf(difference, end, wide) - norm.logpdf(difference, end, error)
        assert e_value == pytest.approx(-math.log(missed), rel=1e-6)


def test_looking_often_makes_no_claim_of_equal_arms():
    share, _ = claims(np.random.default_rng(3), 100, (50, 100, 200, 300, 400), None)
    assert share[-1] <= MISSED


def test_a_clear_difference_is_said_as_a_frequency_and_never_as_a_gain():
    signs = early_signs(readers(100, 220), 2)
    assert signs.is_claim
    assert (signs.arm, signs.over) == (1, 0)
    assert signs.interval[0] > 0
    assert early_sentence(signs, KEYS) == (
        "Visitors seem more engaged with B than with A. "
        "These are early signs, not conversions: right about 6 times in 10."
    )
    assert signs.shift.means[1] > 0


def test_the_control_may_lead_and_is_then_compared_with_the_next():
    signs = early_signs(readers(260, 100, 140), 3)
    assert (signs.arm, signs.over) == (0, 2)
    assert "more engaged with A than with C" in early_sentence(signs, KEYS)


@pytest.mark.parametrize(
    ("table", "reason", "words"),
    [
        (signal_table([]), "no visitors", "fewer than two arms"),
        (
            signal_table([VisitorSignals(0, click=1, visitors=9), VisitorSignals(0)]),
            "no visitors",
            "fewer than two",
        ),
        (readers(0, 0), "no engagement", "do not differ"),
        (readers(100, 104), "not clear", "No clear difference"),
        (readers(1, 2, of=2), "not clear", "No clear difference"),
    ],
)
def test_where_there_is_nothing_to_say_it_says_why(table, reason, words):
    signs = early_signs(table, 2)
    assert signs.reason == reason
    assert not signs.is_claim
    assert words in early_sentence(signs, KEYS)


def test_experiments_that_bear_signs_out_make_them_count_for_more():
    learned = past(np.random.default_rng(5), 200, 0.7)
    signs = early_signs(readers(100, 220), 2, correlation=learned)
    assert signs.experiments == 200
    assert "right about 7 times in 10" in early_sentence(signs, KEYS)


def test_where_experiments_have_taught_that_there_is_no_relation_nothing_is_ever_claimed():
    learned = [past(np.random.default_rng(seed), 1000, 0.0) for seed in range(10)]
    assert all(early_signs(readers(1, 399), 2, correlation=each).reason == "not related" for each in learned)
    assert "do not show" in early_sentence(early_signs(readers(50, 350), 2, correlation=learned[0]), KEYS)
    rng = np.random.default_rng(6)
    for _ in range(30):
        table, _ = visitors(rng, 1000, 0.03, interest=float(rng.normal(0, OF_DIFFERENCE)))
        assert not early_signs(table, 2, correlation=learned[1]).is_claim


def test_a_relation_too_weak_to_be_told_from_a_coin_flip_is_not_spoken_of():
    at = np.flatnonzero(CORRELATIONS == 0.15)[0]
    weak = EffectCorrelation(tuple(float(place == at) for place in range(len(CORRELATIONS))), 0.17, 500)
    assert weak.is_related
    assert early_signs(readers(1, 399), 2, correlation=weak).reason == "not related"


def test_what_was_learned_goes_on_to_the_next_experiment():
    table, _ = visitors(np.random.default_rng(7), 800, 0.05)
    first = early_signs(table, 2)
    assert first.weights.conversions == table.converted.sum()
    second = early_signs(table, 2, weights=first.weights)
    assert second.weights.conversions == 2 * first.weights.conversions


@given(st.permutations(range(4)), st.integers(0, 3))
def test_renumbering_arms_renumbers_what_is_said(order, control):
    deep = [100, 220, 140, 90]
    there = early_signs(readers(*deep), 4, control)
    where = [order.index(arm) for arm in range(4)]
    back = early_signs(readers(*(deep[arm] for arm in order)), 4, where[control])
    assert (back.arm, back.over) == (where[there.arm], where[there.over])
    assert back.interval == pytest.approx(there.interval)
    assert back.shift.means == pytest.approx([there.shift.means[arm] for arm in order], abs=1e-9)


@given(rows, st.integers(4, 50))
def test_any_visitors_give_numbers_or_a_reason_and_no_percentage(each, arms):
    signs = early_signs(signal_table(each), arms)
    given_numbers = (signs.difference, signs.interval, signs.p_right)
    assert all((number is None) == (signs.arm is None) for number in given_numbers)
    assert np.isfinite(
        [0.0 if number is None else number for number in (signs.difference, signs.p_right)]
    ).all()
    assert np.isfinite(signs.shift.means).all()
    assert 0 < signs.shift.kept <= 1
    sentence = early_sentence(signs, [f"arm {arm}" for arm in range(arms)])
    assert "%" not in sentence
    assert "nan" not in sentence


def test_evidence_and_decisions_know_nothing_of_early_signs():
    folder = Path(vibevariant.stats.__file__).parent
    for name in ("evidence", "decision", "health", "fixed_sample", "exact_tests", "multiplicity"):
        text = (folder / f"{name}.py").read_text()
        assert not any(
            word in text for word in ("early_signals", "engagement", "prior_shift", "effect_correlation")
        )


def test_the_usual_correlation_is_right_about_6_times_in_10():
    assert right_arm(BEFORE_EXPERIMENTS.used, 1.0) == pytest.approx(0.6, abs=0.005)
