"""The tables of the page that `python -m bench.bandits` writes, and what they are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from bench.decisions_page import percent
from vibevariant.experiments.bandits import World

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lost:
    """Conversions that a policy lost in each run, how often the best arm leads in the end, and its allocations a run."""

    policy: str
    world: World
    regret: Floats
    found: float | None
    allocations: float | None

    @property
    def share(self) -> tuple[float, float]:
        """Of what the even split loses, with its standard error."""
        mean, error = mean_of(self.regret)
        even = float(self.world.even_regret[-1])
        return mean / even, error / even


@dataclass(frozen=True, slots=True)
class Proven:
    """What a policy lost as a share of the even split's, and the visitors at which a run was proof."""

    policy: str
    shares: Floats
    at: Sequence[int | None]

    @property
    def count(self) -> int:
        return sum(at is not None for at in self.at)


@dataclass(frozen=True, slots=True)
class Gained:
    """Conversions gained over the even split, for each seed the mean of so many runs, a refresh every so many visitors."""

    mode: str
    by_seed: Floats
    runs: int
    every: int


@dataclass(frozen=True, slots=True)
class Delayed:
    """What a mode lost in each run, by what it makes of late conversions; and what it lost where nothing is late."""

    mode: str
    late: str
    regret: Floats
    oracle: Floats


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds from counts to weights."""

    arms: int
    shares_strength: bool
    median: float
    fastest: float

    @property
    def words(self) -> str:
        return f"{self.arms} arms, {'combinations of two elements' if self.shares_strength else 'no design'}"


def mean_of(values: Floats) -> tuple[float, float]:
    """The mean and its standard error."""
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))


def ratio_of(above: Floats, below: Floats) -> tuple[float, float]:
    """The ratio of two means and its standard error (delta method)."""
    (a, a_error), (b, b_error) = mean_of(above), mean_of(below)
    return a / b, a / b * math.hypot(a_error / a, b_error / b)


def two_arms(world: World, losses: Sequence[Lost]) -> list[str]:
    return [
        f"## 5 % v 6 %, {world.visitors:,} visitors",
        "",
        f"The even split loses {world.even_regret[-1]:.0f}. *Leads*: runs in which the better arm is ahead at the end.",
        "`thompson-at-floor` is Thompson sampling with Beta(1, 1) priors for every visitor, at the floor of Earn.",
        "",
        *_table(losses),
    ]


def nine_arms(losses: Sequence[Lost]) -> list[str]:
    return [
        "## Nine arms: a button that works only with the one copy",
        "",
        (
            "Rates of 3.0, 3.2, 3.1 / 2.6, 5.5, 2.7 / 3.1, 3.3, 3.0 %, 10,000 visitors. The even split loses "
            f"{losses[0].world.even_regret[-1]:.0f}."
        ),
        "",
        *_table(losses),
    ]


def _table(losses: Sequence[Lost]) -> list[str]:
    lines = ["| policy | runs | regret | share of even | leads | allocations a run |", "|---" * 6 + "|"]
    for each in losses:
        regret, error = mean_of(each.regret)
        share, of_share = each.share
        name = f"{each.policy}, knows the elements" if each.world.design and each.allocations else each.policy
        leads = "-" if each.found is None else f"{100 * each.found:.1f} %"
        allocations = "-" if each.allocations is None else f"{each.allocations:.0f}"
        lines.append(
            f"| {name} | {len(each.regret):,} | {regret:.1f} ± {error:.1f} | {share:.3f} ± {of_share:.3f} | {leads} "
            f"| {allocations} |"
        )
    return [*lines, ""]


def proof(proven: Sequence[Proven]) -> list[str]:
    lines = [
        "## 5 % v 7.5 %: regret and proof",
        "",
        "10,000 visitors, looked at 200 times; proof is an e-value of 20 for the difference, given the allocations.",
        "",
        "| policy | runs | share of even's regret | proven | median visitors to proof |",
        "|---" * 5 + "|",
    ]
    for each in proven:
        share, error = mean_of(each.shares)
        at = median(math.inf if one is None else one for one in each.at)
        visitors = f"{at:,.0f}" if at < math.inf else "never"
        lines.append(
            f"| {each.policy} | {len(each.at):,} | {share:.3f} ± {error:.3f} | {percent(each.count, len(each.at))} % "
            f"| {visitors} |"
        )
    return [*lines, ""]


def few(gained: Sequence[Gained]) -> list[str]:
    lines = [
        "## A hundred visitors, 5 % v 15 %",
        "",
        (
            f"{len(gained[0].by_seed)} seeds, {gained[0].runs} runs each, a refresh after every {gained[0].every} visitors; the error is that over "
            "the seeds. The even split has 10 conversions; to know the best arm from the start would gain 5."
        ),
        "",
        "| mode | conversions gained | fewest and most of a seed |",
        "|---|---|---|",
    ]
    for each in gained:
        gain, error = mean_of(each.by_seed)
        lines.append(
            f"| {each.mode} | {gain:+.2f} ± {error:.2f} | {each.by_seed.min():+.2f} to {each.by_seed.max():+.2f} |"
        )
    return [*lines, ""]


def late(delayed: Sequence[Delayed], even: float) -> list[str]:
    words = {
        "discounted": "for what can have arrived, by the delays seen (ours)",
        "known": "for what can have arrived, by their true law",
        "naive": "in full",
        "matured": "in full, once three mean delays have passed",
    }
    lines = [
        "## Late conversions",
        "",
        "5 % v 6.5 %, 20,000 visitors, a refresh every 100, conversions late by 3,000 visitors on average (exponential). The",
        f"even split loses {even:.0f}. The oracle is the same mode where no conversion is late.",
        "",
        "| mode | a visitor counts | runs | regret | the oracle's | ratio |",
        "|---" * 6 + "|",
    ]
    for each in delayed:
        regret, error = mean_of(each.regret)
        oracle, of_oracle = mean_of(each.oracle)
        ratio, of_ratio = ratio_of(each.regret, each.oracle)
        lines.append(
            f"| {each.mode} | {words[each.late]} | {len(each.regret):,} | {regret:.1f} ± {error:.1f} "
            f"| {oracle:.1f} ± {of_oracle:.1f} | {ratio:.3f} ± {of_ratio:.3f} |"
        )
    return [*lines, ""]


def spent(times: Sequence[Took]) -> list[str]:
    return [
        "## From counts to weights",
        "",
        "One process, 20 allocations, 1,000 visitors an arm; `steering_chances` and `weights_in_mode`.",
        "",
        "| | median ms | fastest ms |",
        "|---|---|---|",
        *(f"| {each.words} | {each.median:.2f} | {each.fastest:.2f} |" for each in times),
        "",
    ]
