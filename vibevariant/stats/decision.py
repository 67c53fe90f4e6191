"""What to do now: one table, read from the top, of which the first row that holds decides.

`status` is what programs read, `reason` names the row. A "proven" winner is false in fewer than 1 of 20 experiments
without any difference, however often anybody looked: it rests on evidence that allows for looking (Ville's
inequality; see `evidence`), and the calibrated chances only ever hold a claim back.
"""

import math
from dataclasses import dataclass
from typing import Literal

from vibevariant.stats import sentences
from vibevariant.stats.health import SPLIT_ALARM, SPLIT_WARNING
from vibevariant.stats.sentences import HINT_CONVERSIONS, HINT_EXPOSED, SILENT_VISITORS
from vibevariant.stats.situation import Harm, Situation
from vibevariant.stats.words import LEANING, PROBABLY

Status = Literal["broken", "collecting", "keep testing", "equivalent", "ship", "stop"]
Reason = Literal[
    "split", "setup", "silent", "harm", "early", "proven", "weekend", "likely", "no matter", "unlikely", "leaning", "open"
]  # fmt: skip
Action = Literal[
    "freeze the allocation",
    "check the setup",
    "check the goal",
    "stop the arm",
    "ship the arm",
    "ship the arm or continue",
    "stop and pick the simpler",
    "stop or try something bolder",
    "continue",
]

# e-value that is proof between two arms: a false alarm in at most 1 of 20 experiments.
PROOF = 20
# A winner has at least this many conversions in all behind it: fewer are one lucky afternoon.
ENOUGH_CONVERSIONS = 10
# Within so many visitors nobody wins, whatever they did: at high rates two in ten thousand false alarms come this soon.
FIRST_VISITORS = 100
# A goal that nobody reached is worth a look after a day.
SILENT_HOURS = 24
# Losing less than this share of conversions is nothing to wait for.
SMALL_LOSS = 0.005
# What is known must have narrowed to half of what was assumed before the data may say "no difference that matters".
NARROWED = 0.5
EQUIVALENT = 0.9
# An answer that is less likely than this within the last week that is forecast is not worth waiting for, once each arm
# has been seen by this many.
UNLIKELY = 0.2
ENOUGH_TO_FORECAST = 200
# Weekends differ from weekdays: proof waits for one full week, likelihood for two.
WEEKS_FOR_PROOF = 1
WEEKS_FOR_LIKELIHOOD = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, why (the row of the table), about which arm, and how to say it.

    How sure it is and what is at stake always stand apart.

    Args:
        sure: how likely each arm is the best; None where nothing can be said.
        stakes: what choosing wrongly would cost; None where nothing can be said.
        outlook: what would change this verdict.
        false_alarms: how often this table names a winner where nothing differs, at this number of visitors.
    """

    status: Status
    reason: Reason
    arm: str | None
    sentence: str
    action: Action
    sure: str | None
    stakes: str | None
    outlook: str
    false_alarms: str


def decide(situation: Situation) -> Decision:
    """Find the first row of the table that holds, and put it into words."""
    status, reason, arm, sentence, action = _row(situation)
    known = reason != "split" and situation.visitors > 0
    return Decision(
        status, reason, arm, sentence, action,
        sure=sentences.sure(situation) if known else None,
        stakes=sentences.stakes(situation) if known else None,
        outlook=_outlook(situation, reason),
        false_alarms=sentences.false_alarms(situation),
    )  # fmt: skip


def _row(situation: Situation) -> tuple[Status, Reason, str | None, str, Action]:
    leader = situation.leading
    if _split_is_broken(situation):
        return "broken", "split", None, sentences.split(situation), "freeze the allocation"
    if _nothing_comes_in(situation):
        return "collecting", "setup", None, sentences.setup(situation), "check the setup"
    if situation.silent_since_ms is not None and not situation.ended:
        return "broken", "silent", None, sentences.silent(situation), "check the goal"
    harms = proven_harms(situation)
    if harms:
        return "stop", "harm", harms[0].arm, sentences.harm(situation, harms[0]), "stop the arm"
    if _too_early(situation):
        return "collecting", "early", None, sentences.early(situation), "continue"
    if _is_proven(situation):
        if situation.full_weeks >= WEEKS_FOR_PROOF:
            return "ship", "proven", leader.key, sentences.proven(situation), "ship the arm"
        return "keep testing", "weekend", leader.key, sentences.weekend(situation), "continue"
    if _is_likely(situation):
        return "keep testing", "likely", leader.key, sentences.likely(situation), "ship the arm or continue"
    if _does_not_matter(situation):
        return "equivalent", "no matter", None, sentences.no_matter(situation), "stop and pick the simpler"
    if _will_not_settle(situation):
        return "keep testing", "unlikely", None, sentences.unlikely(situation), "stop or try something bolder"
    if situation.rivals and leader.p_best >= LEANING:
        return "keep testing", "leaning", leader.key, sentences.leaning(situation), "continue"
    return "keep testing", "open", None, sentences.still_open(situation), "continue"


def _outlook(situation: Situation, reason: Reason) -> str:
    if situation.ended:
        return sentences.ENDED
    if reason == "split":
        return sentences.AFTER_SPLIT
    if reason in ("setup", "silent"):
        return sentences.after_silence(situation)
    if reason == "early":
        return sentences.after_more(situation)
    if reason in ("proven", "harm"):
        return sentences.AFTER_PROOF
    if reason == "weekend":
        return sentences.after_weekend(situation)
    return sentences.after_proof_missing(situation, proof_needed(len(situation.arms)))


def proof_needed(arms: int) -> float:
    """Log of the e-value that is proof: any of the other arms may be the wrong winner, so each gets its share."""
    return math.log(PROOF * max(1, arms - 1))


def _split_is_broken(situation: Situation) -> bool:
    twice = min(situation.sample_ratio_log_e, situation.sample_ratio_log_e_before)
    return situation.sample_ratio_log_e > SPLIT_ALARM or twice > SPLIT_WARNING


def _nothing_comes_in(situation: Situation) -> bool:
    silent = situation.elapsed_hours >= SILENT_HOURS or situation.visitors >= SILENT_VISITORS
    return not situation.visitors or (not situation.conversions and silent)


def proven_harms(situation: Situation) -> tuple[Harm, ...]:
    """Arms proven to be worse than the control, on the goal or a guardrail, among those that still get visitors; most
    surely harmful first.
    """
    served = {arm.key for arm in situation.arms if arm.is_served}
    on_goal = [Harm(arm.key, situation.goal, arm.log_e_worse) for arm in situation.arms]
    enough = proof_needed(len(situation.arms))
    proven = [harm for harm in (*on_goal, *situation.harms) if harm.arm in served and harm.log_e > enough]
    return tuple(sorted(proven, key=lambda harm: -harm.log_e))


def _too_early(situation: Situation) -> bool:
    return situation.conversions < HINT_CONVERSIONS or any(
        arm.exposed < HINT_EXPOSED for arm in situation.served
    )


def _is_proven(situation: Situation) -> bool:
    enough = proof_needed(len(situation.arms))
    return (
        bool(situation.rivals)
        and all(rival.log_e >= enough for rival in situation.rivals)
        and situation.leading.p_best >= PROBABLY
        and situation.conversions >= ENOUGH_CONVERSIONS
        and situation.visitors > FIRST_VISITORS
    )


def _is_likely(situation: Situation) -> bool:
    return (
        bool(situation.rivals)
        and situation.leading.p_best >= PROBABLY
        and situation.leading.loss < SMALL_LOSS
        and situation.full_weeks >= WEEKS_FOR_LIKELIHOOD
    )


def _will_not_settle(situation: Situation) -> bool:
    return (
        not situation.ended
        and bool(situation.p_answer)
        and situation.p_answer[-1] < UNLIKELY
        and all(arm.exposed >= ENOUGH_TO_FORECAST for arm in situation.served)
    )


def _does_not_matter(situation: Situation) -> bool:
    if not situation.rivals or situation.interval_ratio > NARROWED:
        return False
    any_will_do = all(arm.loss < SMALL_LOSS for arm in situation.served)
    return situation.p_negligible >= EQUIVALENT or any_will_do
