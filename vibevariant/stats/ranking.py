"""Which arm leads and how sure that is, calibrated: the layer that sentences and badges rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.evidence import AllocationCounts, LiftPosterior, strata
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior

__all__ = ["AllocationCounts", "Ranking", "rank", "strata"]

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
    """

    leader: int
    runner_up: int | None
    p_best: tuple[float, ...]
    loss: tuple[float, ...]
    over_leader: dict[int, LiftPosterior]
    posterior: Hierarchical


def rank(
    allocations: Sequence[AllocationCounts],
    running: Sequence[int],
    arms: int,
    prior: SpreadPrior = BEFORE_HISTORY,
) -> Ranking:
    """Rank the arms that are in the running; at a tie the one named first leads."""
    posterior = Hierarchical(allocations, arms, prior)
    p_best = posterior.p_best(running)
    most = max(p_best[arm] for arm in running)
    leader = next(arm for arm in running if p_best[arm] >= most - TIE)
    over_leader = {arm: posterior.lift(leader, arm) for arm in range(arms) if arm != leader}
    # Where no chance is left to tell them apart, by how far they lie behind.
    behind = {
        arm: (round(over_leader[arm].p_better, 9), over_leader[arm].quantile(0.5))
        for arm in running
        if arm != leader
    }
    runner_up = max(behind, key=lambda arm: behind[arm], default=None)
    return Ranking(leader, runner_up, p_best, posterior.loss(running), over_leader, posterior)
