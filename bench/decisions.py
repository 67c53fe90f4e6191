"""Every figure the decisions are judged by, measured: false winners, power, and real experiments read early.

    python -m bench.decisions ARCHIVE [share of the full run]

ARCHIVE is a CSV file of recorded experiments, as `vibevariant replay` reads it; the figures are those of the Upworthy
Research Archive's exploratory part (Matias and others, Scientific Data 8, 195, 2021, CC BY 4.0). Writes
bench/decisions.md and docs/pictures/said-and-true.svg; the full run takes about 25 minutes on two cores.

The simulated experiments are those of `vibevariant simulate`. A look whose e-value is below proof cannot end in `ship`
and is not read; all others are read in full (tests/experiments/test_winner_rules.py holds the two equal).
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.archive import SIZES, Calibration, Said, Split, calibration, split_of, verdicts
from bench.decisions_page import RULES, Cell, Outcome, page
from bench.said_and_true import PICTURE, drawn, rows_of
from vibevariant.experiments.recorded import RecordedExperiment, read_recorded
from vibevariant.experiments.simulation import Scenario, Shape, simulate
from vibevariant.experiments.winner_rules import NOBODY, calls
from vibevariant.progress import progress

SEED = 30
CORES = 2
# Experiments in a job: few enough to fit into a processor's cache.
BATCH = 100
PAGE = Path(__file__).with_name("decisions.md")

# A look every 20 visitors at first, whenever there are 2 % more of them later, and every 1,000 at the most.
LONG = Scenario(visitors=100_000, look_every=20, look_at_most=1_000)
SHAPES: tuple[tuple[Shape, float], ...] = (("flat", 0.05), ("rising", 0.02))
EQUAL = [
    Cell("equal", replace(LONG, arms=arms, base=base, shape=shape, allocation=allocation), tests)
    for arms, tests in ((2, 10_000), (3, 4_000), (5, 4_000))
    for shape, base in SHAPES
    for allocation in ("fixed", "adaptive")
]
# The same looked at every 20 visitors to the end: 5,000 looks.
EVERY_20 = [
    Cell("every 20", replace(cell.scenario, look_at_most=None), tests)
    for cell, tests in ((EQUAL[0], 4_000), (EQUAL[3], 2_000))
]
BY_BASE = [Cell("by base", replace(LONG, base=base), 10_000) for base in (0.01, 0.02, 0.2)]
TINY_ONE = Scenario(visitors=100, look_every=10)
TINY = [
    Cell("tiny", replace(TINY_ONE, base=base, allocation=allocation), 10_000)
    for base in (0.02, 0.05, 0.2, 0.5)
    for allocation in ("fixed", "adaptive")
]
BETTER = [Cell("better", Scenario(lift=0.5, visitors=10_000, look_every=20), 4_000)]


@dataclass(frozen=True, slots=True)
class Ended:
    """For every experiment the visitors at which a winner was named, the right one, and at which harm was said."""

    shipped: NDArray[np.float64]
    right: NDArray[np.bool_]
    harmed: NDArray[np.float64]


def run(cell: Cell, experiments: int, seed: np.random.SeedSequence) -> Ended:
    """Some of a cell's experiments, with the decision's own rule."""
    simulated = simulate(cell.scenario, experiments, np.random.default_rng(seed))
    called, visitors = calls("decision", simulated), np.array(simulated.looks, dtype=np.float64)
    return Ended(
        np.where(called.look == NOBODY, np.inf, visitors[called.look]),
        called.arm == cell.scenario.best if cell.scenario.best is not None else called.arm < NOBODY,
        np.where(called.harm == NOBODY, np.inf, visitors[called.harm]),
    )


def outcome(cell: Cell, share: float, each: Callable[..., Iterable[Ended]]) -> Outcome:
    """All of a cell's experiments, in jobs with seeds of their own that hang on the cell, never on its place."""
    tests = max(BATCH, round(share * cell.tests))
    sizes = [min(BATCH, tests - start) for start in range(0, tests, BATCH)]
    seeds = np.random.SeedSequence([SEED, *cell.name.encode(), *repr(cell.scenario).encode()]).spawn(
        len(sizes)
    )
    ended = list(each(run, [cell] * len(sizes), sizes, seeds))
    shipped, harmed = (
        np.concatenate([getattr(part, name) for part in ended]) for name in ("shipped", "harmed")
    )
    right = np.concatenate([part.right for part in ended])
    return Outcome(cell, tests, np.sort(shipped), np.sort(np.minimum(shipped, harmed)), int(right.sum()))


def _split(test: RecordedExperiment, seed: int) -> Split:
    return split_of(test, np.random.default_rng([SEED, 1, seed]))


def _verdicts(test: RecordedExperiment, seed: int) -> dict[tuple[str, int], list[Said]]:
    return verdicts(test, np.random.default_rng([SEED, 2, seed]))


def early(
    tests: list[RecordedExperiment], each: Callable[..., Iterable[Any]]
) -> dict[tuple[str, int], Calibration]:
    """For every rule and size, what was said and what was true of the archive's healthy tests."""
    found = list(each(_verdicts, tests, range(len(tests))))
    return {
        (rule, size): calibration([test[rule, size] for test in found if (rule, size) in test])
        for rule in RULES
        for size in SIZES
    }


def counted(label: str, total: int, results: Iterator[Any]) -> Iterator[Any]:
    with progress(label, total) as advance:
        for result in results:
            advance(1)
            yield result


def main(archive: str, share: float) -> None:
    with Path(archive).open(encoding="utf-8", newline="") as lines:
        recorded = read_recorded(lines)
    recorded = recorded[:: max(1, round(1 / share))]
    with ProcessPoolExecutor(CORES, initializer=os.nice, initargs=(10,)) as pool:

        def each(label: str) -> Callable[..., Iterable[Any]]:
            def mapped(work: Callable[..., Any], *parts: list[Any]) -> Iterator[Any]:
                return counted(label, len(parts[0]), pool.map(work, *parts, chunksize=1))

            return mapped

        splits = list(each("Splits of the archive")(_split, recorded, list(range(len(recorded)))))
        healthy = [test for test, split in zip(recorded, splits, strict=True) if not split.warned]
        said = early(healthy, each("Real experiments read early"))
        outcomes = [
            outcome(cell, share, each(f"{cell.name}: {cell.words}"))
            for cell in (*TINY, *BETTER, *EQUAL, *BY_BASE, *EVERY_20)
        ]
    text = page(SEED, outcomes, said, splits)
    PAGE.write_text(text, encoding="utf-8")
    PICTURE.write_text(drawn(rows_of(text)), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
