"""Real experiments run again under a bandit, in process, by the code that serves: conversions against the even split.

    python -m bench.archive_bandit ARCHIVE [share of the full run]

ARCHIVE is a CSV file of recorded experiments, as `vibevariant replay` reads it; the figures are those of the Upworthy
Research Archive's exploratory part (Matias and others, Scientific Data 8, 195, 2021, CC BY 4.0). Writes
bench/archive_bandit.md; the full run takes about a quarter of an hour on two cores.

Each test gets as many visitors as were recorded. What is true of its arms nobody knows; taken as true is each arm's
recorded rate, drawn towards the test's own by as much as the archive's spread says:

    rate of arm k = (s[k] + c) / (n[k] + c / m),    m = sum s / sum n,    c = 1 / spread^2

with n visitors and s clicks, the mean of a rate of which Gamma with mean m and coefficient of variation .21 is the prior
(Clayton and Kaldor, Biometrics 43, 1987). It is also a little less than what there is to gain: means of what the rates may
be lie closer together than the rates.
"""

import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.decisions import counted
from bench.machine import machine
from vibevariant.experiments.recorded import RecordedExperiment, read_recorded
from vibevariant.stats.allocation import (
    TEN_THOUSANDTHS,
    Mode,
    even_weights,
    weights_in_mode,
    worth_publishing,
)
from vibevariant.stats.priors import ARCHIVE_SPREAD, BEFORE_FIRST_ARM
from vibevariant.stats.steering import steering_chances

SEED = 32
CORES = 2
MODES: tuple[Mode, ...] = ("balanced", "earn")
# Weights are renewed after this share of the visitors, and never sooner than after so many.
REFRESHES, LEAST_STEP = 200, 10
# Sizes of tests, in visitors.
SIZES = (0, 5_000, 10_000, 15_000, 20_000, 30_000, math.inf)
ARMS = (2, 3, 4, 5, 6, math.inf)
PAGE = Path(__file__).with_name("archive_bandit.md")


@dataclass(frozen=True, slots=True)
class Played:
    """One test: conversions to expect under the even split, if all had seen the best arm, and in each mode.

    Args:
        published: how often weights changed, in each mode.
    """

    arms: int
    visitors: int
    even: float
    best: float
    earned: tuple[float, ...]
    published: tuple[int, ...]


def rates_of(test: RecordedExperiment) -> NDArray[np.float64]:
    """What is taken as true of the arms."""
    exposed, converted = (
        np.array([getattr(arm, name) for arm in test.arms]) for name in ("exposed", "converted")
    )
    worth = 1 / ARCHIVE_SPREAD**2
    mean = converted.sum() / exposed.sum()
    return np.asarray((converted + worth) / (exposed + worth / mean)) if mean else np.zeros(len(exposed))


def run(rates: NDArray[np.float64], visitors: int, mode: Mode, rng: np.random.Generator) -> tuple[float, int]:
    """So many visitors under a bandit: the conversions to expect of how they were laid, and how often weights changed.

    Visitors fall to the arms at random by weight, as the hash lays them.
    """
    arms = len(rates)
    weights, earned, published = even_weights(arms), 0.0, 0
    shown, reached = np.zeros(arms, np.int64), np.zeros(arms, np.int64)
    step = max(LEAST_STEP, visitors // REFRESHES)
    for start in range(0, visitors, step):
        came = min(step, visitors - start)
        shares = np.array(weights) / TEN_THOUSANDTHS
        earned += came * float(shares @ rates)
        arrived = rng.multinomial(came, shares)
        shown += arrived
        reached += rng.binomial(arrived, rates)
        # Rates are independent of allocations here, so that those before add up to one.
        so_far = [(weights, shown.tolist(), reached.tolist())]
        p_best = steering_chances(so_far, arms, prior=BEFORE_FIRST_ARM)
        new = weights_in_mode(p_best, mode, start + came)
        if worth_publishing(weights, new):
            weights, published = new, published + 1
    return earned, published


def play(test: RecordedExperiment, seed: int) -> Played:
    """A test in every mode; a mode's luck hangs on the seed and the mode alone."""
    rates, visitors = rates_of(test), test.exposed
    ended = [
        run(rates, visitors, mode, np.random.default_rng([SEED, seed, *mode.encode()])) for mode in MODES
    ]
    even = visitors * float(np.array(even_weights(len(rates))) @ rates) / TEN_THOUSANDTHS
    return Played(
        len(rates),
        visitors,
        even,
        visitors * float(rates.max()),
        tuple(earned for earned, _ in ended),
        tuple(published for _, published in ended),
    )


@dataclass(frozen=True, slots=True)
class Gain:
    """Conversions above those of the even split over some tests, as a share of these, with the standard error."""

    tests: int
    share: float
    error: float
    of_best: float
    below: int
    lost_below: float


def gain(played: Sequence[Played], mode: int) -> Gain:
    """A test is one observation; the share is a ratio of sums, and so is its error."""
    even, best = (np.array([getattr(one, name) for one in played]) for name in ("even", "best"))
    more = np.array([one.earned[mode] for one in played]) - even
    share = float(more.sum() / even.sum())
    off = more - share * even
    error = math.sqrt(float((off * off).sum()) * len(off) / max(1, len(off) - 1)) / float(even.sum())
    return Gain(
        len(played),
        share,
        error,
        float(more.sum() / (best - even).sum()),
        int((more < 0).sum()),
        float(-more[more < 0].sum()),
    )


def _percent(part: Gain) -> str:
    return f"{100 * part.share:+.1f} ± {100 * part.error:.1f}"


def _row(name: str, played: Sequence[Played]) -> str:
    gains = [gain(played, mode) for mode in range(len(MODES))]
    even, best = sum(one.even for one in played), sum(one.best for one in played)
    return (
        f"| {name} | {len(played):,} | {sum(one.visitors for one in played):,} | {even:,.0f} "
        f"| {100 * (best / even - 1):+.1f} | "
        + " | ".join(_percent(one) for one in gains)
        + " | "
        + " | ".join(f"{100 * one.of_best:.0f}" for one in gains)
        + " | "
        + " | ".join(f"{one.below:,}" for one in gains)
        + " |"
    )


def _between(bounds: Sequence[float], unit: str) -> Iterator[tuple[float, float, str]]:
    for low, high in pairwise(bounds):
        if high == math.inf:
            yield low, high, f"{low:,} {unit} and more"
        elif high == low + 1:
            yield low, high, f"{low:,} {unit}"
        else:
            yield low, high, f"below {high:,} {unit}" if not low else f"{low:,} to {high:,} {unit}"


def _worst(parts: Sequence[tuple[str, Gain]]) -> str:
    """A row of the first table: the smallest gain, counted in its standard errors."""
    several = [(name, one) for name, one in parts if one.tests > 1]
    name, worst = min(several, key=lambda part: part[1].share / max(part[1].error, 1e-9))
    reached = worst.share >= -2 * worst.error
    return (
        "| the least sure of all sizes and numbers of arms, in both modes | never below even by more than noise "
        f"| {_percent(worst)} % ({name}) | {'reached' if reached else '**not reached**'} |"
    )


def page(played: Sequence[Played], minutes: float) -> str:
    by_size = [
        (name, [one for one in played if low <= one.visitors < high])
        for low, high, name in _between(SIZES, "visitors")
    ]
    by_arms = [
        (name, [one for one in played if low <= one.arms < high])
        for low, high, name in _between(ARMS, "arms")
    ]
    whole = [gain(played, mode) for mode in range(len(MODES))]
    parts = [
        (f"{name}, {mode}", gain(some, index))
        for name, some in (*by_size, *by_arms)
        if some
        for index, mode in enumerate(MODES)
    ]
    on, even = machine(), sum(one.even for one in played)
    changes = [np.median([one.published[mode] for one in played]) for mode in range(len(MODES))]
    head = ["tests of", "tests", "visitors", "even: conversions", "always the best, %"]
    for words in ("{}, %", "{}: of what there was to gain, %", "{}: tests below even"):
        head += [words.format(mode.capitalize()) for mode in MODES]
    return "\n".join([
        "# Real experiments under a bandit",
        "",
        "`python -m bench.archive_bandit ARCHIVE` writes this page: the Upworthy Research Archive's exploratory part (CC BY 4.0),",
        f"{len(played):,} headline tests, {sum(one.visitors for one in played):,} visitors, each test with as many as were recorded. Seed {SEED}.",
        f"Took {minutes:.0f} minutes on {on['cores']} cores, {on['processor']}; Python {on['python']}, numpy {version('numpy')}.",
        "",
        f"True is taken to be each arm's recorded rate drawn towards its test's, by as much as {1 / ARCHIVE_SPREAD**2:.1f} clicks at that rate are worth",
        f"(the mean under a Gamma prior of coefficient of variation {ARCHIVE_SPREAD}, the archive's own spread). Weights are renewed every",
        f"max({LEAST_STEP}, visitors / {REFRESHES}) visitors by `steering_chances` and `weights_in_mode`, and published as `worth_publishing` has it: as",
        f"in the appliance. There the prior of rates is learned from a project's past; here every test starts without one, from Beta({BEFORE_FIRST_ARM.alpha:g}, {BEFORE_FIRST_ARM.beta:g}).",
        "Clicks come at once, and no arm is sent to its floor for proven harm. Conversions are those to expect of how the visitors",
        "were laid, which leaves out the luck of clicks; ± is one standard error over tests, one run each.",
        "",
        "| figure | reach | measured | |",
        "|---|---|---|---|",
        *(
            f"| conversions above the even split's {even:,.0f}, {mode.capitalize()} | report | {_percent(one)} % "
            f"({sum(each.earned[index] - each.even for each in played):+,.0f}) | |"
            for index, (mode, one) in enumerate(zip(MODES, whole, strict=True))
        ),
        _worst(parts),
        "",
        "## By size and by number of arms",
        "",
        "| " + " | ".join(head) + " |",
        "|---" * len(head) + "|",
        *(_row(name, some) for name, some in by_size if some),
        *(_row(name, some) for name, some in by_arms if some),
        _row("**all**", played),
        "",
        "Single tests do end below the even split, where a worse arm had a lucky start or all are nearly the same. What those lost adds",
        "up to "
        + " and ".join(
            f"{one.lost_below:,.0f} conversions ({100 * one.lost_below / even:.2f} %) in {mode.capitalize()}"
            for mode, one in zip(MODES, whole, strict=True)
        )
        + f". Weights changed {changes[0]:.0f} times in the median test in {MODES[0].capitalize()}, {changes[1]:.0f} in {MODES[1].capitalize()}.",
        "",
    ])  # fmt: skip


def main(archive: str, share: float) -> None:
    with Path(archive).open(encoding="utf-8", newline="") as lines:
        recorded = read_recorded(lines)
    chosen = list(range(0, len(recorded), max(1, round(1 / share))))
    began = time.monotonic()
    with ProcessPoolExecutor(CORES, initializer=os.nice, initargs=(10,)) as pool:
        results = pool.map(play, [recorded[index] for index in chosen], chosen, chunksize=4)
        played = list(counted("Real experiments under a bandit", len(chosen), results))
    text = page(played, (time.monotonic() - began) / 60)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
