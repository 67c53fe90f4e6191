"""Rules that name a winner, and what comes of looking all the time with each of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from vibevariant.errors import InvalidInput
from vibevariant.experiments.screening import MARGIN, Counts, RunningEvidence, chances
from vibevariant.experiments.simulation import Scenario, Simulated
from vibevariant.stats.decision import ENOUGH_CONVERSIONS, PROOF, Status, proof_needed
from vibevariant.stats.evidence import AllocationCounts, evidence, strata
from vibevariant.stats.reading import read
from vibevariant.stats.sentences import HINT_EXPOSED
from vibevariant.stats.situation import WEEK_MS

Rule = Literal["decision", "z-test", "p-best-95", "p-best-99", "expected-loss", "e-value"]
RULES: tuple[Rule, ...] = get_args(Rule)

# What each rule asks for unless told otherwise: a p-value below, a chance above, a loss as a share of the base rate
# below, an e-value of at least. The decision has its own table (`stats.decision`).
THRESHOLDS: dict[Rule, float] = {
    "z-test": 0.05, "p-best-95": 0.95, "p-best-99": 0.99, "expected-loss": 0.01, "e-value": float(PROOF),
}  # fmt: skip
# Those whose names do not say it already.
OPEN_THRESHOLDS: tuple[Rule, ...] = ("z-test", "expected-loss", "e-value")

Flags = NDArray[np.bool_]

NOBODY = -1
"""No look, or no arm."""


@dataclass(frozen=True, slots=True)
class Calls:
    """For every experiment the look at which a winner was first named, which arm that was, and the first look at which
    an arm was said to do harm, which only the decision does; -1 where that never happened.
    """

    look: Counts
    arm: Counts
    harm: Counts


def calls(rule: Rule, simulated: Simulated, threshold: float | None = None) -> Calls:
    """Look at every experiment whenever the scenario does, until the rule names a winner."""
    checked = _threshold(rule, threshold)
    if rule == "decision":
        return _decisions(simulated)
    experiments = len(simulated.exposed)
    names = _namer(rule, simulated, checked)
    look, arm = np.full(experiments, NOBODY), np.full(experiments, NOBODY)
    shown, reached = (np.zeros((experiments, simulated.scenario.arms), np.int64) for _ in range(2))
    for at in range(len(simulated.looks)):
        shown += simulated.exposed[:, at]
        reached += simulated.converted[:, at]
        named = names(at, shown, reached)
        new = (look == NOBODY) & (named != NOBODY)
        look[new], arm[new] = at, named[new]
    return Calls(look, arm, np.full(experiments, NOBODY))


def _threshold(rule: Rule, threshold: float | None) -> float:
    if threshold is None:
        return THRESHOLDS.get(rule, 0.0)
    if rule not in OPEN_THRESHOLDS:
        raise InvalidInput(
            f"The rule {rule} has its own threshold.",
            hint=f"A threshold goes with {', '.join(OPEN_THRESHOLDS)}.",
        )
    most = math.inf if rule == "e-value" else 1.0
    if not (1.0 if rule == "e-value" else 0.0) < threshold < most:
        raise InvalidInput(
            f"A threshold of {threshold} makes no sense for {rule}.",
            hint="An e-value is above 1; a p-value and a loss lie between 0 and 1.",
        )
    return threshold


Namer = Callable[[int, Counts, Counts], Counts]
"""From the number of a look and the totals until then to the arm that is named in each experiment."""


def _namer(rule: Rule, simulated: Simulated, threshold: float) -> Namer:
    if rule == "z-test":
        return lambda _, shown, reached: _by_z(shown, reached, float(ndtri(1 - threshold / 2)))
    if rule == "e-value":
        running = _running(simulated)
        needed = math.log(threshold * (simulated.scenario.arms - 1))

        def by_evidence(at: int, _shown: Counts, _reached: Counts) -> Counts:
            running.add(simulated.weights[:, at], simulated.converted[:, at])
            return _by_evidence(running, needed)

        return by_evidence
    if rule == "expected-loss":
        return lambda _, shown, reached: _by_loss(shown, reached, threshold)

    def by_chance(_: int, shown: Counts, reached: Counts) -> Counts:
        p_best = chances(reached, shown)[0]
        return np.where(p_best.max(axis=1) > threshold, p_best.argmax(axis=1), NOBODY)

    return by_chance


def _running(simulated: Simulated) -> RunningEvidence:
    scenario = simulated.scenario
    return RunningEvidence(len(simulated.exposed), scenario.arms, scenario.conversions)


def _by_z(shown: Counts, reached: Counts, needed: float) -> Counts:
    """The arm with the highest rate, against the control, or if that is the control, against the next one."""
    rates = np.where(shown > 0, reached / np.maximum(shown, 1), -1.0)
    order = np.argsort(-rates, axis=1, kind="stable")
    leader = order[:, 0]
    other = np.where(leader == 0, order[:, 1], 0)
    rows = np.arange(len(shown))
    n, m = shown[rows, leader], shown[rows, other]
    s, r = reached[rows, leader], reached[rows, other]
    pooled = (s + r) / np.maximum(n + m, 1)
    variance = pooled * (1 - pooled) * (1 / np.maximum(n, 1) + 1 / np.maximum(m, 1))
    difference = s / np.maximum(n, 1) - r / np.maximum(m, 1)
    sure = (variance > 0) & (n > 0) & (m > 0) & (difference > needed * np.sqrt(variance))
    return np.where(sure, leader, NOBODY)


def _by_loss(shown: Counts, reached: Counts, threshold: float) -> Counts:
    """The arm that loses least, where that is below a share of the rate of all visitors so far."""
    loss = chances(reached, shown)[1]
    base = reached.sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
    return np.where(loss.min(axis=1) < threshold * base, loss.argmin(axis=1), NOBODY)


def _by_evidence(running: RunningEvidence, needed: float) -> Counts:
    """The arm with the strongest evidence of being better than the control; the control, if all are worse."""
    log_e, better, worse = running.log_e()
    up = np.where(better > worse, log_e, -math.inf)
    down = np.where(worse > better, log_e, -math.inf).min(axis=1) >= needed
    return np.where(up.max(axis=1) >= needed, up.argmax(axis=1) + 1, np.where(down, 0, NOBODY))


def _decisions(simulated: Simulated) -> Calls:
    """`ship` and `stop` as the appliance says them; only looks that may come to either are read in full."""
    experiments = len(simulated.exposed)
    look, arm, harm = (np.full(experiments, NOBODY) for _ in range(3))
    running, totals = _running(simulated), np.zeros_like(simulated.exposed[:, 0])
    shown = totals.copy()
    for at in range(len(simulated.looks)):
        running.add(simulated.weights[:, at], simulated.converted[:, at])
        shown += simulated.exposed[:, at]
        totals += simulated.converted[:, at]
        may_ship, may_stop = candidates(running, shown, totals)
        for one in np.flatnonzero((may_ship & (look == NOBODY)) | (may_stop & (harm == NOBODY))):
            allocations = simulated.allocations(int(one), at)
            if not may_stop[one] and not _may_be_proven(allocations, simulated.scenario):
                continue
            status, named = decided(allocations, simulated.scenario)
            if status == "ship" and look[one] == NOBODY:
                look[one], arm[one] = at, named
            if status == "stop" and harm[one] == NOBODY:
                harm[one] = at
    return Calls(look, arm, harm)


def candidates(running: RunningEvidence, shown: Counts, reached: Counts) -> tuple[Flags, Flags]:
    """Which experiments may come to `ship` at this look, and which to `stop`; all others certainly do not.

    A winner is proven against the control, unless it is the control, and then the other arm does harm, which comes
    before (`stats.decision`). Harm to the one arm hides a winner in another.
    """
    arms = shown.shape[1]
    log_e, better, worse = running.log_e()
    harm = worse.max(axis=1)
    proven = np.where(better > worse, log_e, -math.inf).max(axis=1) >= proof_needed(arms) - MARGIN
    enough = (reached.sum(axis=1) >= ENOUGH_CONVERSIONS) & (shown.min(axis=1) >= HINT_EXPOSED)
    return proven & enough & (harm <= proof_needed(arms) + MARGIN), harm >= proof_needed(arms) - MARGIN


def _may_be_proven(allocations: list[AllocationCounts], scenario: Scenario) -> bool:
    """Whether some arm is proven against the control and at least one other."""
    arms, needed = range(scenario.arms), proof_needed(scenario.arms)
    for leader in arms[1:]:
        if evidence(strata(allocations, leader, 0)) >= needed and (
            len(arms) == 2
            or any(
                evidence(strata(allocations, leader, other)) >= needed
                for other in arms[1:]
                if other != leader
            )
        ):
            return True
    return False


def decided(allocations: list[AllocationCounts], scenario: Scenario) -> tuple[Status, int]:
    """What the appliance says of these counts after two full weeks, the worst case: weeks only ever hold a claim back."""
    keys = [str(arm) for arm in range(scenario.arms)]
    decision = read(keys, 0, allocations, goal="goal", started_ms=0, now_ms=2 * WEEK_MS).decision
    return decision.status, NOBODY if decision.arm is None else keys.index(decision.arm)
