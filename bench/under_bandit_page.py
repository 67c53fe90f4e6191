"""The page that `python -m bench.under_bandit` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from bench.decisions_page import Outcome, figure, percent
from bench.machine import machine
from bench.watched_splits import CLASSICAL_AT
from vibevariant.experiments.simulated_lifts import Estimates
from vibevariant.experiments.simulation import LAUNCH, RISE, WEEKEND, Scenario

ESTIMATORS = ("calibrated", "mantel-haenszel", "naive", "aipw")
SHAPES = {
    "flat": "stands still",
    "rising": f"grows to {RISE:g} times",
    "weekend": f"{WEEKEND:g} times at weekends",
    "launch": f"comes down from {LAUNCH:g} times",
}
HEAD = (
    "allocation", "base rate", "truth", "experiments", "the last arm's visitors", "calibrated", "Mantel-Haenszel",
    "naive", "AIPW", "calibrated, off", "Mantel-Haenszel, off", "naive, off",
)  # fmt: skip
AT = (1_000, 3_000, 10_000, 30_000, 100_000)
LEAST, MOST = 0.92, 0.97


@dataclass(frozen=True, slots=True)
class Coverage:
    """What estimators made of one kind of experiment, and the last arm's share of the visitors."""

    scenario: Scenario
    estimates: Mapping[str, Estimates]
    share: float

    def of(self, name: str) -> str:
        """Percent of intervals that hold the truth, of those that there are."""
        one = self.estimates[name]
        if not one.known:
            return "-"
        left_out = one.experiments - one.known
        return percent(one.covered, one.known) + (f" ({left_out:,} without)" if left_out else "")

    def bias(self, name: str) -> str:
        bias, error = self.estimates[name].bias, self.estimates[name].bias_error
        return "-" if bias is None or error is None else f"{bias:+.3f} ± {error:.3f}"


@dataclass(frozen=True, slots=True)
class Lost:
    """Of so many experiments, in how many the split's check alarmed, had results hidden, and ever warned.

    Args:
        classical: experiments that the classical test at the end finds broken.
    """

    scenario: Scenario
    loss: float
    experiments: int
    alarmed: int
    hidden: int
    warned: int
    classical: int

    def __add__(self, other: Lost) -> Lost:
        return Lost(
            self.scenario,
            self.loss,
            self.experiments + other.experiments,
            self.alarmed + other.alarmed,
            self.hidden + other.hidden,
            self.warned + other.warned,
            self.classical + other.classical,
        )


def page(
    seed: int,
    seen: Sequence[Coverage],
    drawn: Sequence[Coverage],
    splits: Sequence[Lost],
    winners: Sequence[Outcome],
    minutes: float,
) -> str:
    on = machine()
    figures = [
        one
        for one in seen
        if (one.scenario.allocation, one.scenario.shape, one.scenario.visitors) == ("earn", "rising", 10_000)
    ]
    bandits = [one for one in splits if one.scenario.allocation != "fixed"]
    wolf = max((one for one in bandits if not one.loss), key=lambda one: one.alarmed / one.experiments)
    worst = max(winners, key=lambda one: one.in_all / one.tests)
    head = [
        "# What is said under a bandit",
        "",
        "`python -m bench.under_bandit` writes this page. Percentages are of experiments, ± one standard error; where none of n",
        f"was seen, the share is below 3 in n with 95 %. Seed {seed}, every cell has its own, made from that; the false winners'",
        "are those of bench.decisions. Weights are those of `allocation.weights_in_mode` on the chances under flat priors,",
        "published as `worth_publishing` has it. *Earn* keeps every arm at a floor of .04 / arms, .02 with two, until 10,000 visitors;",
        "after that it falls, to .004 / arms at 100,000. *Balanced* keeps .4 / arms. What the appliance does beside that, to freeze",
        "weights where a split is broken and to send an arm that is proven to do harm to its floor, is left out.",
        f"Took {minutes:.0f} minutes on {on['cores']} cores (load {on['load_before']:.0f} at the end), {on['processor']}; Python {on['python']}, numpy {version('numpy')}.",
        "",
        "| figure | reach | measured | |",
        "|---|---|---|---|",
        *(
            _held(
                f"95 % interval of the lift, Earn, base rate triples, {_truth(one.scenario)}, {one.scenario.arms} arms",
                one,
            )
            for one in figures
        ),
        *(_held(f"... true lifts as real ones are, {_name(one.scenario)}, 2 arms", one) for one in drawn),
        figure(
            "sample ratio, false alarms (e > 1000) over 100 looks, the worse of Earn and Balanced",
            "at most .1 %",
            f"{percent(wolf.alarmed, wolf.experiments)} % ({wolf.scenario.allocation})",
            reached=wolf.alarmed <= 0.001 * wolf.experiments,
        ),
        *(
            figure(
                f"... a loss of {100 * one.loss:.0f} % of one arm's visitors is seen, 10,000 visitors, "
                f"{_name(one.scenario)}",
                "at least 60 %",
                f"{percent(one.alarmed, one.experiments)} % (results hidden: {percent(one.hidden, one.experiments)} %)",
                reached=one.alarmed >= 0.6 * one.experiments,
            )
            for one in bandits
            if one.loss
        ),
        figure(
            f"false `ship` under a bandit with drift, 100,000 visitors, the worst of {len(winners)} cells",
            "at most 2.5 %",
            f"{percent(worst.in_all, worst.tests)} % ({_words(worst.cell.scenario)})",
            reached=worst.in_all <= 0.025 * worst.tests,
        ),
        "",
    ]
    return "\n".join([*head, *_intervals(seen, drawn), *_splits(splits), *_winners(winners)])


def _held(name: str, one: Coverage) -> str:
    """A row of the first table, about intervals."""
    share = one.estimates["calibrated"].coverage or 0.0
    verdict = "**below**" if share < LEAST else "**above**" if share > MOST else "reached"
    reach = f"{100 * LEAST:.0f} to {100 * MOST:.0f} %"
    return f"| {name} | {reach} | {one.of('calibrated')} % | {verdict} |"


def _name(scenario: Scenario) -> str:
    return scenario.allocation.capitalize()


def _truth(scenario: Scenario) -> str:
    return f"one arm +{100 * scenario.lift:.0f} %" if scenario.lift else "no difference"


def _words(scenario: Scenario) -> str:
    return f"{scenario.arms} arms, {scenario.shape}, {scenario.allocation}"


def _intervals(seen: Sequence[Coverage], drawn: Sequence[Coverage]) -> list[str]:
    rows = []
    for one, truth in [*((one, _truth(one.scenario)) for one in seen), *((one, "drawn") for one in drawn)]:
        scenario = one.scenario
        late = "" if scenario.visitors == 10_000 else f", {scenario.visitors:,} visitors"
        rows.append(
            f"| {scenario.allocation}, {scenario.arms} arms{late} | {SHAPES[scenario.shape]} | {truth} "
            f"| {one.estimates['calibrated'].experiments:,} | {100 * one.share:.0f} % | "
            + " | ".join(one.of(name) for name in ESTIMATORS)
            + f" | {one.bias('calibrated')} | {one.bias('mantel-haenszel')} | {one.bias('naive')} |"
        )
    return [
        "## Intervals of the lift",
        "",
        "10,000 visitors, weights renewed 200 times; the last arm against the control, at the end. Cells: 95 % intervals that",
        "hold the truth, in percent, and how far off the log of the ratio of rates is on average. *calibrated* is the one that",
        "is shown (`Hierarchical.lift`); *Mantel-Haenszel* compares within allocations; *naive* takes the totals; *AIPW* is the",
        "difference of the rates had everyone seen one arm or the other, batches being the visitors between two looks. Where an",
        'arm has too few conversions there is none ("without"). *Drawn*: the log of the ratio is drawn from N(0, (1.41 · .21)²),',
        "as far apart as two arms of real experiments are.",
        "",
        'The calibrated interval starts from what real differences are like, around none. So it holds "no difference" nearly',
        "always, the more so the fewer visitors Earn has left an arm, and a large difference less often; 19 in 20 is its promise",
        "over differences as they occur, which the drawn ones show. That Earn's floor falls after 10,000 visitors takes nothing",
        "from it: by then conversions are many. The AIPW interval rests on few visitors of large weight where a floor is low: under",
        "Earn it is a little too narrow, and no better at 100,000 visitors; under Balanced it is not.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|---" * len(HEAD) + "|",
        *rows,
        "",
    ]


def _splits(splits: Sequence[Lost]) -> list[str]:
    return [
        "## The split, watched",
        "",
        "Two equal arms at 5 %, 10,000 visitors, a look every 100. Of the last arm's visitors so many are lost before they are",
        "counted. *Hidden*: e > 1000 at one look or e > 100 at two in a row, from which on no results are shown. *Classical*: the",
        f"chi-squared test, looked at once, at the end, at p < {CLASSICAL_AT}: what is lost against it is the price of looking",
        "all the time. Under Earn one of two equal arms is soon left with few visitors, by luck, and the loss of a tenth of few",
        "shows late.",
        "",
        "| allocation | lost | experiments | e > 1000 | hidden | e > 100 at some look | classical |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {one.scenario.allocation} | {100 * one.loss:.0f} % | {one.experiments:,} | "
            + " | ".join(
                percent(part, one.experiments)
                for part in (one.alarmed, one.hidden, one.warned, one.classical)
            )
            + " |"
            for one in splits
        ),
        "",
    ]


def _winners(winners: Sequence[Outcome]) -> list[str]:
    lines = [
        "## False winners",
        "",
        "Nothing differs, the base rate moves; a look every 20 visitors at first, whenever there are 2 % more of them, and every",
        "1,000 at most; weights renewed at every look. Cells: experiments in which `ship` has been said by then, in percent.",
        "",
        "| arms, base rate, allocation | tests | "
        + " | ".join(f"{at:,}" for at in AT)
        + " | `ship` or `stop` |",
        "|---" * (len(AT) + 3) + "|",
    ]
    for one in winners:
        shares = " | ".join(percent(one.by(at), one.tests) for at in AT)
        lines.append(
            f"| {_words(one.cell.scenario)} | {one.tests:,} | {shares} | {percent(one.called_in_all, one.tests)} |"
        )
    return [*lines, ""]
