"""Early signs: what visitors' engagement hints at before conversions can say anything, and how often it is right.

Two things come of it: a shift of what the calibrated layer assumes beforehand (`prior_shift`), and a sentence of its
own, apart from everything about conversions. Neither is evidence, and no winner is ever declared by them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vibevariant.stats.effect_correlation import BEFORE_EXPERIMENTS, EffectCorrelation
from vibevariant.stats.engagement import Engagement, SignalTable, engagement
from vibevariant.stats.prior_shift import PriorShift, prior_shift
from vibevariant.stats.priors import BEFORE_HISTORY, SpreadPrior
from vibevariant.stats.signal_weights import BEFORE_CONVERSIONS, SignalWeights
from vibevariant.stats.words import chance

# The interval of the difference in engagement holds it, however often one looks, but in 1 of 20 experiments.
MISSED = 0.05
# Right less often than would be told as "6 times in 10", signs are a coin flip and not spoken of.
WORTH_SAYING = 0.55

Silent = Literal["no visitors", "no engagement", "not related", "not clear"]


@dataclass(frozen=True, slots=True)
class EarlySigns:
    """What engagement says about an experiment.

    Args:
        arm: the one with the most engaged visitors; None while arms cannot be compared.
        over: the arm it is compared with: the control, or the second most engaged when the control is first.
        difference: in engagement, in standard deviations of a visitor.
        interval: of the difference, 95 % at all looks together.
        p_right: how often the more engaging of two arms is the better one, with as many visitors as these.
        reason: why nothing may be said of an arm; None where something may.
        experiments: finished ones that have taught how often signs are right.
        shift: for the prior of the calibrated layer.
        weights: of the signals, as learned up to now; what the next experiment starts from.
        engagement: the index behind it all; with the conversions it makes the pairs that teach the correlation.
    """

    arm: int | None
    over: int | None
    difference: float | None
    interval: tuple[float, float] | None
    p_right: float | None
    reason: Silent | None
    experiments: int
    shift: PriorShift
    weights: SignalWeights
    engagement: Engagement

    @property
    def is_claim(self) -> bool:
        return self.reason is None


def early_signs(
    table: SignalTable,
    arms: int,
    control: int = 0,
    *,
    weights: SignalWeights = BEFORE_CONVERSIONS,
    correlation: EffectCorrelation = BEFORE_EXPERIMENTS,
    spread: SpreadPrior = BEFORE_HISTORY,
) -> EarlySigns:
    """Read the signals of an experiment.

    Something is said of an arm when the correlation's lower bound is above 0, the interval of its difference excludes
    0, wherever one stops, and signs like these are right at least 6 times in 10. Of K arms, K - 1 comparisons share
    the 1 in 20 that is missed.

    Args:
        weights: what past experiments have taught of the signals; this one's conversions are added.
        correlation: what finished experiments have taught of engagement and conversions.
        spread: what they have taught of how far arms lie apart in conversions.
    """
    learned = weights.after(table)
    seen = engagement(table, arms, learned.mean)
    shift = prior_shift(seen, correlation.used, correlation.index_spread, spread.mean)
    told = correlation.experiments, shift, learned, seen
    compared = _most_engaging(seen, control)
    if compared is None:
        nobody = sum(mean is not None for mean in seen.means) < min(arms, 2) or seen.varies
        return EarlySigns(None, None, None, None, None, "no visitors" if nobody else "no engagement", *told)
    arm, over, difference, error = compared
    low, high = always_valid(difference, error, correlation.index_spread, MISSED / (arms - 1))
    p_right = right_arm(correlation.used, reliability(error, correlation.index_spread))
    reason: Silent | None = None
    if not correlation.is_related or right_arm(correlation.used, 1.0) < WORTH_SAYING:
        reason = "not related"
    elif low <= 0 or p_right < WORTH_SAYING:
        reason = "not clear"
    return EarlySigns(arm, over, difference, (low, high), p_right, reason, *told)


def early_sentence(signs: EarlySigns, keys: Sequence[str]) -> str:
    """What people read, under a heading that says that these are not conversions: how often, never how much."""
    if signs.reason == "no visitors":
        return "No early signs yet: fewer than two arms have had visitors."
    if signs.reason == "no engagement":
        return "No early signs yet: visitors do not differ in what they clicked, read or filled in."
    if signs.reason == "not related":
        return "Past experiments here do not show that engagement goes with better arms, so it is not read as a sign."
    if signs.reason == "not clear" or signs.arm is None or signs.over is None or signs.p_right is None:
        return "No clear difference so far in how engaged visitors are."
    right = chance(signs.p_right).replace(" in ", " times in ")
    return (
        f"Visitors seem more engaged with {keys[signs.arm]} than with {keys[signs.over]}. "
        f"These are early signs, not conversions: right about {right}."
    )


def reliability(error: float, index_spread: float) -> float:
    """Share of a difference's variance that is not noise: t_e^2 / (t_e^2 + se^2), t_e = sqrt(2) index_spread."""
    return 2 * index_spread**2 / (2 * index_spread**2 + error**2)


def right_arm(correlation: float, reliable: float) -> float:
    """How often the more engaging arm is the better one: 1/2 + asin(r sqrt(reliability)) / pi (Sheppard, 1899)."""
    return 0.5 + math.asin(correlation * math.sqrt(reliable)) / math.pi


def always_valid(difference: float, error: float, index_spread: float, missed: float) -> tuple[float, float]:
    """An interval that holds the true difference at every look, but in a share `missed` of experiments.

    Where the normal mixture over N(0, t_e^2) of likelihood ratios stays below 1 / missed (Robbins, Ann. Math. Stat.
    41, 1970): difference +- se sqrt((1 + 1/R) (2 log(1 / missed) + log(1 + R))), R = t_e^2 / se^2.
    """
    ratio = 2 * index_spread**2 / error**2
    half = error * math.sqrt((1 + 1 / ratio) * (-2 * math.log(missed) + math.log1p(ratio)))
    return difference - half, difference + half


def _most_engaging(seen: Engagement, control: int) -> tuple[int, int, float, float] | None:
    """The most engaging arm, the one it is compared with, their difference and its standard error."""
    over = {arm: seen.difference(control, arm) for arm in range(len(seen.score)) if arm != control}
    known = {arm: each for arm, each in over.items() if each is not None}
    if not known:
        return None
    best = max(known, key=lambda arm: known[arm].difference)
    found = known[best]
    if found.difference > 0:
        return best, control, found.difference, found.standard_error
    return control, best, -found.difference, found.standard_error
