"""What people read. Every sentence is made from a Situation alone, so that it can be made again from its JSON.

The rules: natural frequencies instead of bare percentages, ranges before points, dates and visitors instead of
sigmas, what would change the verdict; never "significant", an infinite lift, or two decimals on a percentage. One
strength of wording belongs to one band of chances, in every sentence (`lean`).
"""

import math

from vibevariant.stats.situation import Harm, Situation
from vibevariant.stats.words import (
    COIN_FLIP,
    LEANING,
    PROBABLY,
    chance,
    chance_against,
    change,
    day,
    fewer_than,
    in_100,
    minute,
    one_in,
    percentage,
    share,
)

# What a hint needs, and how long a goal may stay silent before that is worth a look.
HINT_CONVERSIONS = 5
HINT_EXPOSED = 20
SILENT_VISITORS = 50

# Of tests in which nothing differs, looked at after every few visitors: the share in which a winner had been named by
# this many visitors (bench/decisions.md). The promise, whatever the number, is 1 in 20 at most.
FALSE_ALARMS = (
    (100, 0.0),
    (300, 0.002),
    (1_000, 0.008),
    (3_000, 0.012),
    (10_000, 0.015),
    (30_000, 0.016),
    (100_000, 0.020),
)

# What would change a verdict, where that does not hang on its numbers.
ENDED = "The experiment has ended, and this is all it can say."
AFTER_SPLIT = (
    "Nothing that is counted here: once visitors are split as planned, start again under another key."
)
AFTER_PROOF = (
    "Hardly anything: it allows for constant checking. Visitors that go astray would, and it would say so."
)


def split(situation: Situation) -> str:
    if len(situation.arms) == 2:
        observed = " v ".join(f"{arm.exposed:,}" for arm in situation.arms)
        planned = " v ".join(f"{expected:,.0f}" for expected in situation.expected)
        counts = f"{observed} where {planned} were planned"
    else:
        pairs = zip(situation.arms, situation.expected, strict=True)
        arm, expected = max(pairs, key=lambda pair: (pair[0].exposed - pair[1]) ** 2 / (pair[1] or 1e-9))
        counts = f"{arm.name}: {arm.exposed:,} where {expected:,.0f} were planned"
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


def silent(situation: Situation) -> str:
    when = "some time ago" if situation.silent_since_ms is None else f"on {minute(situation.silent_since_ms)}"
    return f"'{situation.goal}' was last seen {when}. Did something change on the page?"


def harm(situation: Situation, worst: Harm) -> str:
    return f"{situation.called(worst.arm)} is hurting '{worst.goal}': strong proof, even allowing for constant checking."


def early(situation: Situation) -> str:
    leading = situation.leading
    if len(situation.arms) == 2:
        other = next(arm for arm in situation.arms if arm.key != leading.key)
        counts = (
            f"{leading.conversions} v {other.conversions} '{situation.goal}' ({leading.name} v {other.name})"
        )
    else:
        counts = f"{situation.conversions} '{situation.goal}' in all"
    return (
        f"{counts} from {_visitors(situation.visitors)}: no proof of anything. {lean(situation)} "
        f"({in_100(leading.p_best)} for {leading.name}). {after_more(situation)}"
    )


def proven(situation: Situation) -> str:
    gain = (
        ""
        if situation.gain is None or situation.gain_over is None
        else f" Likely gain over {situation.called(situation.gain_over)}: {_gain(*situation.gain)}."
    )
    return (
        f"{situation.leading.name} wins. However often you looked, a false alarm is less than 1 in 20.{gain}"
    )


def weekend(situation: Situation) -> str:
    when = "It ended before a week was full." if situation.ended else after_weekend(situation)
    return f"The proof for {situation.leading.name} is strong, but weekends may differ. {when}"


def likely(situation: Situation) -> str:
    return (
        f"{lean(situation)} (about {chance(situation.leading.p_best)}); not proven. If you must choose, choose "
        f"{situation.leading.name}: being wrong would cost {_cost(situation.leading.loss)} of conversions."
    )


def no_matter(situation: Situation) -> str:
    arms = "Both" if len(situation.arms) == 2 else f"All {len(situation.served)}"
    return f"{arms} perform about the same. Keep whichever you prefer."


def unlikely(situation: Situation) -> str:
    span = f"within {situation.answer_weeks[-1]} weeks ({one_in(situation.p_answer[-1])})"
    p_best = situation.leading.p_best
    if situation.rivals and p_best >= LEANING:
        return (
            f"{lean(situation)}, about {chance(p_best)}; with these shares it is unlikely to be proven {span}. "
            f"If that is enough for you, keep it; if not, split visitors evenly, or try a bolder change."
        )
    return f"At your traffic this is unlikely to settle {span}. Try a bolder change."


def leaning(situation: Situation) -> str:
    p_best = situation.leading.p_best
    return f"{lean(situation)}, about {chance(p_best)}. Wrong {chance_against(p_best)}. {_outlook(situation)}"


def still_open(situation: Situation) -> str:
    return f"Nothing to choose between them so far. {_outlook(situation)}"


def sure(situation: Situation) -> str:
    """How sure it is who is the best."""
    leading = situation.leading
    if len(situation.arms) == 1:
        return "There is one arm, so there is nothing to compare."
    if len(situation.arms) == 2:
        other = next(arm for arm in situation.arms if arm.key != leading.key)
        return (
            f"The chance of being the better one is {in_100(leading.p_best)} for {leading.name} "
            f"and {in_100(other.p_best)} for {other.name}."
        )
    return f"The chance of being the best of all {len(situation.arms)} is {in_100(leading.p_best)} for {leading.name}."


def stakes(situation: Situation) -> str | None:
    """What is lost by choosing an arm that is not the best; None with nobody else to choose."""
    others = [arm for arm in situation.arms if arm.key != situation.leader]
    if not others:
        return None
    if not situation.conversions:
        ceiling = max(arm.at_most for arm in situation.served)
        return f"Even so, something is known: most likely {fewer_than(ceiling)} visitors reach '{situation.goal}'."
    rival = next((arm for arm in others if arm.key == situation.gain_over), others[0])
    return (
        f"On average, choosing {situation.leading.name} would cost {share(situation.leading.loss)} of the "
        f"conversions there could be; choosing {rival.name}, {share(rival.loss)}."
    )


def false_alarms(situation: Situation) -> str:
    """The rule's own record at this number of visitors, or at the next larger one that was measured."""
    visitors, measured = next(
        (each for each in FALSE_ALARMS if situation.visitors <= each[0]), FALSE_ALARMS[-1]
    )
    return (
        f"Of tests in which nothing differs, looked at all the time, this rule has named a winner in {share(measured)} "
        f"by {visitors:,} visitors. The promise is fewer than 1 in 20, however long."
    )


def after_silence(situation: Situation) -> str:
    if not situation.visitors:
        return "The first visitor who is shown an arm."
    return f"The next '{situation.goal}' that arrives."


def after_more(situation: Situation) -> str:
    if situation.ended:
        return ENDED
    more = before_a_hint(situation)
    return f"About {more:,} more visitor{'s' * (more != 1)} before a hint."


def after_weekend(situation: Situation) -> str:
    return f"Decide on {_next_look(situation)}."


def after_proof_missing(situation: Situation, log_e_needed: float) -> str:
    """How far the proof is, and how likely it comes in time."""
    parts = []
    if situation.rivals:
        reached = min(rival.log_e for rival in situation.rivals)
        needed = math.exp(log_e_needed)
        if reached < log_e_needed:
            odds = math.floor(math.exp(max(0.0, reached)))
            parts.append(f"Proof would: its evidence stands at {max(1, odds)} of the {needed:.0f} it needs.")
    if situation.p_answer:
        first = next((w for w in situation.answer_weeks if w > 1), situation.answer_weeks[-1])
        last = situation.answer_weeks[-1]
        near, far = (situation.p_answer[situation.answer_weeks.index(week)] for week in (first, last))
        parts.append(
            f"At today's traffic a clear answer comes within {first} weeks with a chance of {in_100(near)}, "
            f"and within {last} weeks with {in_100(far)}."
        )
    return " ".join(parts) or _outlook(situation)


def lean(situation: Situation) -> str:
    """The one place where a chance of being best becomes a strength of wording."""
    p_best = situation.leading.p_best
    if p_best >= PROBABLY:
        return f"{situation.leading.name} is probably better"
    if p_best >= LEANING:
        return f"Leaning {situation.leading.name}"
    if p_best >= COIN_FLIP:
        return "Not far from a coin flip"
    return "Close to a coin flip" if len(situation.arms) == 2 else "Close to drawing lots"


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


def _visitors(count: int) -> str:
    return "1 visitor" if count == 1 else f"{count:,} visitors"


def _gain(low: float, high: float) -> str:
    return f"{change(low)} to {change(high)}"


def _cost(loss: float) -> str:
    return "less than 1 %" if loss < 0.01 else f"about {percentage(loss)}"


def _outlook(situation: Situation) -> str:
    if situation.ended:
        return ENDED
    return f"Next useful look: {_next_look(situation)}."


def _next_look(situation: Situation) -> str:
    return "a week after the start" if situation.next_look_ms is None else day(situation.next_look_ms)
