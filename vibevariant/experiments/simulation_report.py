"""What a simulation found: calls by number of visitors for each rule, and the lift for each estimator."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.experiments.simulated_lifts import ESTIMATORS, Estimates, Estimator, estimates
from vibevariant.experiments.simulation import Scenario, Simulated, simulate
from vibevariant.experiments.winner_rules import NOBODY, Calls, Rule, calls

# Cells of counts that are in memory at a time.
AT_ONCE = 4_000_000
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CallRow:
    """Experiments in which a rule has named a winner by so many visitors, and those in which it said "harm"."""

    visitors: int
    named: int
    wrong: int
    right: int
    harm: int

    def __add__(self, other: CallRow) -> CallRow:
        return CallRow(
            self.visitors,
            self.named + other.named,
            self.wrong + other.wrong,
            self.right + other.right,
            self.harm + other.harm,
        )


@dataclass(frozen=True, slots=True)
class Report:
    experiments: int
    rules: tuple[Rule, ...]
    rows: dict[Rule, tuple[CallRow, ...]]
    lifts: dict[Estimator, Estimates]

    def calls_csv(self) -> str:
        """One line for each rule and number of visitors."""
        head = ("rule", "visitors", "experiments", "named", "wrong", "right", "harm")
        return _csv(
            head,
            (
                (rule, row.visitors, self.experiments, row.named, row.wrong, row.right, row.harm)
                for rule in self.rules
                for row in self.rows[rule]
            ),
        )

    def lifts_csv(self) -> str:
        """One line for each estimator; empty where there is nothing to say."""
        head = ("estimator", "experiments", "known", "bias_log_ratio", "bias_error", "coverage_95")
        return _csv(
            head,
            (
                (
                    name,
                    e.experiments,
                    e.known,
                    *(_digits(part) for part in (e.bias, e.bias_error, e.coverage)),
                )
                for name, e in self.lifts.items()
            ),
        )


def _csv(head: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def at_once(scenario: Scenario) -> int:
    """How many experiments fit into memory together."""
    return max(1, min(MOST_AT_ONCE, AT_ONCE // (len(scenario.looks) * scenario.arms)))


def batches(scenario: Scenario, experiments: int, seed: int) -> Iterator[Simulated]:
    """The experiments, as many at a time as fit; each batch has a seed of its own, made from this one."""
    most = at_once(scenario)
    sizes = [min(most, experiments - start) for start in range(0, experiments, most)]
    for size, own in zip(sizes, np.random.SeedSequence(seed).spawn(len(sizes)), strict=True):
        yield simulate(scenario, size, np.random.default_rng(own))


def report(
    scenario: Scenario,
    rules: Sequence[Rule],
    experiments: int,
    seed: int,
    *,
    threshold: float | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """Simulate, look with every rule at the same experiments, and count.

    Args:
        threshold: what the rules ask for, where it is theirs to choose.
        advance: told after every batch how many experiments it had.
    """
    at = reported_at(scenario)
    rows = {rule: [CallRow(visitors, 0, 0, 0, 0) for visitors in at] for rule in rules}
    lifts: dict[Estimator, Estimates] = dict.fromkeys(ESTIMATORS, Estimates())
    for simulated in batches(scenario, experiments, seed):
        for rule in rules:
            found = counted(calls(rule, simulated, threshold), simulated, at)
            rows[rule] = [before + new for before, new in zip(rows[rule], found, strict=True)]
        for name, each in estimates(simulated).items():
            lifts[name] += each
        advance(len(simulated.exposed))
    return Report(experiments, tuple(rules), {rule: tuple(each) for rule, each in rows.items()}, lifts)


def reported_at(scenario: Scenario) -> tuple[int, ...]:
    """1, 2, 3, 5 and 10 times the powers of ten, as far as there are looks, and the end."""
    round_numbers = (step * 10**power for power in range(1, 7) for step in (1, 2, 3, 5))
    chosen = {at for at in round_numbers if scenario.looks[0] <= at < scenario.visitors}
    return (*sorted(chosen), scenario.visitors)


def counted(found: Calls, simulated: Simulated, at: Sequence[int]) -> list[CallRow]:
    """How many experiments have had their call by each of these numbers of visitors."""
    visitors = np.array(simulated.looks)
    best = simulated.scenario.best
    right = found.arm == (NOBODY if best is None else best)
    rows = []
    for most in at:
        named = (found.look != NOBODY) & (visitors[found.look] <= most)
        harm = (found.harm != NOBODY) & (visitors[found.harm] <= most)
        correct = int((named & right).sum())
        rows.append(CallRow(most, int(named.sum()), int(named.sum()) - correct, correct, int(harm.sum())))
    return rows
