"""The arms among kinds of visitors: who came, and the rates as if all arms had met the same mix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.experiments.experiment import Experiment
from vibevariant.experiments.observations import SegmentTally
from vibevariant.stats.drift import RateRatio
from vibevariant.stats.post_stratification import (
    PostStratification,
    SegmentCounts,
    post_stratified_ratio,
    post_stratify,
)


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """One kind of visitors: exposed and converted, by arm in their order."""

    segment: str
    exposed: tuple[int, ...]
    conversions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentResults:
    """All kinds of visitors.

    Args:
        adjusted: rates of all arms in one and the same mix, kinds being kept apart within each allocation.
        ratios: by arm, the log of the ratio of its rate to the control's in that mix.
    """

    segments: tuple[SegmentResult, ...]
    adjusted: PostStratification
    ratios: dict[str, RateRatio]


def segment_results(experiment: Experiment, tallies: Sequence[SegmentTally]) -> SegmentResults | None:
    """Reads the kinds of visitors; None where fewer than two are known."""
    arms = len(experiment.arms)
    named = [tally for tally in tallies if tally.segment]
    if len({tally.segment for tally in named}) < 2:
        return None
    by_kind: dict[str, list[list[int]]] = defaultdict(lambda: [[0] * arms, [0] * arms])
    by_stratum: dict[str, list[list[int]]] = defaultdict(lambda: [[0] * arms, [0] * arms])
    for tally in tallies:
        for rows in (by_stratum[f"{tally.segment} {tally.allocation}"], by_kind[tally.segment]):
            rows[0][tally.arm] += tally.exposed
            rows[1][tally.arm] += tally.conversions
    strata = [SegmentCounts(name, *rows) for name, rows in sorted(by_stratum.items())]
    control = experiment.control.index
    return SegmentResults(
        segments=tuple(
            SegmentResult(name, tuple(exposed), tuple(conversions))
            for name, (exposed, conversions) in sorted(by_kind.items())
        ),
        adjusted=post_stratify(strata),
        ratios={
            arm.key: post_stratified_ratio(strata, control, arm.index)
            for arm in experiment.arms
            if arm.index != control
        },
    )
