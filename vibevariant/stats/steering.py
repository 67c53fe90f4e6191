"""Where to send the next visitors: the chances of being best that steer the allocation.

They learn faster than what may be said aloud (`hierarchical`): arms' rates are taken as independent, which is exact
and never waits for a difference to be believed. Combinations of elements are different: what is seen of one says
something of those that share a variant with it (`factorial`).
"""

from collections.abc import Sequence

from vibevariant.stats.comparison import compare
from vibevariant.stats.delay import provisional_posterior
from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.factorial import combination_chances
from vibevariant.stats.posterior import FLAT, Beta


def served_arms(allocations: Sequence[AllocationCounts], arms: int) -> tuple[int, ...]:
    """The arms that get visitors now: those with a weight in the allocation in force."""
    return tuple(arm for arm in range(arms) if not allocations or allocations[-1][0][arm])


def steering_chances(
    allocations: Sequence[AllocationCounts],
    arms: int,
    *,
    prior: Beta = FLAT,
    effective: Sequence[float] | None = None,
    design: Design | None = None,
) -> tuple[float, ...]:
    """For every arm, its chance of being the best of those that get visitors; 0 for the others.

    The same counts give the same chances: nothing is drawn.

    Args:
        allocations: in their order, for each the weights, exposed visitors and conversions of every arm; the last
            one is in force.
        prior: of each arm's rate.
        effective: what each arm's visitors are worth when each counts for the share of conversions that had the time
            to arrive (`delay`); as many as there are, unless given.
        design: of the combinations, where several elements vary.
    """
    served = served_arms(allocations, arms)
    chances = [0.0] * arms
    if design is not None and design.shares_strength:
        of_served: Sequence[float] = combination_chances(allocations, design, served)
    else:
        of_served = compare([_posterior(allocations, arm, prior, effective) for arm in served]).p_best
    for arm, chance in zip(served, of_served, strict=True):
        chances[arm] = chance
    return tuple(chances)


def _posterior(
    allocations: Sequence[AllocationCounts], arm: int, prior: Beta, effective: Sequence[float] | None
) -> Beta:
    exposed = sum(counts[1][arm] for counts in allocations)
    converted = sum(counts[2][arm] for counts in allocations)
    worth = float(exposed) if effective is None else effective[arm]
    return provisional_posterior(converted, worth, prior)
