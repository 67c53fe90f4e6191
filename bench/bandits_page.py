"""The page that `python -m bench.bandits` writes: its figures; `bandits_tables` has what is below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.bandits_tables import (
    Delayed,
    Gained,
    Lost,
    Proven,
    Took,
    few,
    late,
    mean_of,
    nine_arms,
    proof,
    ratio_of,
    spent,
    two_arms,
)
from bench.decisions_page import figure, percent
from vibevariant.experiments.bandits import World

# Milliseconds that weights may take, by the number of arms.
GOALS_MS = {2: 2, 9: 4, 49: 20}


def page(
    *,
    seed: int,
    on: Mapping[str, Any],
    times: Sequence[Took],
    side_by_side: Mapping[World, Sequence[Lost]],
    nine: Sequence[Lost],
    proven: Sequence[Proven],
    gained: Sequence[Gained],
    delayed: Sequence[Delayed],
    even_late: float,
) -> str:
    """Markdown."""
    return "\n".join([
        "# What bandits lose on the way",
        "",
        "`python -m bench.bandits` writes this page. *Regret* is how many conversions were lost on average by sending visitors",
        "to arms other than the best, given who was sent where; as a share of what the even split loses. ± is one standard",
        "error over runs; whether a figure is reached goes by its middle. Ours (learn, balanced, earn) refresh after every",
        "1/200 of the visitors unless it says otherwise, through the code that serves; the others choose for every single",
        f"visitor. Seed {seed}; the runs are the same however many processes play them.",
        "",
        f"{on['processor']}, {on['cores']} cores, {on['system']}, Python {on['python']}, load {on['load_before']} when it began.",
        "",
        "| figure | reach | measured | |",
        "|---|---|---|---|",
        *_by_size(side_by_side),
        *_of_nine(nine[0]),
        *_of_balanced(proven),
        *_of_few(gained),
        *_of_late(delayed),
        *_of_times(times),
        "",
        *(line for world, losses in side_by_side.items() for line in two_arms(world, losses)),
        *nine_arms(nine),
        *proof(proven),
        *few(gained),
        *late(delayed, even_late),
        *spent(times),
    ])  # fmt: skip


def _by_size(side_by_side: Mapping[World, Sequence[Lost]]) -> list[str]:
    rows = []
    for (world, losses), goal in zip(side_by_side.items(), (0.45, 0.10), strict=True):
        by_name = {each.policy: each for each in losses}
        share, error = by_name["earn"].share
        beside, beside_error = ratio_of(by_name["earn"].regret, by_name["thompson-at-floor"].regret)
        rows += [
            figure(
                f"Earn, 5 % v 6 %, {world.visitors:,} visitors: regret as a share of the even split's",
                f"at most {goal:.2f}", f"{share:.3f} ± {error:.3f}", reached=share <= goal,
            ),
            figure(
                "... as a share of that of Thompson sampling for every visitor, at the same floor",
                "at most 1.05", f"{beside:.3f} ± {beside_error:.3f}", reached=beside <= 1.05,
            ),
        ]  # fmt: skip
    return rows


def _of_nine(earn: Lost) -> list[str]:
    assert earn.found is not None
    regret, error = mean_of(earn.regret)
    runs = len(earn.regret)
    return [
        figure(
            "Earn, nine arms of the demo, 10,000 visitors: regret",
            "at most 95", f"{regret:.1f} ± {error:.1f}", reached=regret <= 95,
        ),
        figure(
            "... finds the winner",
            "at least 99 %", f"{percent(round(earn.found * runs), runs)} %", reached=earn.found >= 0.99,
        ),
    ]  # fmt: skip


def _of_balanced(proven: Sequence[Proven]) -> list[str]:
    balanced = proven[0]
    share, error = mean_of(balanced.shares)
    runs = len(balanced.at)
    return [
        figure(
            "Balanced, +50 % at 5 %, 10,000 visitors: regret as a share of the even split's",
            "at most .50", f"{share:.3f} ± {error:.3f}", reached=share <= 0.5,
        ),
        figure(
            "... proven",
            "at least 93 %", f"{percent(balanced.count, runs)} %", reached=balanced.count >= 0.93 * runs,
        ),
    ]  # fmt: skip


def _of_few(gained: Sequence[Gained]) -> list[str]:
    gain, error = mean_of(gained[0].by_seed)
    return [
        figure(
            f"a hundred visitors, 5 % v 15 %, {gained[0].mode.capitalize()}: conversions gained over the even split's 10",
            "at least +1.8", f"+{gain:.2f} ± {error:.2f}", reached=gain >= 1.8,
        )
    ]  # fmt: skip


def _of_late(delayed: Sequence[Delayed]) -> list[str]:
    rows = []
    for each in delayed:
        if each.late == "discounted":
            ratio, error = ratio_of(each.regret, each.oracle)
            rows.append(
                figure(
                    f"delay of 30 batches, {each.mode.capitalize()}: regret against the oracle's that knows at once",
                    "at most 1.35", f"{ratio:.3f} ± {error:.3f}", reached=ratio <= 1.35,
                )
            )  # fmt: skip
    return rows


def _of_times(times: Sequence[Took]) -> list[str]:
    return [
        figure(
            f"weights for {each.words}", f"at most {GOALS_MS[each.arms]} ms",
            f"{each.median:.2f} ms (fastest {each.fastest:.2f})", reached=each.median <= GOALS_MS[each.arms],
        )
        for each in times
    ]  # fmt: skip
