"""Policies that choose an arm for every single visitor: those of the textbooks, to stand beside our own.

They are played in many experiments at once, which all are at the same visitor: arrays are shaped (experiments, arms).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vibevariant.stats.allocation import EARN_FLOOR, EARN_FLOOR_UNTIL, EARN_LAST_FLOOR

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# Thompson at the floor of Earn is what Earn would be if every visitor had weights of their own.
PerVisitor = Literal["epsilon-greedy", "ucb1", "kl-ucb", "thompson", "thompson-at-floor"]

EPSILON = 0.1
# Arms as good as each other are chosen at random: their order is no sign of anything. No two that differ in a count
# come as near as this.
TIE = 1e-10
# From above, Newton's method has the last digit of every KL-UCB index after so many steps.
NEWTON_STEPS = 10

Choice = Callable[[Floats, Floats, int], Counts]
"""From conversions, exposed visitors and how many came before, to the arm of the next one, in every experiment."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What had come to each arm by each checkpoint, shaped (experiments, checkpoints, arms).

    Args:
        converted: conversions that had arrived by then.
    """

    shown: Counts
    converted: Counts


def ucb1(converted: Floats, exposed: Floats, visitors: int) -> Floats:
    """The mean and what it may be off: s / n + sqrt(2 ln t / n) (Auer, Cesa-Bianchi and Fischer, 2002)."""
    n = np.maximum(exposed, 1.0)
    index = converted / n + np.sqrt(2 * math.log(max(visitors, 1)) / n)
    return np.where(exposed > 0, index, np.inf)


def kl_ucb(converted: Floats, exposed: Floats, visitors: int) -> Floats:
    """The highest rate q with n kl(s / n, q) <= ln t, kl being that of two coins (Garivier and Cappe, COLT 2011).

    In q, n kl(p, q) is convex above p, so Newton's method that starts above the solution falls to it and never below.
    It starts at the lower of two bounds, one from kl(p, q) >= 2 (q - p)^2, the other from p ln(p / q) >= p ln p.
    """
    n = np.maximum(exposed, 1.0)
    p = np.clip(converted / n, 0.0, 1.0)
    most = math.log(max(visitors, 1)) / n
    own = np.where(p > 0, p * np.log(np.maximum(p, TIE)), 0.0)
    left = np.maximum(1 - p, TIE)
    bound = 1 - left * np.exp(-(most - own) / left)
    q = np.minimum(np.minimum(p + np.sqrt(most / 2), bound), 1 - TIE)
    for _ in range(NEWTON_STEPS):
        above = q - p
        kl = np.where(p > 0, p * np.log(np.maximum(p, TIE) / np.maximum(q, TIE)), 0.0)
        kl = kl + left * np.log(left / (1 - q)) - most
        step = kl * q * (1 - q) / np.where(above > TIE, above, np.inf)
        q = q - np.maximum(step, 0.0)
    return np.where(exposed > 0, q, np.inf)


def earn_floor(arms: int, visitors: int) -> float:
    """The share that every arm keeps under Earn, after so many visitors."""
    decayed = EARN_FLOOR * min(1.0, EARN_FLOOR_UNTIL / max(1, visitors))
    return max(decayed, EARN_LAST_FLOOR) / arms


def choice_of(policy: PerVisitor, rng: np.random.Generator) -> Choice:
    """How the policy chooses."""
    match policy:
        case "ucb1":
            return lambda s, n, t: _highest(ucb1(s, n, t), rng)
        case "kl-ucb":
            return lambda s, n, t: _highest(kl_ucb(s, n, t), rng)
        case "epsilon-greedy":
            return lambda s, n, _: _mixed(_highest(_means(s, n), rng), n.shape[1], EPSILON, rng)
        case "thompson":
            return lambda s, n, _: _drawn(s, n, rng)
        case "thompson-at-floor":
            return lambda s, n, t: _mixed(
                _drawn(s, n, rng), n.shape[1], n.shape[1] * earn_floor(n.shape[1], t), rng
            )


def let_through(
    policy: PerVisitor,
    rates: Sequence[float],
    factors: Floats,
    ends: Sequence[int],
    experiments: int,
    rng: np.random.Generator,
    *,
    delay: float | None = None,
) -> Passage:
    """Lets visitors come one by one, as many as the last checkpoint says.

    Args:
        factors: what the rates are multiplied by before each checkpoint.
        ends: visitors at each checkpoint.
        delay: of a conversion on average, in visitors; the policy knows nothing of what has not arrived.
    """
    choose = choice_of(policy, rng)
    arms, rows = len(rates), np.arange(experiments)
    exposed, converted = np.zeros((experiments, arms)), np.zeros((experiments, arms))
    passage = Passage(*(np.zeros((experiments, len(ends), arms), np.int64) for _ in range(2)))
    # What is to arrive before the visitor of this number, in each experiment and arm.
    due = np.zeros((ends[-1] if delay else 0, experiments, arms), np.int16)
    at = 0
    for checkpoint, (end, factor) in enumerate(zip(ends, factors, strict=True)):
        now = np.array(rates) * factor
        while at < end:
            if delay:
                converted += due[at]
            arm = choose(converted, exposed, at)
            exposed[rows, arm] += 1
            hit = np.flatnonzero(rng.random(experiments) < now[arm])
            if delay is None:
                converted[hit, arm[hit]] += 1
            else:
                arrives = at + 1 + np.floor(rng.exponential(delay, len(hit))).astype(np.int64)
                seen = arrives < len(due)
                np.add.at(due, (arrives[seen], hit[seen], arm[hit[seen]]), 1)
            at += 1
        passage.shown[:, checkpoint], passage.converted[:, checkpoint] = exposed, converted
    return passage


def _means(converted: Floats, exposed: Floats) -> Floats:
    return np.where(exposed > 0, converted / np.maximum(exposed, 1.0), np.inf)


def _highest(index: Floats, rng: np.random.Generator) -> Counts:
    """The arm of the highest index; one of those, where there are several."""
    return np.asarray((np.minimum(index, 1e3) + TIE * rng.random(index.shape)).argmax(axis=1))


def _drawn(converted: Floats, exposed: Floats, rng: np.random.Generator) -> Counts:
    """The arm that is best in one draw from flat priors and what was seen (Thompson, Biometrika 25, 1933)."""
    late = np.maximum(exposed - converted, 0.0)
    return np.asarray(rng.beta(1 + converted, 1 + late).argmax(axis=1))


def _mixed(arm: Counts, arms: int, share: float, rng: np.random.Generator) -> Counts:
    """This arm, but for a share of visitors who get any."""
    astray = rng.random(len(arm)) < share
    return np.where(astray, rng.integers(arms, size=len(arm)), arm)
