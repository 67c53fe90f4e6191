"""How many visitors each arm gets: whole ten-thousandths, so that every propensity is exact in any language."""

import math
from collections.abc import Collection, Sequence
from typing import Literal

# What visitors are spent on. Learn: on telling arms apart soonest. Balanced: on both, and nearly as soon. Earn: on the
# arm that looks best, whatever there is still to learn about the others.
Mode = Literal["learn", "balanced", "earn"]

TEN_THOUSANDTHS = 10_000

# "Balanced": no arm gets less than .4 / arms, a fifth with two arms. With the floor of "Earn" five sixths of the regret
# are saved, but three of four real improvements of 50 % are never proven within 10,000 visitors; with .2 nearly as many are
# as under even weights (92 against 100 in 100), and half the regret is saved (bench/bandits.md).
BALANCED_FLOOR = 0.4

# "Learn" keeps an arm that has fallen behind at a tenth of its even share: it may have been unlucky.
LEARN_FLOOR = 0.1
# "Earn": no arm gets less than .04 / arms, .02 with two, and as visitors add up, less still: what a floor costs grows
# with every visitor, what it can still teach does not.
EARN_FLOOR = 0.04
EARN_FLOOR_UNTIL = 10_000
EARN_LAST_FLOOR = 0.004

# A new allocation starts a new stratum in every estimate, so a small move is not worth one; but what is left to all arms
# but the leading one may be small, and halving it saves half of what is still lost. Without that "Earn" would stay at its
# first floor for ever, and lose 11 % more by 100,000 visitors; with it there is one allocation more in ten.
WORTH_PUBLISHING = 200
WORTH_HALVING = 2


def even_weights(arms: int) -> tuple[int, ...]:
    """The same weight for every arm."""
    if arms < 1:
        raise ValueError("weights need at least one arm")
    return to_ten_thousandths([1 / arms] * arms)


def observed_weights(exposed: Sequence[int]) -> tuple[int, ...]:
    """The shares of visitors that the arms got; even ones without visitors.

    They stand in for weights that nobody has noted down: to read 2,000 and 1,000 visitors as an even split would make
    proof out of nothing. No arm that has visitors is left without a weight.
    """
    total = sum(exposed)
    if not total:
        return even_weights(len(exposed))
    least = 1 / TEN_THOUSANDTHS
    return to_ten_thousandths([max(shown / total, least) if shown else 0.0 for shown in exposed])


def thompson_weights(p_best: Sequence[float], floor: float | None = None) -> tuple[int, ...]:
    """Give each arm the share of visitors that equals its chance of being the best, above a floor for all.

    Thompson sampling (Biometrika 25, 1933) chooses an arm with its probability of being best; here that probability
    is computed instead of drawn. The floor is additive, w = floor + (1 - arms * floor) * P: the weights sum to 1 and
    keep the order of P without a correction, where raising the small ones to the floor and scaling the rest down
    makes arms equal that are not, and can push another below the floor.
    """
    arms = len(p_best)
    if not arms or any(not 0 <= p <= 1 for p in p_best) or abs(math.fsum(p_best) - 1) > 1e-6:
        raise ValueError("the chances of being best must be probabilities that sum to 1")
    floor = BALANCED_FLOOR / arms if floor is None else floor
    if not 0 <= floor * arms <= 1:
        raise ValueError(f"a floor of {floor} does not fit {arms} arms")
    if floor > 0:
        # However small it is, an arm with a floor is never cut off by rounding.
        floor = max(floor, 1 / TEN_THOUSANDTHS)
    return to_ten_thousandths([floor + (1 - arms * floor) * p for p in p_best])


def weights_in_mode(
    p_best: Sequence[float],
    mode: Mode,
    visitors: int,
    *,
    served: Sequence[int] | None = None,
    harmed: Collection[int] = (),
) -> tuple[int, ...]:
    """The weights that follow from the chances of being best: the same chances, the same weights.

    Args:
        visitors: that were exposed so far, over all arms.
        served: the arms that visitors may get; all unless given. The others get nobody.
        harmed: arms that are proven to hurt something; each gets its floor and no more.
    """
    chosen = list(range(len(p_best))) if served is None else sorted(served)
    chances = [0.0 if arm in harmed else p_best[arm] for arm in chosen]
    total = math.fsum(chances)
    if total > 0:
        chances = [chance / total for chance in chances]
    else:
        # All that is good is known to hurt: the harmless ones share alike; if there is none, all do.
        harmless = [float(arm not in harmed) for arm in chosen]
        harmless = harmless if any(harmless) else [1.0] * len(chosen)
        chances = [each / math.fsum(harmless) for each in harmless]
    weights = [0] * len(p_best)
    for arm, weight in zip(chosen, _of_served(chances, mode, visitors), strict=True):
        weights[arm] = weight
    return tuple(weights)


def _of_served(p_best: Sequence[float], mode: Mode, visitors: int) -> tuple[int, ...]:
    arms = len(p_best)
    if mode == "learn":
        return thompson_weights(top_two(p_best), LEARN_FLOOR / max(1, arms))
    if mode == "earn":
        decayed = EARN_FLOOR * min(1.0, EARN_FLOOR_UNTIL / max(1, visitors))
        return thompson_weights(p_best, max(decayed, EARN_LAST_FLOOR) / max(1, arms))
    return thompson_weights(p_best)


def top_two(p_best: Sequence[float]) -> tuple[float, ...]:
    """Half of the visitors for the arm that is drawn as the best, half for the one drawn as the best once it differs.

        w[i] = P[i] / 2 + sum over j != i of P[j] / 2 * P[i] / (1 - P[j])

    (top-two Thompson sampling; Russo, Operations Research 68, 2020). Thompson sampling itself soon sends nearly
    everybody to the leader, and so learns slowest about just the two arms between which the question lies. Two arms
    get half each, whatever is known.
    """
    arms = len(p_best)
    if arms < 2:
        return tuple(p_best)
    weights = [p / 2 for p in p_best]
    for leader, p in enumerate(p_best):
        others = math.fsum(chance for arm, chance in enumerate(p_best) if arm != leader)
        for arm, chance in enumerate(p_best):
            if arm != leader:
                weights[arm] += p / 2 * (chance / others if others > 0 else 1 / (arms - 1))
    return tuple(weights)


def to_ten_thousandths(shares: Sequence[float]) -> tuple[int, ...]:
    """Round shares to whole ten-thousandths that sum to 10,000, by largest remainder; ties go to the earlier arm."""
    total = math.fsum(shares)
    if not shares or not 0 < total < math.inf or any(not share >= 0 for share in shares):
        raise ValueError("shares must be numbers of at least 0, and not all 0")
    # Rounded to a billionth of a ten-thousandth, so that shares equal but for their last bit are treated as equal.
    exact = [round(share / total * TEN_THOUSANDTHS, 9) for share in shares]
    weights = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda arm: weights[arm] - exact[arm])
    for arm in by_remainder[: TEN_THOUSANDTHS - sum(weights)]:
        weights[arm] += 1
    return tuple(weights)


def worth_publishing(old: Sequence[int], new: Sequence[int]) -> bool:
    """Whether new weights differ enough from the old ones to become an allocation of their own."""
    if len(old) != len(new):
        return True
    if any(abs(before - after) >= WORTH_PUBLISHING for before, after in zip(old, new, strict=True)):
        return True
    fewer, more = sorted(TEN_THOUSANDTHS - max(weights) for weights in (old, new))
    return fewer != more and more >= WORTH_HALVING * fewer
