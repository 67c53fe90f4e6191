"""Three arms under a bandit while the base rate triples: what naive and calibrated chances make of it.

Part of `python -m bench.calibration`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vibevariant.stats.allocation import thompson_weights
from vibevariant.stats.comparison import compare
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.posterior import posterior

Counts = NDArray[np.int64]

SEED = 21
SURE = 0.95
BATCH, FLOOR = 200, 0.1 / 3
BASE_RATES = np.linspace(0.02, 0.06, 45)
RUNS = 150


@dataclass(frozen=True, slots=True)
class Drifted:
    """Three arms under a bandit while the base rate triples: how many runs end up sure of an arm, rightly or not."""

    runs: int
    naive: int
    naive_right: int
    ours: int
    ours_right: int
    covered: float


def drifting(lift: float, runs: int) -> Drifted:
    """Visitors come in batches of 200 until 9,000, weights follow the chances of independent rates above a floor."""
    rng = np.random.default_rng([SEED, round(1000 * lift)])
    naive = naive_right = ours = ours_right = covered = 0
    for _ in range(runs):
        best = int(rng.integers(3))
        effects = np.where(np.arange(3) == best, 1 + lift, 1.0)
        weights: tuple[int, ...] = (3334, 3333, 3333)
        counts: dict[tuple[int, ...], tuple[Counts, Counts]] = {}
        said: list[int | None] = [None, None]
        for base in BASE_RATES:
            shown, converted = counts.setdefault(weights, (np.zeros(3, np.int64), np.zeros(3, np.int64)))
            arrived = rng.multinomial(BATCH, np.array(weights) / 10_000)
            shown += arrived
            converted += rng.binomial(arrived, base * effects)
            exposed = np.sum([n for n, _ in counts.values()], axis=0).tolist()
            conversions = np.sum([s for _, s in counts.values()], axis=0).tolist()
            flat = compare([posterior(s, n) for s, n in zip(conversions, exposed, strict=True)]).p_best
            if said[0] is None and max(flat) > SURE:
                said[0] = int(np.argmax(flat))
            strata = [(w, n.tolist(), s.tolist()) for w, (n, s) in counts.items()]
            calibrated = Hierarchical(strata, 3)
            p_best = calibrated.p_best(range(3))
            if said[1] is None and max(p_best) > SURE:
                said[1] = int(np.argmax(p_best))
            weights = thompson_weights(flat, FLOOR)
        naive += said[0] is not None
        naive_right += said[0] == best
        ours += said[1] is not None
        ours_right += said[1] == best
        other = (best + 1) % 3
        low, high = calibrated.lift(other, best).interval_95
        covered += low <= math.log1p(lift) <= high
    return Drifted(runs, naive, naive_right, ours, ours_right, covered / runs)


def drifting_table(runs: int) -> list[str]:
    """Markdown."""
    nothing, better = drifting(0.0, runs), drifting(0.3, runs)
    return [
        f"9,000 visitors in batches of 200, rates from 2 % to 6 %, Thompson sampling above a floor of 10 % / 3; {runs} runs.",
        "",
        "| truth | independent rates sure of an arm | calibrated sure of an arm | its 95 % intervals hold |",
        "|---|---|---|---|",
        f"| no difference | {100 * nothing.naive / runs:.0f} %, all wrong | {100 * nothing.ours / runs:.1f} % | {100 * nothing.covered:.0f} % |",
        (
            f"| one arm +30 % | {100 * better.naive / runs:.0f} %, {better.naive_right} of {better.naive} right | "
            f"{100 * better.ours / runs:.0f} %, {better.ours_right} of {better.ours} right | {100 * better.covered:.0f} % |"
        ),
    ]
