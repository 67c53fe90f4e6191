"""Which arm leads and how sure that is, calibrated: the layer that sentences and badges rest on.

Each pair of arms is compared by its conversions under the weights that were in force, starting from how large
differences between real arms usually are. Where independent flat priors say "95 %" and are right 7 times in 10, this
is right 19 times in 20, looking as often as one likes, and a bandit or a changing base rate do not mislead it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vibevariant.stats.evidence import LIFT_SPREAD, LiftPosterior, Stratum, lift_posterior

# Weights, exposed visitors and conversions of every arm, under one allocation.
AllocationCounts = tuple[Sequence[int], Sequence[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The leading arm, and for every arm its chance of being best and the share of conversions lost by choosing it.

    With more than two arms the leader's chance is a lower bound and the losses are upper bounds. Arms that are out
    of the running have no chance.
    """

    leader: int
    runner_up: int | None
    p_best: tuple[float, ...]
    loss: tuple[float, ...]
    over_leader: dict[int, LiftPosterior]


def strata(allocations: Sequence[AllocationCounts], a: int, b: int) -> tuple[Stratum, ...]:
    """The conversions of two arms, by the allocation their visitors were assigned under."""
    return tuple(
        Stratum(weights[a], weights[b], conversions[a], conversions[b])
        for weights, _, conversions in allocations
    )


def rank(allocations: Sequence[AllocationCounts], running: Sequence[int], arms: int) -> Ranking:
    """Rank the arms that are in the running; at a tie the one named first leads.

    The chance that some other arm is better is at most the sum of their pairwise chances, so the leader's is at least
    1 - sum P(j better). The others share the rest in proportion to P(j better), and the leader keeps at least as much
    as any of them: with m the largest share of the rest, P >= (1 - P) m, so P >= m / (1 + m), 1/arms without data.
    """
    leader = _first_guess(allocations, running, arms)
    tried = {leader}
    while True:
        over_leader = {
            arm: lift_posterior(strata(allocations, leader, arm)) for arm in range(arms) if arm != leader
        }
        better = {arm: over_leader[arm].p_better for arm in running if arm != leader}
        runner_up = max(better, key=lambda arm: better[arm], default=None)
        # Not above one half by rounding only, and never back to an arm that was passed over.
        if runner_up is None or runner_up in tried or better[runner_up] <= 0.5 + 1e-9:
            break
        leader = runner_up
        tried.add(leader)
    total = sum(better.values())
    shares = {arm: p / total if total else 1 / len(better) for arm, p in better.items()}
    most = max(shares.values(), default=0.0)
    p_leader = max(1 - total, most / (1 + most))
    p_best = [p_leader if arm == leader else (1 - p_leader) * shares.get(arm, 0.0) for arm in range(arms)]
    # Losses relative to the leader's rate: E[best] - E[leader] <= sum of E[(j - leader)+], exact with two arms, and
    # for any other arm E[best] - E[j] = (E[best] - E[leader]) + (E[leader] - E[j]).
    of_leader = sum(over_leader[arm].loss_of_a for arm in better)
    loss = [
        of_leader
        if arm == leader
        else max(0.0, of_leader + over_leader[arm].loss_of_b - over_leader[arm].loss_of_a)
        for arm in range(arms)
    ]
    return Ranking(leader, runner_up, tuple(p_best), tuple(loss), over_leader)


def _first_guess(allocations: Sequence[AllocationCounts], running: Sequence[int], arms: int) -> int:
    """The arm with most conversions over those its weights would bring if all rates were equal.

    Both counts are raised by 1/spread^2, which shrinks the ratio of an arm with few towards 1 (Gamma-Poisson).
    """
    shrink = 2 / LIFT_SPREAD**2
    observed, expected = [shrink] * arms, [shrink] * arms
    for weights, _, conversions in allocations:
        for arm in range(arms):
            observed[arm] += conversions[arm]
            expected[arm] += sum(conversions) * weights[arm] / sum(weights)
    return max(running, key=lambda arm: observed[arm] / expected[arm])
