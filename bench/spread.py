"""How far the arms of real experiments lie apart: where the spread prior's constants come from.

    python -m bench.spread FILE...

FILE is a CSV file of recorded experiments, one arm a line, as `vibevariant replay` reads it: test_id, arm, impressions,
clicks. The numbers in vibevariant/stats/priors.py are those of the Upworthy Research Archive's exploratory part (Matias
and others, Scientific Data 8, 195, 2021, CC BY 4.0). Writes bench/spread.md.
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vibevariant.experiments.recorded import RecordedExperiment, read_recorded
from vibevariant.stats.hierarchical import log_marginals
from vibevariant.stats.priors import (
    ARCHIVE_LOG_MARGINALS,
    ARCHIVE_SPREAD,
    HYPERPRIOR_SCALE,
    SPREADS,
    half_normal,
)

# An experiment with fewer says next to nothing of its spread.
LEAST_CONVERSIONS = 20
SEED = 1
RESAMPLES = 1000
PAGE = Path(__file__).with_name("spread.md")

Floats = NDArray[np.float64]


def moments(experiment: RecordedExperiment) -> tuple[float, float]:
    """An experiment's part of the method of moments, above and below the line: the variance is the ratio of the sums.

    Log-odds weighed by their inverse variances: Cochran's Q less its degrees of freedom (DerSimonian and Laird,
    Controlled Clinical Trials 7, 1986). Half a conversion is added on either side.
    """
    s = np.array([arm.converted + 0.5 for arm in experiment.arms])
    f = np.array([arm.exposed - arm.converted + 0.5 for arm in experiment.arms])
    log_odds, weights = np.log(s / f), 1 / (1 / s + 1 / f)
    mean = float(weights @ log_odds / weights.sum())
    q = float(weights @ (log_odds - mean) ** 2)
    return q - (len(s) - 1), float(weights.sum() - weights @ weights / weights.sum())


def foretold(experiment: RecordedExperiment, spreads: Sequence[float]) -> tuple[float, ...]:
    """How well each spread foretells an experiment; the visitors' observed shares stand in for the weights."""
    exposed = tuple(arm.exposed for arm in experiment.arms)
    counts = [(exposed, exposed, tuple(arm.converted for arm in experiment.arms))]
    return log_marginals(counts, len(exposed), spreads)


def most_likely(experiments: Sequence[RecordedExperiment]) -> float:
    """The one spread that foretells all experiments together best, by a parabola through a fine grid."""
    fine = np.linspace(0.14, 0.30, 9)
    total = np.sum([foretold(experiment, fine.tolist()) for experiment in experiments], axis=0)
    best = min(max(int(np.argmax(total)), 1), len(fine) - 2)
    bend, slope, _ = np.polyfit(fine[best - 1 : best + 2], total[best - 1 : best + 2], 2)
    return float(-slope / (2 * bend))


def mixture(logs: Floats) -> Floats:
    """How the experiments' own spreads are distributed over the grid: the most likely mixture (EM)."""
    likelihoods = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = np.full(logs.shape[1], 1 / logs.shape[1])
    for _ in range(3000):
        parts = likelihoods * weights
        weights = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights


def page(experiments: Sequence[RecordedExperiment]) -> str:
    used = [
        each
        for each in experiments
        if sum(arm.converted for arm in each.arms) >= LEAST_CONVERSIONS
        and all(arm.exposed for arm in each.arms)
    ]
    above, below = np.array([moments(experiment) for experiment in used]).T
    spread = math.sqrt(max(0.0, above.sum() / below.sum()))
    rng = np.random.default_rng(SEED)
    again = [
        math.sqrt(max(0.0, above[draw].sum() / below[draw].sum()))
        for draw in rng.integers(0, len(used), (RESAMPLES, len(used)))
    ]
    logs = np.array([foretold(experiment, SPREADS) for experiment in used])
    mean_logs = logs.mean(axis=0) - logs.mean(axis=0).max()
    own = mixture(logs)
    hyperprior = half_normal(HYPERPRIOR_SCALE).weights
    grid = np.array(SPREADS)
    rows = [
        "| spread | " + " | ".join(f"{each:.2f}" for each in SPREADS) + " |",
        "|---" * (len(SPREADS) + 1) + "|",
        "| mean log marginal likelihood of an experiment | "
        + " | ".join(f"{each:.2f}" for each in mean_logs)
        + " |",
        "| ... in the package | " + " | ".join(f"{each:.2f}" for each in ARCHIVE_LOG_MARGINALS) + " |",
        "| share of the experiments that have it as their own | "
        + " | ".join(f"{each:.2f}" for each in own)
        + " |",
        f"| half-normal({HYPERPRIOR_SCALE}) at the grid's points | "
        + " | ".join(f"{each:.2f}" for each in hyperprior)
        + " |",
    ]
    return "\n".join([
        "# How far the arms of real experiments lie apart",
        "",
        (f"{len(experiments):,} recorded experiments, {len(used):,} of them with {LEAST_CONVERSIONS} conversions and "
        f"more. Spread: standard deviation of one arm's log rate around its experiment's mean. Seed {SEED}, "
        f"{RESAMPLES:,} resamples of the experiments."),
        "",
        (f"- Method of moments, pooled: **{spread:.3f}** an arm (standard error {np.std(again):.3f}), "
        f"{math.sqrt(2) * spread:.2f} for the difference of two. In the package: {ARCHIVE_SPREAD}."),
        f"- Marginal likelihood, one spread for all: {most_likely(used):.3f}.",
        (f"- The experiments differ in their own spread: its mean is {own @ grid:.2f}, its root mean square "
        f"{math.sqrt(own @ grid**2):.2f}. A half-normal({HYPERPRIOR_SCALE}) has mean "
        f"{HYPERPRIOR_SCALE * math.sqrt(2 / math.pi):.2f} and root mean square {HYPERPRIOR_SCALE:.2f}."),
        "",
        *rows,
        "",
    ])  # fmt: skip


def main(files: Sequence[str]) -> None:
    if not files:
        raise SystemExit(__doc__)
    experiments = []
    for name in files:
        with Path(name).open(encoding="utf-8", newline="") as lines:
            experiments += read_recorded(lines)
    text = page(experiments)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
