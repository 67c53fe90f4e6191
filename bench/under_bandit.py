"""Is what is said still true when a bandit lays the visitors to the arms, and the traffic moves as well?

    python -m bench.under_bandit [share of the full run]

Simulated experiments whose truth is known, with the weights of Earn and of Balanced: how often intervals of 95 % hold
the true lift, how often the split's check cries wolf and how often it sees a loss, how often a winner is named where
nothing differs. Writes bench/under_bandit.md; the full run takes about ten minutes on two free cores.

The experiments are those of `vibevariant simulate`; intervals, sample ratios and decisions are the package's own.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.decisions import BATCH, CORES, LONG, counted, outcome
from bench.decisions_page import Cell
from bench.under_bandit_page import Coverage, Lost, page
from bench.watched_splits import watched
from vibevariant.experiments.simulated_lifts import ESTIMATORS, Estimates, estimates
from vibevariant.experiments.simulation import Allocation, Scenario, Shape, Simulated, simulate
from vibevariant.stats.aipw import conversion_batches, counterfactual_difference
from vibevariant.stats.priors import ARCHIVE_SPREAD

SEED = 31
PAGE = Path(__file__).with_name("under_bandit.md")

# The base rate at its lowest; a shape that moves it brings its mean near to 4 or 5 %.
SHAPES: dict[Shape, float] = {"flat": 0.05, "rising": 0.02, "weekend": 0.04, "launch": 0.04}
MODES: tuple[Allocation, ...] = ("earn", "balanced")
LIFTS = (0.0, 0.3)
# Renewed after every 1/200 of the visitors, as the appliance does.
SEEN = Scenario(visitors=10_000, look_every=50)
# Experiments of the figures, of the other rows of two arms, and of three; a true lift is drawn so often for so many.
RUNS = {"figure": 2_000, 2: 600, 3: 300, "drawn": 100}
PER_DRAWN = 20
# Where Earn's floor has fallen to a tenth.
LATE = replace(SEEN, base=0.02, shape="rising", allocation="earn", visitors=100_000, look_every=500)

# The split: 100 looks, nothing differs.
WATCHED = Scenario(visitors=10_000, look_every=100)
LOSS = 0.1
HEALTHY, WITH_LOSS = 20_000, 1_500

# False winners, looked at as bench.decisions looks.
DRIFTING: tuple[tuple[int, Shape, int], ...] = (
    (2, "rising", 2_000), (2, "weekend", 1_000), (2, "launch", 2_000), (3, "rising", 500),
)  # fmt: skip
EQUAL = [
    Cell("under a bandit", replace(LONG, arms=arms, base=SHAPES[shape], shape=shape, allocation=mode), tests)
    for arms, shape, tests in DRIFTING
    for mode in MODES
]

Each = Callable[..., Iterable[Any]]


def scenarios() -> Iterator[tuple[Scenario, int]]:
    """All kinds of experiments whose intervals are looked at, and how many of each."""
    for arms in (2, 3):
        for mode in MODES:
            for shape, base in SHAPES.items():
                if (arms, mode) == (3, "balanced") and shape != "rising":
                    continue
                runs = RUNS["figure"] // (arms - 1) if (mode, shape) == ("earn", "rising") else RUNS[arms]
                for lift in LIFTS:
                    yield replace(SEEN, arms=arms, base=base, lift=lift, shape=shape, allocation=mode), runs
    for lift in LIFTS:
        yield replace(LATE, lift=lift), RUNS[2]


def covered(
    scenario: Scenario, experiments: int, seed: np.random.SeedSequence
) -> tuple[dict[str, Estimates], list[float]]:
    """What came of every estimator in so many experiments, and the last arm's share of visitors in each."""
    simulated = simulate(scenario, experiments, np.random.default_rng(seed))
    found: dict[str, Estimates] = {str(name): one for name, one in estimates(simulated).items()}
    found["aipw"] = aipw(simulated)
    return found, (simulated.exposed[:, :, -1].sum(axis=1) / scenario.visitors).tolist()


def aipw(simulated: Simulated) -> Estimates:
    """The difference of rates had everybody seen one arm or the other, batches being the visitors between looks."""
    scenario, total = simulated.scenario, Estimates()
    truth = (
        scenario.base
        * scenario.lift
        * float(np.average(scenario.factors(), weights=np.diff((0, *simulated.looks))))
    )
    for weights, exposed, converted in zip(
        simulated.weights.tolist(), simulated.exposed.tolist(), simulated.converted.tolist(), strict=True
    ):
        batches = conversion_batches(list(zip(weights, exposed, converted, strict=True)))
        one = counterfactual_difference(batches, 0, scenario.arms - 1)
        if one.mean is None or one.interval_95 is None:
            total += Estimates(experiments=1)
            continue
        low, high = one.interval_95
        total += Estimates(1, 1, one.mean - truth, (one.mean - truth) ** 2, int(low <= truth <= high))
    return total


def coverage(scenario: Scenario, runs: int, each: Each) -> Coverage:
    """All experiments of one kind."""
    sizes = [min(BATCH, runs - start) for start in range(0, runs, BATCH)]
    return _together(
        scenario, list(each(covered, [scenario] * len(sizes), sizes, _seeds(scenario, len(sizes))))
    )


def coverage_of_drawn(scenario: Scenario, draws: int, each: Each) -> Coverage:
    """True lifts between two arms as real experiments have them."""
    logs = np.random.default_rng([SEED, draws]).normal(0, math.sqrt(2) * ARCHIVE_SPREAD, draws)
    scenarios = [replace(scenario, lift=math.expm1(log)) for log in logs.tolist()]
    return _together(scenario, list(each(covered, scenarios, [PER_DRAWN] * draws, _seeds(scenario, draws))))


def _together(scenario: Scenario, parts: Sequence[tuple[dict[str, Estimates], list[float]]]) -> Coverage:
    totals: dict[str, Estimates] = dict.fromkeys((*ESTIMATORS, "aipw"), Estimates())
    shares: list[float] = []
    for found, of_last in parts:
        shares += of_last
        for name in totals:
            totals[name] += found[name]
    return Coverage(scenario, totals, float(np.mean(shares)))


def _seeds(scenario: Scenario, jobs: int) -> list[np.random.SeedSequence]:
    """Of a cell's jobs; they hang on the cell, never on its place."""
    return np.random.SeedSequence([SEED, *repr(scenario).encode()]).spawn(jobs)


def split(scenario: Scenario, experiments: int, seed: np.random.SeedSequence, loss: float) -> Lost:
    """How often the split's check spoke up in so many experiments."""
    seen = watched(simulate(scenario, experiments, np.random.default_rng(seed), lost=loss))
    return Lost(
        scenario,
        loss,
        experiments,
        *(int(each.sum()) for each in (seen.alarmed, seen.hidden, seen.warned, seen.classical)),
    )


def splits(scenario: Scenario, loss: float, runs: int, each: Each) -> Lost:
    """All experiments of one kind."""
    jobs = math.ceil(runs / BATCH)
    parts: list[Lost] = list(
        each(split, [scenario] * jobs, [BATCH] * jobs, _seeds(scenario, jobs), [loss] * jobs)
    )
    return sum(parts[1:], parts[0])


def main(share: float) -> None:
    def some(full: int) -> int:
        return max(BATCH, round(share * full))

    began = time.monotonic()
    with ProcessPoolExecutor(CORES, initializer=os.nice, initargs=(10,)) as pool:

        def each(label: str) -> Each:
            def mapped(work: Callable[..., Any], *parts: list[Any]) -> Iterator[Any]:
                return counted(label, len(parts[0]), pool.map(work, *parts, chunksize=1))

            return mapped

        seen = [
            coverage(
                one,
                some(runs),
                each(f"Intervals: {one.arms} arms, {one.allocation}, {one.shape}, {one.lift:+.0%}"),
            )
            for one, runs in scenarios()
        ]
        drawn = [
            coverage_of_drawn(
                replace(SEEN, base=0.02, shape="rising", allocation=mode),
                max(5, round(share * RUNS["drawn"])),
                each(f"Intervals: drawn, {mode}"),
            )
            for mode in MODES
        ]
        split_of = [
            splits(
                replace(WATCHED, allocation=mode), loss, some(runs), each(f"Splits: {mode}, loss {loss:g}")
            )
            for mode, loss, runs in (
                *((mode, 0.0, HEALTHY) for mode in MODES),
                *((mode, LOSS, WITH_LOSS) for mode in (*MODES, "fixed")),
            )
        ]
        winners = [outcome(cell, share, each(f"Winners: {cell.words}")) for cell in EQUAL]
    text = page(SEED, seen, drawn, split_of, winners, (time.monotonic() - began) / 60)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
