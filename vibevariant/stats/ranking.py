"""Which arm leads and how sure that is, calibrated: the layer that sentences and badges rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts, LiftPosterior, strata
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior

__all__ = ["AllocationCounts", "Ranking", "leading", "rank", "ranking_of", "strata"]

# Chances nearer to each other than this differ by rounding only.
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Ranking:
    """The leading arm, and for every arm its chance of being best and the share of conversions lost by choosing it.

    Args:
        runner_up: the arm in the running that is most likely better than the leader after all.
        p_best: of the arms in the running; the others have no chance.
        loss: as a share of the best arm's conversions, on average.
        over_leader: what is known of the log of the ratio of each other arm's rate to the leader's.
        posterior: what all of it is read from.
        running: the arms in the running, the one that leads at a tie first.
    """

    leader: int
    runner_up: int | None
    p_best: tuple[float, ...]
    loss: tuple[float, ...]
    over_leader: dict[int, LiftPosterior]
    posterior: Hierarchical
    running: tuple[int, ...]


def rank(
    allocations: Sequence[AllocationCounts],
    running: Sequence[int],
    arms: int,
    prior: SpreadPrior = BEFORE_HISTORY,
    shift: PriorShift | None = None,
    design: Design | None = None,
) -> Ranking:
    """Rank the arms that are in the running; at a tie the one named first leads.

    Args:
        shift: where early signals move the prior; decisions rest on the ranking without one.
        design: of arms that are combinations of elements.
    """
    return ranking_of(Hierarchical(allocations, arms, prior, shift, design), running, arms)


def ranking_of(posterior: Hierarchical, running: Sequence[int], arms: int) -> Ranking:
    """The same, from a posterior that is at hand."""
    p_best = posterior.p_best(running)
    leader = leading(p_best, running)
    over_leader = {arm: posterior.lift(leader, arm) for arm in range(arms) if arm != leader}
    behind = {arm: round(over_leader[arm].p_better, 9) for arm in running if arm != leader}
    most = max(behind.values(), default=0.0)
    # Where no chance is left to tell them apart, by how far they lie behind.
    nearest = [arm for arm, better in behind.items() if better == most]
    runner_up = (
        nearest[0]
        if len(nearest) == 1
        else max(nearest, key=lambda arm: round(over_leader[arm].quantile(0.5), 9), default=None)
    )
    return Ranking(leader, runner_up, p_best, posterior.loss(running), over_leader, posterior, tuple(running))


def leading(p_best: Sequence[float], running: Sequence[int]) -> int:
    """The arm that is most likely the best; at a tie, the one named first."""
    most = max(p_best[arm] for arm in running)
    return next(arm for arm in running if p_best[arm] >= most - TIE)
