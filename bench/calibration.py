"""How often "19 in 20" is right, when somebody looks all the time: the promise of the calibrated layer, kept.

    python -m bench.calibration [share of the full run]

Experiments whose arms' log rates lie around their mean with a known spread are looked at again and again, until
somebody says that an arm is best with 95 %. How often is that said, and how often is it right? Writes
bench/calibration.md; the full run takes some ten minutes on one core.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, logsumexp

from bench.drifting import RUNS, drifting_table
from vibevariant.stats.hierarchical import Hierarchical, log_marginals
from vibevariant.stats.priors import (
    ARCHIVE_LOG_MARGINALS,
    ARCHIVE_SPREAD,
    BEFORE_HISTORY,
    HYPERPRIOR_SCALE,
    SpreadPrior,
    half_normal,
)

SEED = 20
SURE = 0.95
SPREADS = (0.1, 0.2, 0.4)
PAST = (0, 3, 10)
# Rates around 4 %, by a factor of 1.6 either way.
BASE, BASE_SD, HIGHEST_RATE = 0.04, 0.5, 0.25
# Visitors of a finished experiment, of one with two arms and of one with more, and how often these are looked at.
PAST_VISITORS = 5_000
VISITORS = {2: 5_000, 3: 10_000, 5: 10_000}
LOOKS = {2: 100, 3: 25, 5: 25}
EXPERIMENTS = {2: 4_000, 3: 1_200, 5: 1_200}
POOL = 400
# Nobody is sure of a lead smaller than this many of its standard deviations; such looks need not be computed.
HOPELESS = 1.5
# The difference of two arms is summed over so many points: what is summed is what the package integrates.
POINTS, FARTHEST = 901, 3.0
PAGE = Path(__file__).with_name("calibration.md")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calls:
    """Of so many experiments, in how many somebody was sure at some time, and how many of those were right."""

    experiments: int
    made: int
    right: int

    def __str__(self) -> str:
        if not self.made:
            return "0 %"
        share = self.right / self.made
        error = math.sqrt(max(share * (1 - share), 0.25 / self.made) / self.made)
        return f"{100 * self.made / self.experiments:.0f} % / {100 * share:.1f} ± {100 * error:.1f}"


def truths(rng: np.random.Generator, experiments: int, arms: int, spread: float) -> Floats:
    """The arms' rates."""
    base = BASE * np.exp(rng.normal(0, BASE_SD, (experiments, 1)))
    return np.minimum(base * np.exp(rng.normal(0, spread, (experiments, arms))), HIGHEST_RATE * 1.5)


def seen(rng: np.random.Generator, rates: Floats, visitors: int, looks: int) -> NDArray[np.int64]:
    """Conversions at every look of arms with even weights, shaped (experiments, looks, arms)."""
    experiments, arms = rates.shape
    at_each = visitors // (looks * arms)
    return rng.binomial(at_each, rates[:, None, :], (experiments, looks, arms)).cumsum(axis=1)


def history(rng: np.random.Generator, arms: int, spread: float, pool: int) -> Floats:
    """What finished experiments of the same kind say of the spread, one a row."""
    rates = truths(rng, pool, arms, spread)
    conversions = seen(rng, rates, PAST_VISITORS, 1)[:, 0].tolist()
    exposed = (PAST_VISITORS // arms,) * arms
    return np.array([log_marginals([((1,) * arms, exposed, each)], arms) for each in conversions])


class PairTable:
    """For every look at two arms and every spread: log marginal likelihood, and chance that the second is better."""

    def __init__(self, conversions: NDArray[np.int64], spreads: Sequence[float]) -> None:
        self.pairs, self.place = np.unique(conversions.reshape(-1, 2), axis=0, return_inverse=True)
        d = np.linspace(-FARTHEST, FARTHEST, POINTS)
        sd = math.sqrt(2) * np.array(spreads)[:, None]
        of_prior = np.exp(-((d / sd) ** 2) / 2) / sd
        better = of_prior * ((d > 0) + 0.5 * (d == 0))
        logs, chances = [], []
        for some in np.array_split(self.pairs, max(1, len(self.pairs) // 4000)):
            log = some[:, 1:] * d - some.sum(axis=1, keepdims=True) * np.log1p(np.expm1(d) / 2)
            top = log.max(axis=1, keepdims=True)
            likelihood = np.exp(log - top)
            marginal = likelihood @ of_prior.T
            logs.append(np.log(marginal) + top)
            chances.append(likelihood @ better.T / marginal)
        self.log_marginals, self.better = np.concatenate(logs), np.concatenate(chances)

    def chances(self, log_weights: Floats, shape: tuple[int, int]) -> Floats:
        """That the second arm is better, at every look of every experiment with weights of its own."""
        logs = self.log_marginals[self.place].reshape(*shape, -1) + log_weights[:, None, :]
        weights = np.exp(logs - logsumexp(logs, axis=2, keepdims=True))
        return np.asarray((weights * self.better[self.place].reshape(*shape, -1)).sum(axis=2))


def first_calls(p_second: Floats, rates: Floats) -> Calls:
    """The first time that anybody looking at two arms is sure."""
    sure = np.asarray(np.maximum(p_second, 1 - p_second) >= SURE)
    made = np.asarray(sure.any(axis=1))
    at = sure.argmax(axis=1)
    says_second = p_second[np.arange(len(at)), at] > 0.5
    right = says_second == (rates[:, 1] > rates[:, 0])
    return Calls(len(made), int(made.sum()), int((made & right).sum()))


def log_weights_after(
    rng: np.random.Generator, prior: SpreadPrior, pool: Floats, past: int, experiments: int
) -> Floats:
    """For each experiment, the logs of what its project has learned from so many finished ones."""
    drawn = rng.integers(0, len(pool), (experiments, past))
    return np.asarray(np.log(np.array(prior.weights)) + pool[drawn].sum(axis=1))


def archive_counting_for(tests: float) -> SpreadPrior:
    return half_normal(HYPERPRIOR_SCALE).after([[tests * log for log in ARCHIVE_LOG_MARGINALS]])


def two_arms(spread: float, experiments: int) -> dict[str, Calls]:
    """The usual headline, the calibrated layer after so many past experiments, and other ways to begin."""
    rng = np.random.default_rng([SEED, 2, round(1000 * spread)])
    pool = history(rng, 2, spread, POOL)
    rates = truths(rng, experiments, 2, spread)
    conversions = seen(rng, rates, VISITORS[2], LOOKS[2])
    shape = conversions.shape[:2]
    table = PairTable(conversions, BEFORE_HISTORY.spreads)
    # Flat priors: for rare conversions, Gamma(a + 1) against Gamma(b + 1).
    flat = betainc(conversions[..., 0] + 1, conversions[..., 1] + 1, 0.5)
    calls = {"flat": first_calls(flat, rates)}
    for name, prior in {
        "": BEFORE_HISTORY,
        "0 ": archive_counting_for(0),
        "1 ": archive_counting_for(1),
    }.items():
        for past in PAST:
            weights = log_weights_after(rng, prior, pool, past, experiments)
            calls[f"{name}{past}"] = first_calls(table.chances(weights, shape), rates)
    fixed = PairTable(conversions, (ARCHIVE_SPREAD,))
    calls["fixed"] = first_calls(fixed.chances(np.zeros((experiments, 1)), shape), rates)
    return calls


def farthest_off_the_package(states: int) -> float:
    """How far the sums that stand in for two arms are off what the package says of the same counts."""
    rng = np.random.default_rng([SEED, 1])
    pairs = rng.integers(0, 200, (states, 1, 2))
    log_weights = np.tile(np.log(np.array(BEFORE_HISTORY.weights)), (states, 1))
    ours = PairTable(pairs, BEFORE_HISTORY.spreads).chances(log_weights, (states, 1))[:, 0]
    exposed = (10_000, 10_000)
    theirs = [Hierarchical([((1, 1), exposed, pair)], 2).p_best((0, 1))[1] for pair in pairs[:, 0].tolist()]
    return float(np.abs(ours - theirs).max())


def more_arms(arms: int, spread: float, past: int, experiments: int) -> Calls:
    """The same for more arms, by the package itself."""
    rng = np.random.default_rng([SEED, arms, round(1000 * spread)])
    pool = history(rng, arms, spread, POOL)
    rates = truths(rng, experiments, arms, spread)
    conversions = seen(rng, rates, VISITORS[arms], LOOKS[arms])
    made = right = 0
    for truth, looks in zip(rates, conversions, strict=True):
        prior = BEFORE_HISTORY.after(pool[rng.integers(0, len(pool), past)].tolist())
        for look, counts in enumerate(looks.tolist(), start=1):
            second, first = sorted(counts)[-2:]
            if first - second < HOPELESS * math.sqrt(max(1, first + second)):
                continue
            exposed = (look * VISITORS[arms] // (LOOKS[arms] * arms),) * arms
            p_best = Hierarchical([((1,) * arms, exposed, counts)], arms, prior).p_best(range(arms))
            if max(p_best) >= SURE:
                made += 1
                right += int(np.argmax(p_best)) == int(np.argmax(truth))
                break
    return Calls(experiments, made, right)


def page(share: float) -> str:
    def some(full: int) -> int:
        return max(20, round(share * full))

    pairs = {spread: two_arms(spread, some(EXPERIMENTS[2])) for spread in (0.05, *SPREADS)}
    lines = [
        "# How often a call of 95 % is right",
        "",
        "Cells: experiments in which an arm is called best with 95 % at some look / of those calls, how many are right (±",
        "one standard error). The spread is that of one arm's log rate; the difference of two has 1.41 of it. Rates around",
        f"{100 * BASE:.0f} %. Two arms: a look every {VISITORS[2] // LOOKS[2]} visitors until {VISITORS[2]:,}; more: every",
        f"{VISITORS[3] // LOOKS[3]} until {VISITORS[3]:,}. Past experiments had {PAST_VISITORS:,} visitors. Seed {SEED}.",
        "",
        "| rule | " + " | ".join(f"spread {spread}" for spread in SPREADS) + " |",
        "|---" * (len(SPREADS) + 1) + "|",
        "| 2 arms, flat priors (the usual headline) | "
        + " | ".join(str(pairs[spread]["flat"]) for spread in SPREADS)
        + " |",
    ]
    for arms in (2, 3, 5):
        for past in PAST:
            cells = [
                pairs[spread][str(past)]
                if arms == 2
                else more_arms(arms, spread, past, some(EXPERIMENTS[arms]))
                for spread in SPREADS
            ]
            lines.append(f"| {arms} arms, calibrated, {past} past | " + " | ".join(map(str, cells)) + " |")
    lines += [
        "",
        f"Two arms are summed over {POINTS} points instead of integrated by the package; on 300 counts the two differ by at",
        f"most {farthest_off_the_package(300):.1e}.",
        "",
        "## How much the archive's word should count",
        "",
        "Two arms, other beginnings. The more the archive counts for, the earlier calls are made, and the more of them are",
        "wrong where differences are small. Without it, 12 conversions against 3 of 300 visitors each are no hint (.79); with",
        "nine tenths of a test they are (.84).",
        "",
        "| beginning | past | " + " | ".join(f"spread {spread}" for spread in pairs) + " |",
        "|---" * (len(pairs) + 2) + "|",
    ]
    names = {
        "": "nine tenths of a test (the package)",
        "0 ": "none: half-normal(.25) alone",
        "1 ": "one test",
    }
    for key, name in names.items():
        for past in PAST:
            others = [str(calls[f"{key}{past}"]) for calls in pairs.values()]
            lines.append(f"| {name} | {past} | " + " | ".join(others) + " |")
    others = [str(calls["fixed"]) for calls in pairs.values()]
    lines.append("| all of it: .21, never learning | 0 | " + " | ".join(others) + " |")
    lines += [
        "",
        "## Three arms under a bandit while the base rate triples",
        "",
        *drifting_table(some(RUNS)),
        "",
    ]
    return "\n".join(lines)


def main(share: float) -> None:
    text = page(share)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
