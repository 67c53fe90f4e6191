"""What bandits lose on the way to the best arm: ours, those of the textbooks, and MABWiser where it is installed.

    OMP_NUM_THREADS=1 uv run --with mabwiser python -m bench.bandits [share of the full run]

Ours go through the code that serves: chances, weights and the threshold for a new allocation, refresh by refresh. Writes
bench/bandits.md; the full run takes some two hours on two cores that are busy with other things too.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from bench.bandits_page import page
from bench.bandits_tables import Delayed, Gained, Lost, Proven, Took
from bench.mabwiser import VERSION, mabwiser_regret
from bench.machine import machine
from vibevariant.experiments.bandits import Course, Each, Measure, Policy, World, play
from vibevariant.experiments.screening import MARGIN, Counts, RunningEvidence
from vibevariant.experiments.steered import Late
from vibevariant.progress import progress
from vibevariant.stats.allocation import weights_in_mode
from vibevariant.stats.decision import PROOF
from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts, evidence, strata
from vibevariant.stats.steering import steering_chances

SEED = 33
CORES = 2
PAGE = Path(__file__).with_name("bandits.md")

TWO = World((0.05, 0.06))
LONG = replace(TWO, visitors=100_000)
# A button that is better only with the one copy; the other combinations are about as good as each other.
DEMO = World((0.030, 0.032, 0.031, 0.026, 0.055, 0.027, 0.031, 0.033, 0.030), Design((3, 3), (0, 0)))
CELLS = replace(DEMO, design=None)
BETTER = World((0.05, 0.075))
# The appliance may look after every visitor where so few have come; this is more than it needs.
TINY = World((0.05, 0.15), visitors=100, refresh_every=5)
TINY_SEEDS, TINY_RUNS = 20, 500
AT_ONCE = World((0.05, 0.065), visitors=20_000, refresh_every=100)
LATE = replace(AT_ONCE, delay=3_000.0)

# Runs of each policy with 10,000 visitors and with 100,000: the figures' own have more, as a ratio within 5 % asks for.
SIDE_BY_SIDE: tuple[tuple[Policy | Measure, int, int], ...] = (
    ("earn", 3_000, 1_000), ("thompson-at-floor", 5_000, 1_500), ("balanced", 300, 100), ("learn", 50, 20),
    ("thompson", 2_000, 300), ("kl-ucb", 1_000, 200), ("ucb1", 1_000, 200), ("epsilon-greedy", 2_000, 300),
)  # fmt: skip
THEIRS = {10_000: 60, 100_000: 10}
NINE: tuple[tuple[Policy, World, int], ...] = (
    ("earn", DEMO, 600), ("earn", CELLS, 400), ("balanced", DEMO, 100), ("learn", DEMO, 100), ("even", CELLS, 1_000),
    ("thompson", CELLS, 500), ("kl-ucb", CELLS, 200), ("ucb1", CELLS, 200), ("epsilon-greedy", CELLS, 500),
)  # fmt: skip
PROVEN: tuple[Policy, ...] = ("balanced", "even", "earn")
PROVEN_RUNS = 1_000
TINY_MODES: tuple[Policy, ...] = ("earn", "balanced")
DELAYED: tuple[tuple[Policy, Late], ...] = (
    ("balanced", "discounted"), ("earn", "discounted"), ("earn", "known"), ("earn", "naive"), ("earn", "matured"),
)  # fmt: skip
DELAYED_RUNS = 600

# Arms, with or without a design; each is timed so often, in turn with the others.
TIMED: tuple[tuple[int, Design | None], ...] = (
    (2, None), (9, Design((3, 3), (0, 0))), (9, None), (49, Design((7, 7), (0, 0))), (49, None),
)  # fmt: skip
TIMES = 100
ALLOCATIONS, VISITORS_AN_ARM = 20, 1_000

Runner = Callable[[str, World, Policy | Measure, int, Late], Course]


def proof_at(course: Course, world: World) -> list[int | None]:
    """For every run, the visitors at which the e-value first was proof; None where it never was."""
    assert course.weights is not None
    converted = np.diff(course.converted, axis=1, prepend=0)
    shown = np.diff(course.shown, axis=1, prepend=0)
    running = RunningEvidence(len(shown), world.arms, world.visitors * max(world.rates))
    found: list[int | None] = [None] * len(shown)
    for at, visitors in enumerate(world.ends):
        running.add(course.weights[:, at], converted[:, at])
        near = running.log_e()[0][:, 0] >= math.log(PROOF) - MARGIN
        for run in np.flatnonzero(near):
            if found[run] is None and _proves(course.weights[run], shown[run], converted[run], at):
                found[run] = visitors
    return found


def _proves(weights: Counts, shown: Counts, converted: Counts, at: int) -> bool:
    so_far = (part[: at + 1].tolist() for part in (weights, shown, converted))
    return evidence(strata(list(zip(*so_far, strict=True)), 0, 1)) >= math.log(PROOF)


def lost(run: Runner, world: World, policy: Policy | Measure, runs: int) -> Lost:
    """What a policy loses, and whether it ends with the best arm."""
    course = run(
        f"{policy}, {world.arms} arms, {world.visitors:,} visitors", world, policy, runs, "discounted"
    )
    right = course.leader[:, -1] == int(np.argmax(world.rates))
    return Lost(policy, world, course.regret[:, -1], float(right.mean()), _allocations(course))


def _allocations(course: Course) -> float | None:
    """How many a run comes to on average."""
    if course.weights is None:
        return None
    changed = (np.diff(course.weights, axis=1) != 0).any(axis=2)
    return 1 + float(changed.sum(axis=1).mean())


def theirs(pool: ProcessPoolExecutor, world: World, policy: str, runs: int) -> Lost:
    """MABWiser's policies, visitor by visitor; nothing is known of who leads in the end."""
    one = partial(mabwiser_regret, policy, world.rates, world.visitors)
    with progress(f"MABWiser {policy}, {world.visitors:,} visitors", runs) as advance:
        regret = []
        for each in pool.map(one, range(SEED, SEED + runs)):
            regret.append(each)
            advance(1)
    return Lost(f"MABWiser {VERSION} {policy}", world, np.array(regret), None, None)


def gained(run: Runner, mode: Policy, share: float) -> Gained:
    """Conversions gained over the even split by seeds."""
    seeds, runs = max(2, round(share * TINY_SEEDS)), max(50, round(share * TINY_RUNS))
    course = run(f"{mode}, a hundred visitors", TINY, mode, seeds * runs, "discounted")
    gains = TINY.even_regret[-1] - course.regret[:, -1].reshape(seeds, runs)
    return Gained(mode, gains.mean(axis=1), runs, TINY.ends[0])


def proven(run: Runner, policy: Policy, runs: int) -> Proven:
    course = run(f"{policy}, +50 %", BETTER, policy, runs, "discounted")
    return Proven(policy, course.regret[:, -1] / BETTER.even_regret[-1], proof_at(course, BETTER))


def delayed(run: Runner, runs: int) -> list[Delayed]:
    """What late conversions cost, against the same mode that knows them at once."""
    oracles = {
        mode: run(f"{mode}, nothing late", AT_ONCE, mode, runs, "naive").regret[:, -1]
        for mode in dict.fromkeys(mode for mode, _ in DELAYED)
    }
    return [
        Delayed(mode, late, run(f"{mode}, late, {late}", LATE, mode, runs, late).regret[:, -1], oracles[mode])
        for mode, late in DELAYED
    ]


def counts(arms: int) -> list[AllocationCounts]:
    """What an experiment in full course has seen: weights that followed the data, allocation by allocation."""
    rng = np.random.default_rng([SEED, arms])
    rates = 0.05 * np.exp(rng.normal(0, 0.15, arms))
    found: list[AllocationCounts] = []
    for place in range(ALLOCATIONS):
        shares = np.exp(rng.normal(0, 0.3, arms) * (place > 0))
        weights = np.floor(10_000 * shares / shares.sum()).astype(int)
        exposed = rng.multinomial(arms * VISITORS_AN_ARM // ALLOCATIONS, weights / weights.sum())
        converted = rng.binomial(exposed, rates)
        found.append((tuple(weights.tolist()), tuple(exposed.tolist()), tuple(converted.tolist())))
    return found


def took() -> list[Took]:
    """Milliseconds from counts to weights."""
    cases = [(arms, design, counts(arms)) for arms, design in TIMED]
    spent: list[list[float]] = [[] for _ in cases]
    for turn in range(TIMES + 5):
        for case, (arms, design, seen) in enumerate(cases):
            began = time.perf_counter()
            chances = steering_chances(seen, arms, prior=TWO.prior, design=design)
            weights_in_mode(chances, "earn", arms * VISITORS_AN_ARM)
            if turn >= 5:  # the first ones fill caches
                spent[case].append(1000 * (time.perf_counter() - began))
    return [
        Took(arms, design is not None, median(each), min(each))
        for (arms, design, _), each in zip(cases, spent, strict=True)
    ]


@contextmanager
def pooled() -> Iterator[tuple[ProcessPoolExecutor, Runner]]:
    """A pool, and how to have it play; the course is the same however many processes there are."""
    with ProcessPoolExecutor(CORES, initializer=os.nice, initargs=(10,)) as pool:

        def run(label: str, world: World, policy: Policy | Measure, runs: int, late: Late) -> Course:
            each: Each = pool.map
            with progress(label, runs) as advance:
                return play(world, policy, runs, SEED, late=late, each=each, advance=advance)

        yield pool, run


def main(share: float) -> None:
    def some(runs: int) -> int:
        return max(10, round(share * runs))

    on, times = machine(), took()
    with pooled() as (pool, run):
        side_by_side = {
            world: [
                lost(run, world, policy, some(runs))
                for policy, *of_each in SIDE_BY_SIDE
                for runs in (of_each[world is LONG],)
            ]
            for world in (TWO, LONG)
        }
        if VERSION:
            for world, losses in side_by_side.items():
                for policy in ("ThompsonSampling", "UCB1"):
                    losses.append(theirs(pool, world, policy, max(2, round(share * THEIRS[world.visitors]))))
        text = page(
            seed=SEED,
            on=on,
            times=times,
            side_by_side=side_by_side,
            nine=[lost(run, world, policy, some(runs)) for policy, world, runs in NINE],
            proven=[proven(run, policy, some(PROVEN_RUNS)) for policy in PROVEN],
            gained=[gained(run, mode, share) for mode in TINY_MODES],
            delayed=delayed(run, some(DELAYED_RUNS)),
            even_late=float(LATE.even_regret[-1]),
        )  # fmt: skip
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
