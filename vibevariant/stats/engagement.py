"""How engaged visitors are: what they did short of converting, as one number each, and how far arms lie apart in it.

Every signal becomes a rank among all visitors, whatever their arm, and the rank a normal score; the index is the
weighted sum of the scores, standardised. Ranks need no cap and no unit: a tab left open over night is the last in
order and no more. Arms are compared among visitors of the same allocation, so that a bandit and a changing public do
not pass for engagement. Who converts is engaged: how much of the index goes with converting is kept beside it, so that
a conversion need not be counted twice, as itself and as the engagement that went with it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from vibevariant.stats.quadrature import Floats

Integers = NDArray[np.int64]

# Form: how far one got with it (0 untouched, 1 begun, 2 sent). Click: how many. Scroll: the deepest share of the page.
# Time: seconds in view.
SIGNALS = ("form", "click", "scroll", "time")
# An index that varies by less than this among visitors is the same for all of them.
NO_VARIATION = 1e-9
# Arms are not compared where the information has no more than this share of its largest in their direction.
NOT_COMPARED = 1e-9


@dataclass(frozen=True, slots=True)
class VisitorSignals:
    """What one visitor did, or several who did the same. What is missing was not seen, and counts as 0.

    Args:
        arm: its place in the experiment.
        allocation: the number of the allocation under which the visitor was assigned.
        converted: whether the goal was reached. No signal may be the goal itself: where the goal is to send a form,
            `form` tells at most that it was begun.
        visitors: how many there are of them.
    """

    arm: int
    form: float | None = None
    click: float | None = None
    scroll: float | None = None
    time: float | None = None
    allocation: int = 0
    converted: bool = False
    visitors: int = 1

    @property
    def signals(self) -> tuple[float, ...]:
        return tuple(
            0.0 if seen is None else float(seen) for seen in (self.form, self.click, self.scroll, self.time)
        )


@dataclass(frozen=True, slots=True)
class SignalTable:
    """Visitors as rows: their signals in the order of `SIGNALS` (NaN: not seen), and where they belong."""

    signals: Floats
    arms: Integers
    allocations: Integers
    converted: NDArray[np.bool_]
    visitors: Integers
    scores: Floats = field(init=False)

    def __post_init__(self) -> None:
        rows = len(self.arms)
        if self.signals.shape != (rows, len(SIGNALS)) or any(
            len(column) != rows for column in (self.allocations, self.converted, self.visitors)
        ):
            raise ValueError(
                "every row needs its signals, arm, allocation, conversion and number of visitors"
            )
        seen = np.nan_to_num(self.signals, nan=0.0, posinf=-1.0)
        if rows and min(seen.min(), self.arms.min(), self.visitors.min()) < 0:
            raise ValueError("signals, arms and numbers of visitors are finite and never negative")
        scores = [rank_scores(column, self.visitors) for column in seen.T]
        object.__setattr__(self, "scores", np.stack(scores, axis=1))


def signal_table(visitors: Iterable[VisitorSignals]) -> SignalTable:
    """The table of these visitors."""
    rows = list(visitors)
    return SignalTable(
        signals=np.array([row.signals for row in rows], dtype=np.float64).reshape(-1, len(SIGNALS)),
        arms=np.array([row.arm for row in rows], dtype=np.int64),
        allocations=np.array([row.allocation for row in rows], dtype=np.int64),
        converted=np.array([row.converted for row in rows], dtype=np.bool_),
        visitors=np.array([row.visitors for row in rows], dtype=np.int64),
    )


def rank_scores(values: Floats, visitors: Integers) -> Floats:
    """Van der Waerden's scores: the normal quantile of rank / (N + 1), equal values sharing their average rank."""
    _, place = np.unique(values, return_inverse=True)
    alike = np.bincount(place, weights=visitors)
    ranks = np.cumsum(alike) - (alike - 1) / 2
    # Rows that stand for no visitor have no rank of their own; they weigh nothing either.
    return np.asarray(ndtri(np.clip(ranks, 0.5, None) / (alike.sum() + 1))[place])


@dataclass(frozen=True, slots=True)
class IndexDifference:
    """How much more engaged b's visitors are than a's, in standard deviations of a visitor."""

    difference: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Engagement:
    """The index of all visitors, and what it says of the arms.

    Args:
        index: of every row of the table; mean 0 and standard deviation 1 over visitors.
        means: of each arm, as they are; None without visitors.
        score: sum over allocations of n[k] (mean[k] - mean of the allocation), n visitors.
        apart: the same of what the index has apart from conversions: index - slope x converted, the slope being that
            of the index on converting among visitors of one arm and allocation.
        information: about the arms' effects on the index: sum of diag(n) - n n' / sum n.
        covariance: its pseudo-inverse.
        follows: slope x rate: how much an arm's index rises with its log rate through its conversions alone.
        noise: correlation of index and converting among visitors of one arm and allocation.
        varies: whether any visitor differs from another.
    """

    index: Floats
    means: tuple[float | None, ...]
    score: Floats
    apart: Floats
    information: Floats
    covariance: Floats
    follows: float
    noise: float
    varies: bool

    def difference(self, a: int, b: int) -> IndexDifference | None:
        """Of b over a, by least squares with a level for each allocation; None where nothing compares them.

        With one allocation the difference of the means, and 1 / n_a + 1 / n_b its variance.
        """
        contrast = np.zeros(len(self.score))
        contrast[[a, b]] = -1.0, 1.0
        solution = self.covariance @ contrast
        if a == b or np.abs(self.information @ solution - contrast).max() > 1e-6:
            return None
        return IndexDifference(float(solution @ self.score), math.sqrt(float(solution @ contrast)))


def engagement(table: SignalTable, arms: int, weights: Sequence[float]) -> Engagement:
    """The index under these weights of the signals (their scale does not matter), and the arms' share in it."""
    if len(table.arms) and table.arms.max() >= arms:
        raise ValueError(f"there are {arms} arms")
    visitors = table.visitors.astype(np.float64)
    total = float(visitors.sum())
    index = table.scores @ np.asarray(weights, dtype=np.float64)
    spread = 0.0
    if total:
        index = index - visitors @ index / total
        spread = math.sqrt(float(visitors @ index**2) / total)
    varies = spread > NO_VARIATION
    if not varies:
        means = tuple(0.0 if count else None for count in np.bincount(table.arms, visitors, arms).tolist())
        nothing, square = np.zeros(arms), np.zeros((arms, arms))
        return Engagement(0 * index, means, nothing, nothing, square, square, 0.0, 0.0, varies=False)
    index = index / spread
    _, place = np.unique(table.allocations, return_inverse=True)
    cells, many = place * arms + table.arms, (int(place.max()) + 1) * arms

    def by_cell(values: Floats) -> Floats:
        return np.asarray(np.bincount(cells, visitors * values, many), dtype=np.float64)

    counts = by_cell(np.ones(len(index)))
    sums, conversions = by_cell(index), by_cell(table.converted.astype(np.float64))
    seen = np.maximum(counts, 1.0)
    of_conversions = float(np.sum(conversions - conversions**2 / seen))
    of_index = float(np.sum(by_cell(index**2) - sums**2 / seen))
    together = float(np.sum(by_cell(index * table.converted) - sums * conversions / seen))
    slope = together / of_conversions if of_conversions > NO_VARIATION else 0.0
    noise = slope * math.sqrt(of_conversions / of_index) if slope and of_index > NO_VARIATION else 0.0
    grid = counts.reshape(-1, arms)
    in_arms = zip(grid.sum(axis=0).tolist(), sums.reshape(-1, arms).sum(axis=0).tolist(), strict=True)
    shares = grid / np.maximum(grid.sum(axis=1, keepdims=True), 1.0)
    information = np.diag(grid.sum(axis=0)) - grid.T @ shares
    return Engagement(
        index=index,
        means=tuple(arm_sum / count if count else None for count, arm_sum in in_arms),
        score=_score(sums.reshape(-1, arms), shares),
        apart=_score((sums - slope * conversions).reshape(-1, arms), shares),
        information=information,
        covariance=np.linalg.pinv(information, rcond=NOT_COMPARED, hermitian=True),
        follows=slope * float(conversions.sum()) / total,
        noise=min(1.0, max(-1.0, noise)),
        varies=True,
    )


def _score(sums: Floats, shares: Floats) -> Floats:
    """Of each arm, what its visitors have above the mean of their allocation, summed."""
    return np.asarray((sums - shares * sums.sum(axis=1, keepdims=True)).sum(axis=0))
