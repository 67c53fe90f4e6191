"""A report of a simulation adds up, and the same seed writes the same bytes."""

import csv
import io

import pytest

from vibevariant.experiments.simulation import Scenario
from vibevariant.experiments.simulation_report import MOST_AT_ONCE, at_once, batches, report, reported_at
from vibevariant.experiments.winner_rules import RULES

SMALL = Scenario(visitors=1_000, look_every=50, lift=0.6, allocation="adaptive")


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others():
    first, again, other = (report(SMALL, RULES, 30, seed) for seed in (1, 1, 2))
    assert first.calls_csv().encode() == again.calls_csv().encode()
    assert first.lifts_csv().encode() == again.lifts_csv().encode()
    assert first.calls_csv() != other.calls_csv()


def test_a_rule_finds_the_same_whatever_other_rules_are_asked():
    alone, among = report(SMALL, ["e-value"], 30, 1), report(SMALL, RULES, 30, 1)
    assert alone.rows["e-value"] == among.rows["e-value"]


def test_rows_only_grow_and_every_winner_is_right_or_wrong():
    found = report(SMALL, RULES, 60, 3)
    for rule in RULES:
        rows = found.rows[rule]
        assert [row.named for row in rows] == sorted(row.named for row in rows)
        assert all(row.named == row.wrong + row.right <= 60 for row in rows)
    assert found.rows["p-best-95"][-1].right > 0
    assert found.rows["z-test"][-1].harm == 0


def test_where_nothing_differs_every_winner_is_wrong():
    rows = report(Scenario(visitors=1_000, look_every=50), ["p-best-95"], 60, 3).rows["p-best-95"]
    assert rows[-1].named == rows[-1].wrong > 0


@pytest.mark.parametrize("experiments", [1, MOST_AT_ONCE, MOST_AT_ONCE + 1])
def test_batches_hold_all_experiments_and_say_so(experiments):
    scenario = Scenario(visitors=20, look_every=20)
    assert sum(len(part.exposed) for part in batches(scenario, experiments, 1)) == experiments
    told: list[int] = []
    report(scenario, ["z-test"], experiments, 1, advance=told.append)
    assert sum(told) == experiments


def test_fewer_long_experiments_than_short_ones_are_in_memory_together():
    assert at_once(Scenario(visitors=100_000, look_every=1, arms=12)) == 3
    assert at_once(SMALL) == MOST_AT_ONCE


def test_shares_are_reported_at_round_numbers_and_at_the_end():
    assert reported_at(Scenario(visitors=2_500, look_every=50)) == (
        50,
        100,
        200,
        300,
        500,
        1_000,
        2_000,
        2_500,
    )
    assert reported_at(Scenario(visitors=40, look_every=40)) == (40,)


def test_the_csv_has_a_line_for_each_rule_and_number_of_visitors():
    found = report(SMALL, ("z-test", "decision"), 10, 1)
    rows = list(csv.DictReader(io.StringIO(found.calls_csv())))
    assert [(row["rule"], int(row["visitors"])) for row in rows] == [
        (rule, at) for rule in ("z-test", "decision") for at in reported_at(SMALL)
    ]
    lifts = list(csv.DictReader(io.StringIO(found.lifts_csv())))
    assert [row["estimator"] for row in lifts] == ["naive", "mantel-haenszel", "calibrated"]
