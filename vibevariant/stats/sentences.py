"""What people read. Every sentence is made from a Situation alone, so that it can be made again from its JSON.

The rules: natural frequencies instead of bare percentages, ranges before points, dates and visitors instead of
sigmas, what would change the verdict; never "significant", an infinite lift, or two decimals on a percentage. One
strength of wording belongs to one band of chances, in every sentence (`lean`).
"""

import math
from datetime import UTC, datetime

from vibevariant.stats.situation import ArmSituation, Situation

# Bands of the chance of being best, and the words that belong to them.
PROBABLY = 0.95
LEANING = 0.8
COIN_FLIP = 0.6

# What a hint needs, and how long a goal may stay silent before that is worth a look.
HINT_CONVERSIONS = 5
HINT_EXPOSED = 20
SILENT_VISITORS = 50

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def split(situation: Situation) -> str:
    if len(situation.arms) == 2:
        observed = " v ".join(f"{arm.exposed:,}" for arm in situation.arms)
        planned = " v ".join(f"{expected:,.0f}" for expected in situation.expected)
        counts = f"{observed} where {planned} were planned"
    else:
        pairs = zip(situation.arms, situation.expected, strict=True)
        arm, expected = max(pairs, key=lambda pair: (pair[0].exposed - pair[1]) ** 2 / (pair[1] or 1e-9))
        counts = f"{arm.key}: {arm.exposed:,} where {expected:,.0f} were planned"
    return (
        f"Visitors are not being split as planned ({counts}). Results can't be trusted until this is fixed."
    )


def setup(situation: Situation) -> str:
    if not situation.visitors:
        return "No visitors yet. Open a page with this experiment yourself: your visit should show up here."
    ceiling = percentage(max(arm.at_most for arm in situation.served))
    return (
        f"{_visitors(situation.visitors)}, no '{situation.goal}' yet. Either it is rare (below {ceiling} so far) "
        f"or it is not being recorded: try it yourself here."
    )


def harm(situation: Situation, arm: ArmSituation) -> str:
    return f"{arm.key} is hurting '{situation.goal}': strong proof, even allowing for constant checking."


def early(situation: Situation) -> str:
    leading = situation.leading
    if len(situation.arms) == 2:
        other = next(arm for arm in situation.arms if arm.key != leading.key)
        counts = (
            f"{leading.conversions} v {other.conversions} '{situation.goal}' ({leading.key} v {other.key})"
        )
    else:
        counts = f"{situation.conversions} '{situation.goal}' in all"
    more = before_a_hint(situation)
    return (
        f"{counts} from {_visitors(situation.visitors)}: no proof of anything. {lean(situation)} "
        f"({in_100(leading.p_best)} for {leading.key}). About {more:,} more visitor{'s' * (more != 1)} before a hint."
    )


def proven(situation: Situation) -> str:
    gain = (
        ""
        if situation.gain is None
        else f" Likely gain over {situation.gain_over}: {_gain(*situation.gain)}."
    )
    return f"{situation.leader} wins. However often you looked, a false alarm is less than 1 in 20.{gain}"


def weekend(situation: Situation) -> str:
    when = "It ended before a week was full." if situation.ended else f"Decide on {_next_look(situation)}."
    return f"The proof for {situation.leader} is strong, but weekends may differ. {when}"


def likely(situation: Situation) -> str:
    return (
        f"{lean(situation)} (about {chance(situation.leading.p_best)}); not proven. If you must choose, choose "
        f"{situation.leader}: being wrong would cost {_cost(situation.leading.loss)} of conversions."
    )


def no_matter(situation: Situation) -> str:
    arms = "Both" if len(situation.arms) == 2 else f"All {len(situation.served)}"
    return f"{arms} perform about the same. Keep whichever you prefer."


def leaning(situation: Situation) -> str:
    p_best = situation.leading.p_best
    return f"{lean(situation)}, about {chance(p_best)}. Wrong {chance_against(p_best)}. {_outlook(situation)}"


def still_open(situation: Situation) -> str:
    return f"Nothing to choose between them so far. {_outlook(situation)}"


def lean(situation: Situation) -> str:
    """The one place where a chance of being best becomes a strength of wording."""
    p_best = situation.leading.p_best
    if p_best >= PROBABLY:
        return f"{situation.leader} is probably better"
    if p_best >= LEANING:
        return f"Leaning {situation.leader}"
    if p_best >= COIN_FLIP:
        return "Not far from a coin flip"
    return "Close to a coin flip" if len(situation.arms) == 2 else "Close to drawing lots"


def chance(p: float) -> str:
    """A probability as a natural frequency; 99 in 100 and 1 in 100 are the extremes."""
    if p >= 0.99:
        return "more than 99 in 100"
    if p >= PROBABLY:
        return f"{math.floor(20 * p)} in 20"
    return f"{_tenths(p)} in 10"


def chance_against(p: float) -> str:
    """The other side of the same frequency, so that the two add up."""
    if p >= 0.99:
        return "less than 1 in 100"
    if p >= PROBABLY:
        return f"{20 - math.floor(20 * p)} in 20"
    return f"{10 - _tenths(p)} in 10"


def in_100(p: float) -> str:
    if p >= 0.99:
        return "more than 99 in 100"
    return "less than 1 in 100" if p < 0.01 else f"{math.floor(100 * p + 0.5)} in 100"


def percentage(share: float) -> str:
    """A rate, to one decimal where it is small; 99 %+ and <1 % are the extremes."""
    if share < 0.01:
        return "1 %"
    if share >= 0.99:
        return "99 %+"
    return f"{100 * share:.1f} %" if share < 0.095 else f"{100 * share:.0f} %"


def change(ratio: float) -> str:
    """A relative change with its sign, to one decimal where it is small; never infinite."""
    if ratio >= 9.99:
        return "+999 % or more"
    if ratio <= -0.99:
        return "-99 % or worse"
    digits = 1 if abs(ratio) < 0.0995 else 0
    text = f"{100 * ratio:+.{digits}f} %"
    return "0 %" if not float(text[:-2]) else text


def before_a_hint(situation: Situation) -> int:
    """Visitors still needed for the first conversions and for a handful in every arm, to one digit."""
    seen, converted = situation.visitors, situation.conversions
    if converted:
        for_conversions = (HINT_CONVERSIONS - converted) * seen / converted
    else:
        for_conversions = SILENT_VISITORS - seen
    for_arms = sum(max(0, HINT_EXPOSED - arm.exposed) for arm in situation.served)
    more = max(1.0, for_conversions, for_arms)
    unit = int(10 ** math.floor(math.log10(more)))
    return math.ceil(more / unit) * unit


def day(ms: int) -> str:
    """The date of an instant, in UTC: 12 November 2026."""
    date = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def _tenths(p: float) -> int:
    return min(9, max(1, math.floor(10 * p + 0.5)))


def _visitors(count: int) -> str:
    return "1 visitor" if count == 1 else f"{count:,} visitors"


def _gain(low: float, high: float) -> str:
    return f"{change(low)} to {change(high)}"


def _cost(loss: float) -> str:
    return "less than 1 %" if loss < 0.01 else f"about {percentage(loss)}"


def _outlook(situation: Situation) -> str:
    if situation.ended:
        return "The experiment has ended, and this is all it can say."
    return f"Next useful look: {_next_look(situation)}."


def _next_look(situation: Situation) -> str:
    return "a week after the start" if situation.next_look_ms is None else day(situation.next_look_ms)
