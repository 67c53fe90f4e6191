"""The page that `python -m bench.decisions` writes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.archive import CHI_SQUARED_AT, DRAWS, FIFTHS, SHUFFLES, SIZES, Calibration, Split
from vibevariant.experiments.simulation import Scenario
from vibevariant.stats.priors import ARCHIVE_WORTH

AT = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
RULES = {
    "flat": "flat priors, rates independent",
    "ours": "VibeVariant",
    "blind": "without the archive's word in its prior",
    "whole": "with the archive's word worth a whole test",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Experiments of one kind, and how many."""

    name: str
    scenario: Scenario
    tests: int

    @property
    def words(self) -> str:
        one = self.scenario
        base = (
            f"{100 * one.base:g} %"
            if one.shape == "flat"
            else f"{100 * one.base:g} % to {300 * one.base:g} %"
        )
        return f"{one.arms} arms, {base}, {one.allocation}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell: visitors at which `ship` was said, at which `ship` or `stop` was, sorted; inf where never."""

    cell: Cell
    tests: int
    shipped: NDArray[np.float64]
    called: NDArray[np.float64]
    right: int

    def by(self, visitors: int) -> int:
        """How many shipped by then."""
        return int(np.searchsorted(self.shipped, visitors, side="right"))

    @property
    def in_all(self) -> int:
        return int(np.isfinite(self.shipped).sum())

    @property
    def called_in_all(self) -> int:
        return int(np.isfinite(self.called).sum())


def percent(count: int, of: int) -> str:
    """A share in percent with its standard error."""
    if not count:
        return "0"
    share = count / of
    error = math.sqrt(share * (1 - share) / of)
    return f"{100 * share:.2f} ± {100 * error:.2f}"


def figure(name: str, reach: str, measured: str, *, reached: bool) -> str:
    """A row of the first table."""
    return f"| {name} | {reach} | {measured} | {'reached' if reached else '**not reached**'} |"


def page(
    seed: int,
    outcomes: Sequence[Outcome],
    said: Mapping[tuple[str, int], Calibration],
    splits: Sequence[Split],
) -> str:
    """Markdown."""

    def named(name: str) -> list[Outcome]:
        return [each for each in outcomes if each.cell.name == name]

    equal = [*named("equal"), *named("every 20"), *named("by base")]
    tiny, better = named("tiny"), named("better")[0]
    ours = [said["ours", size] for size in SIZES]
    broken = sum(split.broken for split in splits)
    shuffles = sum(split.broken_shuffles for split in splits)
    worst = max(equal, key=lambda each: each.in_all / each.tests)
    most = max(each.in_all for each in tiny)
    median = float(np.median(better.shipped))
    far = max(abs(each.said - each.true) for each in ours)
    fifth = max(each.farthest_fifth for each in ours)
    head = [
        "# What the decisions are judged by",
        "",
        "`python -m bench.decisions ARCHIVE` writes this page. Percentages are of experiments, ± one standard error. Seed",
        f"{seed}; every job has its own, made from that and from its cell. The rule is all of `stats.reading.read`, `ship`",
        "being what counts; weeks are full from the start, which is the worst case, for a full week only ever holds a claim",
        "back. Where none of n was seen, the share is below 3 in n with 95 %. Measured elsewhere: how often calls of 95 % are",
        "right, and intervals under drift ([calibration.md](calibration.md)), the forecast ([forecast.md](forecast.md)), and the",
        "usual headline beside this rule ([peeking.md](peeking.md)).",
        "",
        "| figure | reach | measured | |",
        "|---|---|---|---|",
        figure(
            f"false `ship` where nothing differs, the worst of {len(equal)} cells",
            "at most 2.5 %",
            f"{percent(worst.in_all, worst.tests)} % ({worst.cell.words})",
            reached=worst.in_all <= 0.025 * worst.tests,
        ),
        figure(
            "false `ship` within 100 visitors, a look every 10",
            "0 in 10,000",
            f"{most} in {tiny[0].tests:,}, the worst of {len(tiny)} cells",
            reached=not most,
        ),
        figure(
            "+50 % at a base of 5 %, 10,000 visitors, 50/50: proven",
            "at least 95 %",
            f"{percent(better.in_all, better.tests)} %",
            reached=better.in_all >= 0.95 * better.tests,
        ),
        figure("... median visitors", "at most 3,500", f"{median:,.0f}", reached=median <= 3500),
        figure(
            f"real experiments: the leader's chance, said v true, the worst of {len(SIZES)} sizes",
            "within 2 points",
            f"{100 * far:.2f} points",
            reached=far <= 0.02,
        ),
        figure(
            f"... every fifth of what was said, the worst of {FIFTHS * len(SIZES)}",
            "within 5 points",
            f"{100 * fifth:.2f} points",
            reached=fifth <= 0.05,
        ),
        figure(
            "the archive's broken randomisation, seen by the sequential check",
            "at least 11 %",
            f"{percent(broken, len(splits))} %",
            reached=broken >= 0.11 * len(splits),
        ),
        figure(
            "... in healthy shuffles of the same tests",
            "at most .1 %",
            f"{shuffles} in {SHUFFLES * len(splits):,}",
            reached=shuffles <= 0.001 * SHUFFLES * len(splits),
        ),
        "",
    ]
    return "\n".join(
        [*head, *_alarms(equal, tiny), *_tiny(tiny), *_power(better), *_archive(said), *_splits(splits)]
    )


def _alarms(equal: Sequence[Outcome], tiny: Sequence[Outcome]) -> list[str]:
    highest = [
        max(each.by(at) / each.tests for each in (*equal, *tiny) if at <= each.cell.scenario.visitors)
        for at in AT
    ]
    lines = [
        "## False winners by number of visitors",
        "",
        "Experiments in which nothing differs, looked at all the time: a look every 20 visitors at first, whenever there are",
        "2 % more of them, and every 1,000 at most; the rows that say so, every 20 to the end. Adaptive weights are renewed at",
        "every look. Cells: experiments in which `ship` has been said by then, in percent. The last column adds those in",
        "which an arm was said to do harm (`stop`), which is a false alarm too.",
        "",
        "| arms, base rate, allocation | tests | "
        + " | ".join(f"{at:,}" for at in AT)
        + " | `ship` or `stop` |",
        "|---" * (len(AT) + 3) + "|",
    ]
    for each in equal:
        note = ", a look every 20" if each.cell.scenario.look_at_most is None else ""
        shares = " | ".join(percent(each.by(at), each.tests) for at in AT)
        lines.append(
            f"| {each.cell.words}{note} | {each.tests:,} | {shares} | {percent(each.called_in_all, each.tests)} |"
        )
    lines += [
        "| **highest of these, and of those below** | | "
        + " | ".join(f"**{100 * share:.2f}**" for share in highest)
        + " | |",
        "",
        "As a constant, to be shown beside a decision: the rule's own false-alarm rate at this size, the highest of the rows",
        "above rounded up to a tenth of a percent.",
        "",
        "```text",
        "FALSE_ALARMS = ("
        + ", ".join(
            f"({at:_}, {math.ceil(1000 * share - 1e-9) / 1000:.3f})"
            for at, share in zip(AT, highest, strict=True)
        )
        + ")",
        "```",
        "",
    ]
    return lines


def _tiny(tiny: Sequence[Outcome]) -> list[str]:
    return [
        "## A hundred visitors",
        "",
        "Nothing differs, a look every 10 visitors until 100.",
        "",
        "| arms, base rate, allocation | tests | `ship` | `ship` or `stop` |",
        "|---|---|---|---|",
        *(f"| {each.cell.words} | {each.tests:,} | {each.in_all} | {each.called_in_all} |" for each in tiny),
        "",
    ]


def _power(better: Outcome) -> list[str]:
    return [
        "## A real difference",
        "",
        f"+50 % at a base of 5 %, 50/50, a look every 20 visitors until 10,000; {better.tests:,} tests. `ship` is said in",
        f"{percent(better.in_all, better.tests)} %, and names the better arm in {better.right:,} of {better.in_all:,}.",
        "",
        "| by visitors | " + " | ".join(f"{at:,}" for at in AT[:5]) + " |",
        "|---" * 6 + "|",
        "| `ship` | " + " | ".join(percent(better.by(at), better.tests) for at in AT[:5]) + " |",
        "",
    ]


def _archive(said: Mapping[tuple[str, int], Calibration]) -> list[str]:
    lines = [
        "## Real experiments, read early",
        "",
        "The archive's healthy tests (our sample ratio against even weights gives no warning on the whole test), of which so",
        f"many visitors are drawn without replacement, {DRAWS} times: *said* is the chance of the arm that leads then; *true*",
        "is the calibrated chance of that same arm given all visitors of its test, averaged. No test decides for good which",
        "arm is best, so its own belief counts, not a yes or no; to count how often the early leader still leads (the last",
        "column) flatters everybody, as the visitors that made it lead are among those at the end. Error: one standard error",
        "of said less true, a test being one observation.",
        "",
        "| rule | visitors | tests | said | true | error | said and true by fifths | still leads |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule, name in RULES.items():
        for size in SIZES:
            one = said[rule, size]
            fifths = " ".join(f"{s:.2f}/{t:.2f}" for s, t in one.fifths)
            lines.append(
                f"| {name} | {size:,} | {one.tests:,} | {one.said:.3f} | {one.true:.3f} | {one.error:.3f} | {fifths} "
                f"| {one.still_leads:.3f} |"
            )
    return [
        *lines,
        "",
        f"The archive has its say in the prior, as {ARCHIVE_WORTH:g} of a finished test ([spread.md](spread.md)); the rules below",
        "VibeVariant's own leave that out, or let more of it in, which [calibration.md](calibration.md) shows the price of.",
        "",
    ]


def _splits(splits: Sequence[Split]) -> list[str]:
    tests = len(splits)
    broken, warned = (sum(getattr(split, name) for split in splits) for name in ("broken", "warned"))
    chi_squared = sum(split.by_chi_squared for split in splits)
    alarms = sum(split.broken_shuffles for split in splits)
    return [
        "## Broken randomisation",
        "",
        f"{tests:,} tests of the archive, whole, against even weights. The sequential check alarms (e > 1000) in",
        f"{percent(broken, tests)} %, warns (e > 100) in {percent(warned, tests)} %; a chi-squared test at {CHI_SQUARED_AT} flags",
        f"{percent(chi_squared, tests)} %. Each test's visitors laid to its arms at random {SHUFFLES} times: alarms in {alarms} of",
        f"{SHUFFLES * tests:,}.",
        "",
    ]
