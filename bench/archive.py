"""Real experiments read when they were small, and what became of them: is the leader's chance true?

Part of `python -m bench.decisions`. From each of the archive's healthy tests some visitors are drawn without
replacement, so that the arms keep the shares they had, and read as if there were no more yet. Whoever leads then is
looked up in the whole test.

Healthy means that the appliance would speak of it: its sample ratio, on the whole test against even weights, is no
warning (e at most 100). What is true of an arm is its calibrated chance of being best, given all visitors of its test.
The average of that over the tests is what the chance that was said should have been, whether or not a test was ever
decided: were the beliefs right, the chance said early would be the mean of the chance said late. To count only whether
the leader still led at the end would flatter everybody, for the visitors that made it lead are among those at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.calibration import archive_counting_for
from vibevariant.experiments.recorded import RecordedExperiment
from vibevariant.stats.allocation import even_weights
from vibevariant.stats.comparison import compare
from vibevariant.stats.health import SPLIT_ALARM, SPLIT_WARNING, sample_ratio
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.posterior import posterior
from vibevariant.stats.reading import read
from vibevariant.stats.situation import WEEK_MS

SIZES = (100, 300, 1_000, 3_000)
DRAWS = 2
SHUFFLES = 10
FIFTHS = 5
CHI_SQUARED_AT = 0.01
# Other beginnings: without the archive's own word in the prior, so that it is not asked about itself, and with more of
# it than the package lets in.
OTHERS = {"blind": archive_counting_for(0), "whole": archive_counting_for(1)}


@dataclass(frozen=True, slots=True)
class Said:
    """Of one draw from one test: the chance of the arm that led, the same given all visitors, and whether it led then."""

    chance: float
    true: float
    still_leads: bool


@dataclass(frozen=True, slots=True)
class Split:
    """One test's split: whether the sequential check calls it broken or warns, the classical test, and shuffles of it."""

    broken: bool
    warned: bool
    by_chi_squared: bool
    broken_shuffles: int


def counts_of(test: RecordedExperiment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Visitors and conversions of every arm."""
    return np.array([arm.exposed for arm in test.arms]), np.array([arm.converted for arm in test.arms])


def split_of(test: RecordedExperiment, rng: np.random.Generator) -> Split:
    """The split of a test, and of as many visitors laid to its arms at random again and again."""
    exposed = counts_of(test)[0]
    weights = even_weights(len(exposed))
    found = sample_ratio([(weights, exposed.tolist())])
    shuffled = rng.multinomial(int(exposed.sum()), np.array(weights) / sum(weights), SHUFFLES)
    broken = sum(sample_ratio([(weights, each)]).log_e > SPLIT_ALARM for each in shuffled.tolist())
    return Split(
        found.log_e > SPLIT_ALARM,
        found.log_e > SPLIT_WARNING,
        found.p_value is not None and found.p_value < CHI_SQUARED_AT,
        broken,
    )


def drawn(
    test: RecordedExperiment, visitors: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """So many visitors of a test, without replacement: visitors and conversions of every arm."""
    exposed, converted = counts_of(test)
    cells = rng.multivariate_hypergeometric(
        np.concatenate([converted, exposed - converted]), visitors, method="marginals"
    )
    reached, others = cells[: len(exposed)], cells[len(exposed) :]
    return reached + others, reached


def verdicts(test: RecordedExperiment, rng: np.random.Generator) -> dict[tuple[str, int], list[Said]]:
    """What flat priors, the appliance, and the appliance with other beginnings say of a test at every size."""
    exposed, converted = counts_of(test)
    arms, weights = len(exposed), even_weights(len(exposed))
    whole = [(weights, exposed.tolist(), converted.tolist())]
    true = Hierarchical(whole, arms).p_best(range(arms))
    leads = int(np.argmax(true))
    found: dict[tuple[str, int], list[Said]] = {}
    for size in SIZES:
        if exposed.sum() < size:
            continue
        for _ in range(DRAWS):
            shown, reached = (each.tolist() for each in drawn(test, size, rng))
            so_far = [(weights, shown, reached)]
            flat = compare([posterior(s, n) for s, n in zip(reached, shown, strict=True)]).p_best
            keys = [str(arm) for arm in range(arms)]
            ours = read(keys, 0, so_far, goal="click", started_ms=0, now_ms=2 * WEEK_MS).arms
            chances: dict[str, Sequence[float]] = {
                "flat": flat,
                "ours": [arm.p_best_calibrated for arm in ours],
            }
            for name, prior in OTHERS.items():
                chances[name] = Hierarchical(so_far, arms, prior).p_best(range(arms))
            for rule, p_best in chances.items():
                leader = int(np.argmax(p_best))
                said = Said(p_best[leader], true[leader], leader == leads)
                found.setdefault((rule, size), []).append(said)
    return found


@dataclass(frozen=True, slots=True)
class Calibration:
    """Said and true, on average and in every fifth of what was said, lowest first; errors are standard errors."""

    tests: int
    said: float
    true: float
    error: float
    still_leads: float
    fifths: tuple[tuple[float, float], ...]

    @property
    def farthest_fifth(self) -> float:
        return max(abs(said - true) for said, true in self.fifths)


def calibration(by_test: Sequence[Sequence[Said]]) -> Calibration:
    """All draws of all tests together; a test is one observation however many draws it had."""
    draws = [draw for test in by_test for draw in test]
    said, true = np.array([draw.chance for draw in draws]), np.array([draw.true for draw in draws])
    off = np.array([np.mean([draw.chance - draw.true for draw in test]) for test in by_test])
    order = np.argsort(said, kind="stable")
    fifths = tuple(
        (float(said[part].mean()), float(true[part].mean())) for part in np.array_split(order, FIFTHS)
    )
    return Calibration(
        len(by_test),
        float(said.mean()),
        float(true.mean()),
        float(off.std(ddof=1) / np.sqrt(len(off))),
        float(np.mean([draw.still_leads for draw in draws])),
        fifths,
    )
