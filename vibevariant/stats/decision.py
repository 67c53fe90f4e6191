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
from vibevariant.stats.sentences import HINT_CONVERSIONS, HINT_EXPOSED, LEANING, PROBABLY, SILENT_VISITORS
from vibevariant.stats.situation import ArmSituation, Situation

Status = Literal["broken", "collecting", "keep testing", "equivalent", "ship", "stop"]
Reason = Literal[
    "split", "setup", "harm", "early", "proven", "weekend", "likely", "no matter", "leaning", "open"
]
Action = Literal[
    "freeze the allocation",
    "check the setup",
    "stop the arm",
    "ship the arm",
    "ship the arm or continue",
    "stop and pick the simpler",
    "continue",
]

# e-value that is proof between two arms: a false alarm in at most 1 of 20 experiments.
PROOF = 20
# A winner has at least this many conversions in all behind it: fewer are one lucky afternoon.
ENOUGH_CONVERSIONS = 10
# A goal that nobody reached is worth a look after a day.
SILENT_HOURS = 24
# Losing less than this share of conversions is nothing to wait for.
SMALL_LOSS = 0.005
# What is known must have narrowed to half of what was assumed before the data may say "no difference that matters".
NARROWED = 0.5
EQUIVALENT = 0.9
# Weekends differ from weekdays: proof waits for one full week, likelihood for two.
WEEKS_FOR_PROOF = 1
WEEKS_FOR_LIKELIHOOD = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, why (the row of the table), about which arm, and how to say it."""

    status: Status
    reason: Reason
    arm: str | None
    sentence: str
    action: Action


def decide(situation: Situation) -> Decision:
    """Find the first row of the table that holds."""
    leader = situation.leading
    if _split_is_broken(situation):
        return Decision("broken", "split", None, sentences.split(situation), "freeze the allocation")
    if _nothing_comes_in(situation):
        return Decision("collecting", "setup", None, sentences.setup(situation), "check the setup")
    harmed = _harmful_arm(situation)
    if harmed is not None:
        return Decision("stop", "harm", harmed.key, sentences.harm(situation, harmed), "stop the arm")
    if _too_early(situation):
        return Decision("collecting", "early", None, sentences.early(situation), "continue")
    if _is_proven(situation):
        if situation.full_weeks >= WEEKS_FOR_PROOF:
            return Decision("ship", "proven", leader.key, sentences.proven(situation), "ship the arm")
        return Decision("keep testing", "weekend", leader.key, sentences.weekend(situation), "continue")
    if _is_likely(situation):
        return Decision(
            "keep testing", "likely", leader.key, sentences.likely(situation), "ship the arm or continue"
        )
    if _does_not_matter(situation):
        return Decision(
            "equivalent", "no matter", None, sentences.no_matter(situation), "stop and pick the simpler"
        )
    if situation.rivals and leader.p_best >= LEANING:
        return Decision("keep testing", "leaning", leader.key, sentences.leaning(situation), "continue")
    return Decision("keep testing", "open", None, sentences.still_open(situation), "continue")


def proof_needed(arms: int) -> float:
    """Log of the e-value that is proof: any of the other arms may be the wrong winner, so each gets its share."""
    return math.log(PROOF * max(1, arms - 1))


def _split_is_broken(situation: Situation) -> bool:
    twice = min(situation.sample_ratio_log_e, situation.sample_ratio_log_e_before)
    return situation.sample_ratio_log_e > SPLIT_ALARM or twice > SPLIT_WARNING


def _nothing_comes_in(situation: Situation) -> bool:
    silent = situation.elapsed_hours >= SILENT_HOURS or situation.visitors >= SILENT_VISITORS
    return not situation.visitors or (not situation.conversions and silent)


def _harmful_arm(situation: Situation) -> ArmSituation | None:
    """The arm most surely worse than the control, among those that still get visitors."""
    worst = max(situation.served, key=lambda arm: arm.log_e_worse)
    return worst if worst.is_served and worst.log_e_worse > proof_needed(len(situation.arms)) else None


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
    )


def _is_likely(situation: Situation) -> bool:
    return (
        bool(situation.rivals)
        and situation.leading.p_best >= PROBABLY
        and situation.leading.loss < SMALL_LOSS
        and situation.full_weeks >= WEEKS_FOR_LIKELIHOOD
    )


def _does_not_matter(situation: Situation) -> bool:
    if not situation.rivals or situation.interval_ratio > NARROWED:
        return False
    any_will_do = all(arm.loss < SMALL_LOSS for arm in situation.served)
    return situation.p_negligible >= EQUIVALENT or any_will_do
