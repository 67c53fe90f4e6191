"""Whether the forecast of a clear answer keeps its word.

    python -m bench.forecast [experiments]

Experiments whose differences are as large as differences usually are, forecast at 1,000 visitors and then run on for
eight weeks, with a look every day: of all forecasts of about 3 in 10, how many answers came?
"""

import math
import sys
import time
from collections.abc import Sequence

import numpy as np

from vibevariant.stats.decision import EQUIVALENT, NARROWED, SMALL_LOSS, proof_needed
from vibevariant.stats.evidence import AllocationCounts, LiftPosterior, Stratum, evidence
from vibevariant.stats.forecast import HORIZONS, forecast
from vibevariant.stats.likelihood import Conditional
from vibevariant.stats.priors import BEFORE_HISTORY
from vibevariant.stats.two_arms import TwoArms
from vibevariant.stats.words import PROBABLY

BASE, BASE_SPREAD = 0.04, 0.5
SEEN = 500
WEEKLY = 2500
MARGIN = (math.log(0.95), math.log(1.05))
# With fewer conversions, or more unequal ones, nobody can be sure that rates are equal within 5 %.
TOO_FEW, UNEQUAL = 400, 0.2
PRIOR_WIDTH = BEFORE_HISTORY.width_95


def lift_of(allocations: Sequence[AllocationCounts], a: int, b: int) -> LiftPosterior:
    """What is known of b over a from these two arms alone."""
    return _two_arms(allocations, a, b).lift(0, 1)


def _two_arms(allocations: Sequence[AllocationCounts], a: int, b: int) -> TwoArms:
    pairs: list[AllocationCounts] = [
        ((weights[a], weights[b]), (exposed[a], exposed[b]), (converted[a], converted[b]))
        for weights, exposed, converted in allocations
    ]
    return TwoArms(Conditional(pairs, 2), BEFORE_HISTORY)


def answered(a: int, b: int) -> bool:
    """Whether the arms are proven to differ, or as good as equal, by the exact rules."""
    proven = evidence([Stratum(5000, 5000, a, b)]) >= proof_needed(2)
    if not proven and (a + b < TOO_FEW or abs(a - b) > UNEQUAL * (a + b)):
        return False
    arms = _two_arms([((5000, 5000), (0, 0), (a, b))], 0, 1)
    if proven:
        return bool(max(arms.p_best([0, 1])) >= PROBABLY)
    lift = arms.lift(0, 1)
    low, high = lift.interval_95
    if high - low > NARROWED * PRIOR_WIDTH:
        return False
    return max(arms.loss([0, 1])) < SMALL_LOSS or lift.probability_within(*MARGIN) >= EQUIVALENT


def experiment(seed: int, days: int = 1) -> tuple[list[float], list[bool], float]:
    """What is forecast for each horizon, whether it comes true looking every so many days, and what it took in ms."""
    rng = np.random.default_rng(seed)
    base = min(0.3, BASE * math.exp(rng.normal(0, BASE_SPREAD)))
    spread = rng.choice(BEFORE_HISTORY.spreads, p=BEFORE_HISTORY.weights)
    rates = base * np.exp(rng.normal(0, spread, 2))
    seen = rng.binomial(SEEN, rates)
    counts = [((5000, 5000), (SEEN, SEEN), tuple(int(s) for s in seen))]
    lifts = {1: lift_of(counts, 0, 1)}
    start = time.perf_counter()
    forecasted = forecast(
        counts, 0, lifts, [1], visitors_per_week=WEEKLY, margin=MARGIN, rng=np.random.default_rng(0)
    )
    took = 1000 * (time.perf_counter() - start)
    assert forecasted.p_answer is not None
    first = None
    if answered(*counts[0][2]):
        first = 0
    for day in range(days, 7 * HORIZONS[-1] + 1, days):
        if first is not None:
            break
        arrived = WEEKLY * days // 7
        in_b = rng.binomial(arrived, 0.5)
        seen = seen + rng.binomial([arrived - in_b, in_b], rates)
        first = day if answered(int(seen[0]), int(seen[1])) else None
    return list(forecasted.p_answer), [first is not None and first <= 7 * week for week in HORIZONS], took


def main(experiments: int) -> None:
    stated, came, took = (
        np.array(part) for part in zip(*(experiment(seed) for seed in range(experiments)), strict=True)
    )
    print(
        f"{experiments:,} experiments (seeds 0 to {experiments - 1}), each forecast at {2 * SEEN:,} visitors, then run"
    )
    print(f"on at {WEEKLY:,} visitors a week; rates around {BASE:.0%}, differences as the prior has them.\n")
    print("| by the end of week | forecast, on average | came true |")
    print("|---|---|---|")
    for column, week in enumerate(HORIZONS):
        print(f"| {week} | {stated[:, column].mean():.3f} | {came[:, column].mean():.3f} |")
    print("\n| forecast | how many | forecast, on average | came true |")
    print("|---|---|---|---|")
    decile = np.minimum((10 * stated).astype(int), 9)
    for tenth in range(10):
        chosen = decile == tenth
        if chosen.any():
            means = f"{stated[chosen].mean():.3f} | {came[chosen].mean():.3f}"
            print(f"| {tenth / 10:.1f} to {(tenth + 1) / 10:.1f} | {chosen.sum():,} | {means} |")
    print(f"\nA forecast took {np.median(took):.1f} ms (median).")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
