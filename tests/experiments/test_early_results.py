"""Early signs have a card of their own, and decide nothing."""

from __future__ import annotations

import random

import pytest

from tests.experiments.observed import read, running, tallies
from vibevariant.stats.engagement import SIGNALS, VisitorSignals


def visitors(engaged: float, each: int = 300, seed: int = 1) -> list[VisitorSignals]:
    """Visitors of two arms; those of the second one do more by so many standard deviations."""
    rng = random.Random(seed)
    rows = []
    for arm in (0, 1):
        for _ in range(each):
            will = rng.gauss(engaged * arm, 1)
            rows.append(
                VisitorSignals(
                    arm, form=float(will > 1.5), click=float(max(0, round(will + 1))),
                    scroll=min(1.0, max(0.0, 0.4 + will / 4)), time=max(0.0, 20 + 15 * will), allocation=1,
                )
            )  # fmt: skip
    return rows


def test_more_engaged_visitors_are_told_of_as_early_signs_and_no_more() -> None:
    counts = tallies([(300, 0), (300, 1)])
    with_signs, without = read(running(), counts, signals=visitors(1.0)), read(running(), counts)
    early = with_signs.early
    assert early.is_claim
    assert (early.arm, early.over, early.leads) == ("arm-1", "arm-0", True)
    assert "Visitors seem more engaged with Page 1 than with Page 0" in early.sentence
    assert "times in 10" in early.sentence
    assert 0.55 < early.p_right < 0.65
    assert early.arms[1].p_best > with_signs.arms[1].p_best_calibrated
    assert set(early.arms[0].signals) == set(SIGNALS)
    assert early.arms[1].signals["click"] > early.arms[0].signals["click"]
    assert sum(early.weights.values()) == pytest.approx(1)
    # Everything else is what it would be without any signs.
    assert with_signs.decision == without.decision
    assert with_signs.arms == without.arms
    assert without.early is None


def test_alike_visitors_are_no_sign() -> None:
    early = read(running(), tallies([(300, 0), (300, 1)]), signals=visitors(0.0)).early
    assert not early.is_claim
    assert early.sentence == "No clear difference so far in how engaged visitors are."


def test_once_conversions_speak_the_signs_step_back() -> None:
    early = read(running(), tallies([(300, 20), (300, 24)]), signals=visitors(1.0)).early
    assert not early.leads


def test_a_site_that_sends_no_signals_has_no_card() -> None:
    silent = [VisitorSignals(arm, form=0.0, click=0.0, visitors=50, allocation=1) for arm in (0, 1)]
    assert read(running(), tallies([(50, 0), (50, 1)]), signals=silent).early is None
