"""Whether early signs keep their word: how often the more engaging arm is the better one, and how often that is said.

    python -m bench.early_signals [experiments a row] > bench/early_signals.md

Made-up visitors have an interest that nobody sees. It shows, more or less, in what they fill in, click, read and how
long they stay, and it makes them likelier to convert; an arm may raise it, and may raise conversions by other means.
"""

import math
import sys
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from vibevariant.stats.early_signals import early_signs, reliability, right_arm
from vibevariant.stats.effect_correlation import EffectCorrelation, EffectPair, learned_correlation
from vibevariant.stats.engagement import SignalTable, engagement
from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.prior_shift import PriorShift, prior_shift
from vibevariant.stats.priors import ARCHIVE_SPREAD, fixed_spread
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.signal_weights import BEFORE_CONVERSIONS, SignalWeights

# Correlation of what is behind each signal (form, click, scroll, time) with interest: not what the usual weights think.
LOADINGS = np.array([0.5, 0.3, 0.75, 0.45])
# Log rate of converting for a standard deviation of interest.
DRIVE = 0.7
# Spread of the difference of two arms, in interest and in the log rate.
OF_DIFFERENCE = 0.3
OF_ARM = OF_DIFFERENCE / math.sqrt(2)


def visitors(
    rng: np.random.Generator, number: int, base: float, interest: float = 0.0, lift: float = 0.0
) -> tuple[SignalTable, Floats]:
    """Two arms in turn, b raising interest and the log rate; and what interest each visitor had."""
    arms = np.arange(number) % 2
    own = rng.normal(size=number)
    felt = own + interest * (arms - 0.5)
    rate = base * np.exp(lift * (arms - 0.5) + DRIVE * own - DRIVE**2 / 2)
    behind = felt[:, None] * LOADINGS + rng.normal(size=(number, 4)) * np.sqrt(1 - LOADINGS**2)
    signals = np.stack(
        [
            np.searchsorted(ndtri([0.85, 0.95]), behind[:, 0]),
            np.searchsorted(ndtri([0.5, 0.75, 0.9, 0.96]), behind[:, 1]),
            10 * np.maximum(np.round(12 * ndtr(behind[:, 2]) - 2), 0),
            np.round(np.exp(3 + behind[:, 3])),
        ],
        axis=1,
    )
    table = SignalTable(
        signals=signals.astype(np.float64),
        arms=arms,
        allocations=np.zeros(number, dtype=np.int64),
        converted=rng.random(number) < rate,
        visitors=np.ones(number, dtype=np.int64),
    )
    return table, felt


@cache
def loading() -> float:
    """How far the index under the usual weights rises with interest."""
    return follows_interest(BEFORE_CONVERSIONS)


@cache
def _crowd() -> tuple[SignalTable, Floats]:
    return visitors(np.random.default_rng(1), 40_000, 0.03)


def follows_interest(weights: SignalWeights) -> float:
    """Correlation of the index with interest, in a large crowd."""
    if not any(weights.mean):
        return 0.0
    table, interest = _crowd()
    return float(np.corrcoef(table.scores @ np.array(weights.mean), interest)[0, 1])


def p_second(posterior: Hierarchical, shift: PriorShift | None = None) -> float:
    """Calibrated chance that b is better."""
    read = posterior if shift is None else posterior.under(fixed_spread(OF_ARM), shift)
    return read.p_best((0, 1))[1]


@lru_cache(maxsize=10_000)
def counted(a: int, b: int, exposed: int) -> Hierarchical:
    """What conversions say of two arms of so many visitors each."""
    return Hierarchical([((5000, 5000), (exposed, exposed), (a, b))], 2, fixed_spread(OF_ARM))


def right(better: Sequence[bool], p: Sequence[float]) -> float:
    """How often the likelier arm is the better one; a tie is right half of the time."""
    hits = [
        0.5 if abs(each - 0.5) < 1e-9 else float((each > 0.5) == is_b)
        for is_b, each in zip(better, p, strict=True)
    ]
    return float(np.mean(hits))


def row(number: int, base: float, r: float, assumed: float, experiments: int, seed: int) -> dict[str, float]:
    """Many experiments of two arms, whose effects on interest and conversions have correlation r."""
    rng = np.random.default_rng(seed)
    better, conversions, proxy, both = [], [], [], []
    for _ in range(experiments):
        interest = rng.normal(0, OF_DIFFERENCE)
        lift = r * interest + math.sqrt(1 - r * r) * rng.normal(0, OF_DIFFERENCE)
        table, _ = visitors(rng, number, base, interest, lift)
        seen = engagement(table, 2, BEFORE_CONVERSIONS.after(table).mean)
        shift = prior_shift(seen, assumed, loading() * OF_ARM, OF_ARM)
        a, b = (int(table.converted[table.arms == arm].sum()) for arm in (0, 1))
        better.append(lift > 0)
        posterior = counted(a, b, number // 2)
        conversions.append(p_second(posterior))
        proxy.append(0.5 + float(np.sign(seen.score[1])) / 4)
        both.append(p_second(posterior, shift))
    return {
        "conversions": right(better, conversions),
        "proxy": right(better, proxy),
        "closed": right_arm(r, reliability(math.sqrt(4 / number), loading() * OF_ARM)),
        "both": right(better, both),
        "stated": float(np.mean([max(p, 1 - p) for p in both])),
    }


def past(rng: np.random.Generator, experiments: int, r: float, noise: float = 0.15) -> EffectCorrelation:
    """What finished experiments of 2,000 visitors and 80 conversions teach, by their effects alone."""
    of_index = loading() * OF_DIFFERENCE
    index_error, log_ratio_error = math.sqrt(4 / 2000), math.sqrt(4 / 80)
    scales = np.array([of_index, OF_DIFFERENCE])
    errors = np.array([index_error, log_ratio_error])
    covariance = np.outer(scales, scales) * [[1, r], [r, 1]]
    covariance += np.outer(errors, errors) * [[1, noise], [noise, 1]]
    effects = rng.multivariate_normal([0, 0], covariance, size=experiments)
    return learned_correlation(
        [[EffectPair(float(x), index_error, float(y), log_ratio_error, noise)] for x, y in effects],
        fixed_spread(ARCHIVE_SPREAD),
    )


def claims(
    rng: np.random.Generator, tests: int, looks: Sequence[int], r: float | None
) -> tuple[Floats, float]:
    """Share of experiments with a claim by each look, and how often it is right; r None: arms do not differ at all."""
    first: list[float] = []
    hits: list[float] = []
    for _ in range(tests):
        interest = 0.0 if r is None else rng.normal(0, OF_DIFFERENCE)
        lift = 0.0 if r is None else r * interest + math.sqrt(1 - r * r) * rng.normal(0, OF_DIFFERENCE)
        table, _ = visitors(rng, looks[-1], 0.03, interest, lift)
        found = math.inf
        for look in looks:
            seen = SignalTable(
                table.signals[:look], table.arms[:look], table.allocations[:look], table.converted[:look],
                table.visitors[:look],
            )  # fmt: skip
            signs = early_signs(seen, 2)
            if signs.is_claim:
                found = look
                hits.append((signs.arm == 1) == (lift > 0))
                break
        first.append(found)
    return np.array([np.mean(np.array(first) <= look) for look in looks]), float(np.mean(hits or [math.nan]))


@cache
def _log_e(a: int, b: int) -> float:
    return evidence([Stratum(5000, 5000, a, b)])


def winners(base: float, experiments: int, seed: int) -> int:
    """Experiments with equal arms and 100 visitors that are ever proven to differ, looked at after every 10."""
    rng = np.random.default_rng(seed)
    converted = rng.binomial(5, base, (experiments, 2, 10)).cumsum(axis=2)
    return sum(
        any(_log_e(int(min(pair)), int(max(pair))) >= math.log(20) for pair in each.T) for each in converted
    )


def main(experiments: int) -> None:
    print(
        f"Early signs, {experiments:,} experiments a row; a row's seed is its number, from 1. True effects on interest"
    )
    print(
        f"and on the log rate N(0, {OF_DIFFERENCE}) with correlation r; the index follows interest with {loading():.2f}.\n"
    )
    print("| visitors, base | r | conversions only | engagement only (closed form) | both | stated |")
    print("|---|---|---|---|---|---|")
    cells = [(100, base, r, r) for base in (0.01, 0.03, 0.05) for r in (0.0, 0.3, 0.5, 0.8)]
    cells += [(400, 0.03, 0.5, 0.5), (400, 0.05, 0.8, 0.8), (100, 0.2, 0.5, 0.5)]
    cells += [(100, 0.03, 0.0, 0.3), (100, 0.03, 0.0, 0.5)]
    for seed, (number, base, r, assumed) in enumerate(cells, start=1):
        found = row(number, base, r, assumed, experiments, seed)
        name = f"{r}" if r == assumed else f"{r}, taken as {assumed}"
        print(
            f"| {number}, {base:.0%} | {name} | {found['conversions']:.3f} | {found['proxy']:.3f} ({found['closed']:.3f}) "
            f"| {found['both']:.3f} | {found['stated']:.3f} |",
            flush=True,
        )
    print(
        "\nCorrelation of the index with interest, mean of 200 (seeds 0 to 199), conversions of 1 visitor in 20:\n"
    )
    print("| conversions | usual weights | ridge towards 0 | ridge towards the usual weights |")
    print("|---|---|---|---|")
    towards_0 = SignalWeights((0.0,) * 4, BEFORE_CONVERSIONS.precision)
    for conversions in (2, 5, 20, 100):
        indices = []
        for seed in range(200):
            table, _ = visitors(np.random.default_rng(seed), 20 * conversions, 0.05)
            indices.append(
                [follows_interest(before.after(table)) for before in (towards_0, BEFORE_CONVERSIONS)]
            )
        means = np.mean(indices, axis=0)
        print(f"| {conversions} | {loading():.2f} | {means[0]:.2f} | {means[1]:.2f} |", flush=True)
    print(
        "\nWhat 200 projects (seed 100) have learned of r, from experiments of 2,000 visitors and 80 conversions:\n"
    )
    print(
        "| finished experiments | true r | r as learned, mean and sd | projects in which signs may be spoken of |"
    )
    print("|---|---|---|---|")
    rng = np.random.default_rng(100)
    for number in (3, 10, 30, 100, 300):
        for r in (0.0, 0.3, 0.6):
            learned = [past(rng, number, r) for _ in range(200)]
            used = [each.used for each in learned]
            spoken = np.mean([each.is_related and right_arm(each.used, 1.0) >= 0.55 for each in learned])
            print(
                f"| {number} | {r} | {np.mean(used):.2f} +- {np.std(used):.2f} | {spoken:.0%} |", flush=True
            )
    looks = (50, 100, 200, 300, 400, 600, 800, 1000, 1500, 2000)
    tests = max(100, experiments // 10)
    print(
        f"\nClaims by this many visitors, {tests:,} experiments a row (seed 200), looked at {len(looks)} times, base 3 %:\n"
    )
    print(f"| true effects | {' | '.join(str(look) for look in looks)} | claims that are right |")
    print(f"|---|{'---|' * len(looks)}---|")
    rows: tuple[tuple[str, float | None], ...] = (("none at all", None), ("r 0.3", 0.3), ("r 0.5", 0.5))
    for name, related in rows:
        share, hits = claims(np.random.default_rng(200), tests, looks, related)
        told = "-" if related is None else f"{hits:.2f}"
        print(f"| {name} | {' | '.join(f'{each:.3f}' for each in share)} | {told} |", flush=True)
    print(
        f"\nEqual arms, 100 visitors, a look after every 10, {experiments:,} experiments a rate (seed 300): proven to differ in"
    )
    print(
        ", ".join(f"{winners(base, experiments, 300)} at {base:.0%}" for base in (0.02, 0.05, 0.2, 0.5)) + "."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
