"""A small part of bench/decisions.py: are false winners as rare, and early chances as true, as the page has it?"""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.archive import SHUFFLES, SIZES, Said, calibration, counts_of, drawn, split_of, verdicts
from bench.decisions import BETTER, EQUAL, PAGE, TINY, outcome
from bench.decisions_page import AT, RULES, Outcome, page, percent
from bench.said_and_true import PICTURE, rows_of, sentence
from bench.said_and_true import drawn as picture_of
from vibevariant.experiments.recorded import RecordedArm, RecordedExperiment
from vibevariant.stats.sentences import FALSE_ALARMS

WRITTEN = PAGE.read_text(encoding="utf-8")
README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def some(cell, tests: int) -> Outcome:
    return outcome(replace(cell, tests=tests), 1.0, map)


def test_a_hundred_visitors_prove_nothing():
    for cell in TINY:
        assert some(cell, 200).in_all == 0, cell.words


@pytest.mark.parametrize("cell", [EQUAL[0], EQUAL[3], EQUAL[7]], ids=lambda cell: cell.words)
def test_looking_all_the_time_makes_no_winner_where_nothing_differs(cell):
    found = some(replace(cell, scenario=replace(cell.scenario, visitors=20_000)), 200)
    # 2.5 in 100, with three standard errors of room.
    assert found.in_all <= 200 * (0.025 + 3 * math.sqrt(0.025 * 0.975 / 200))
    assert found.called_in_all >= found.in_all


def test_a_real_difference_is_proven_and_named():
    found = some(BETTER[0], 100)
    assert found.in_all >= 90
    assert found.right >= found.in_all - 2
    assert np.median(found.shipped) < 4_500


def test_the_same_cell_has_the_same_experiments_and_another_one_others():
    first, again = some(BETTER[0], 100), some(BETTER[0], 100)
    assert first.shipped.tolist() == again.shipped.tolist()
    other = some(replace(BETTER[0], name="other"), 100)
    assert first.shipped.tolist() != other.shipped.tolist()


@pytest.fixture(scope="module")
def archive() -> list[RecordedExperiment]:
    """Tests like the archive's: rates around 1.3 %, arms whose log rates lie .21 around their mean."""
    rng = np.random.default_rng(11)
    made = []
    for number in range(45):
        arms = int(rng.integers(3, 6))
        rates = 0.013 * np.exp(rng.normal(0, 0.3) + rng.normal(0, 0.21, arms))
        exposed = rng.multinomial(3_000 * arms, np.full(arms, 1 / arms))
        counts = zip(exposed.tolist(), rng.binomial(exposed, rates).tolist(), strict=True)
        made.append(
            RecordedExperiment(
                str(number), tuple(RecordedArm(f"arm-{k}", n, s) for k, (n, s) in enumerate(counts))
            )
        )
    return made


def test_early_chances_are_true_where_flat_priors_claim_too_much(archive):
    found = [verdicts(test, np.random.default_rng([1, number])) for number, test in enumerate(archive)]
    for size in (300, 3_000):
        ours, flat = (calibration([test[rule, size] for test in found]) for rule in ("ours", "flat"))
        assert abs(ours.said - ours.true) < 0.02 + 3 * ours.error
        assert flat.said - flat.true > 0.05


def test_a_draw_takes_each_visitor_at_most_once_and_keeps_the_shares(archive):
    test = archive[0]
    exposed, converted = counts_of(test)
    shown, reached = drawn(test, int(exposed.sum()), np.random.default_rng(1))
    assert (shown.tolist(), reached.tolist()) == (exposed.tolist(), converted.tolist())
    rng = np.random.default_rng(2)
    draws = np.array([drawn(test, 1_000, rng) for _ in range(400)])
    assert (draws[:, 0].sum(axis=1) == 1_000).all()
    assert draws[:, 0].mean(axis=0) == pytest.approx(1_000 * exposed / exposed.sum(), abs=4)
    assert draws[:, 1].mean(axis=0) == pytest.approx(1_000 * converted / exposed.sum(), abs=0.8)


def test_a_broken_split_is_seen_and_a_shuffle_of_it_is_not(archive):
    one = archive[0]
    lost = replace(one, arms=(replace(one.arms[0], exposed=one.arms[0].exposed * 4 // 5), *one.arms[1:]))
    rng = np.random.default_rng(3)
    assert split_of(lost, rng).broken
    assert split_of(lost, rng).by_chi_squared
    splits = [split_of(test, rng) for test in archive]
    assert not any(split.broken for split in splits)
    assert sum(split.broken_shuffles for split in splits) <= 0.01 * SHUFFLES * len(splits)


def test_said_and_true_are_averages_over_draws_and_their_error_is_over_tests():
    by_test = [
        [Said(0.2, 0.1, False), Said(0.4, 0.5, True), Said(0.3, 0.3, False)],
        [Said(0.6, 0.3, True), Said(0.8, 0.5, False), Said(0.7, 0.4, True)],
    ]
    found = calibration(by_test)
    assert (found.tests, found.said, found.true) == (2, pytest.approx(0.5), pytest.approx(0.35))
    assert found.still_leads == 0.5
    # Said less true is 0 in the one test and .3 in the other, on average.
    assert found.error == pytest.approx(0.3 / math.sqrt(2) / math.sqrt(2))
    many = calibration([[Said(k / 100, k / 100 if k < 80 else 0.5, True)] for k in range(100)])
    assert [said for said, _ in many.fifths] == pytest.approx([0.095, 0.295, 0.495, 0.695, 0.895])
    assert many.farthest_fifth == pytest.approx(0.395)


def test_an_outcome_counts_those_that_ended_by_then():
    ended = Outcome(TINY[0], 5, np.array([100.0, 300.0, 301.0, np.inf, np.inf]), np.full(5, 20.0), 2)
    assert [ended.by(at) for at in AT[:3]] == [1, 2, 3]
    assert (ended.in_all, ended.called_in_all) == (3, 5)
    assert percent(25, 1_000) == "2.50 ± 0.49"
    assert percent(0, 1_000) == "0"


def test_a_figure_that_was_not_reached_is_called_so():
    winners = Outcome(EQUAL[0], 100, np.full(100, 50.0), np.full(100, 50.0), 0)
    true = calibration([[Said(0.5, 0.5, True)]] * 5)
    off = calibration([[Said(0.9, 0.5, True)]] * 5)
    split = split_of(
        RecordedExperiment("a", (RecordedArm("x", 10, 1), RecordedArm("y", 10, 1))), np.random.default_rng(1)
    )
    said = {(rule, size): true if rule == "ours" else off for rule in RULES for size in SIZES}
    better = replace(winners, cell=BETTER[0])
    text = page(1, [winners, better, replace(winners, cell=TINY[0])], said, [split])
    rows = [line for line in text.splitlines() if line.endswith(("reached |", "reached** |"))]
    assert [row.endswith("**not reached** |") for row in rows] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
        False,
    ]


def test_the_picture_is_drawn_from_the_page():
    rows = rows_of(WRITTEN)
    assert [(row[0], row[1]) for row in rows] == [
        (rule, size) for rule in ("flat priors, rates independent", "VibeVariant") for size in SIZES
    ]
    assert PICTURE.read_text(encoding="utf-8") == picture_of(rows)


def test_a_readme_that_shows_the_picture_says_what_it_shows():
    if PICTURE.name in README:
        assert sentence(rows_of(WRITTEN)) in " ".join(README.split())


def test_the_constant_on_the_page_is_the_highest_row_rounded_up():
    highest = re.search(r"\| \*\*highest of these, and of those below\*\* \| \| (.*?) \| \|", WRITTEN)
    constant = re.search(r"FALSE_ALARMS = \((.*)\)", WRITTEN)
    assert highest is not None
    assert constant is not None
    shares = [float(share.strip("* ")) for share in highest[1].split("|")]
    pairs = [
        (int(at.replace("_", "")), float(share)) for at, share in re.findall(r"\((\S+), (\S+)\)", constant[1])
    ]
    assert [at for at, _ in pairs] == list(AT)
    for (_, rounded), share in zip(pairs, shares, strict=True):
        assert share - 0.006 <= 100 * rounded <= share + 0.106
    # What every decision says of the rule's own record is what was measured.
    assert tuple(pairs) == FALSE_ALARMS
