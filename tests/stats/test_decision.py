import dataclasses
import itertools
import re

import pytest

from vibevariant.stats import sentences
from vibevariant.stats.decision import decide
from vibevariant.stats.reading import read
from vibevariant.stats.situation import ArmSituation, Harm, Rival, Situation

STRONG, WEAK = 5.0, 0.0


def situation(
    *, p=0.5, log_e=WEAK, conversions=(50, 60), exposed=(1000, 1000), weeks=2, loss=0.02, worse=0.0, **more
):
    """Two arms of which b leads."""
    arms = (
        ArmSituation("a", True, True, exposed[0], conversions[0], 1 - p, 0.1, 0.0, 0.06, "a"),
        ArmSituation("b", False, True, exposed[1], conversions[1], p, loss, worse, 0.07, "b"),
    )
    given = Situation(
        goal="signup",
        arms=arms,
        leader="b",
        rivals=(Rival("a", log_e),),
        gain_over="a",
        gain=(0.031, 0.42),
        interval_ratio=0.6,
        p_negligible=0.2,
        expected=(sum(exposed) / 2, sum(exposed) / 2),
        sample_ratio_log_e=0.0,
        sample_ratio_log_e_before=0.0,
        elapsed_hours=weeks * 168.0,
        full_weeks=weeks,
        next_look_ms=1_790_000_000_000,
        ended=False,
        silent_since_ms=None,
        harms=(),
        answer_weeks=(),
        p_answer=(),
    )
    return dataclasses.replace(given, **more)


def three(**more):
    two = situation(**more)
    third = ArmSituation("c", False, True, 1000, 40, 0.01, 0.2, 0.0, 0.05, "c")
    return dataclasses.replace(two, arms=(*two.arms, third), expected=(1000.0, 1000.0, 1000.0))


ROWS = [
    ("split", {"sample_ratio_log_e": 7.0}),
    ("split", {"sample_ratio_log_e": 5.0, "sample_ratio_log_e_before": 4.7}),
    ("open", {"sample_ratio_log_e": 5.0}),
    ("setup", {"exposed": (0, 0), "conversions": (0, 0)}),
    ("setup", {"exposed": (25, 25), "conversions": (0, 0), "weeks": 0}),
    ("early", {"exposed": (25, 24), "conversions": (0, 0), "weeks": 0}),
    ("setup", {"exposed": (25, 24), "conversions": (0, 0), "elapsed_hours": 24.0}),
    ("harm", {"worse": 3.1}),
    ("open", {"worse": 2.9}),
    ("harm", {"worse": 3.1, "conversions": (4, 0)}),
    ("harm", {"harms": (Harm("b", "refund", 3.1),)}),
    ("open", {"harms": (Harm("b", "refund", 2.9),)}),
    ("silent", {"silent_since_ms": 0, "p": 0.99, "log_e": STRONG}),
    ("silent", {"silent_since_ms": 0, "worse": 3.1}),
    ("split", {"silent_since_ms": 0, "sample_ratio_log_e": 7.0}),
    ("proven", {"silent_since_ms": 0, "p": 0.99, "log_e": STRONG, "ended": True}),
    ("early", {"conversions": (2, 2), "p": 0.97}),
    ("open", {"conversions": (2, 3)}),
    ("early", {"exposed": (1000, 19), "conversions": (50, 5)}),
    ("proven", {"p": 0.99, "log_e": STRONG}),
    ("proven", {"p": 0.95, "log_e": 3.0, "weeks": 1}),
    ("weekend", {"p": 0.99, "log_e": STRONG, "weeks": 0}),
    ("leaning", {"p": 0.99, "log_e": 2.9, "weeks": 1}),
    ("leaning", {"p": 0.949, "log_e": STRONG}),
    ("leaning", {"p": 0.99, "log_e": STRONG, "conversions": (1, 8)}),
    ("likely", {"p": 0.96, "loss": 0.004}),
    ("leaning", {"p": 0.96, "loss": 0.004, "weeks": 1}),
    ("leaning", {"p": 0.96, "loss": 0.006}),
    ("no matter", {"p": 0.6, "interval_ratio": 0.5, "p_negligible": 0.9}),
    ("open", {"p": 0.6, "interval_ratio": 0.51, "p_negligible": 0.9}),
    ("no matter", {"p": 0.85, "interval_ratio": 0.4, "p_negligible": 0.95}),
    ("unlikely", {"p": 0.85, "p_answer": (0.0, 0.19), "answer_weeks": (1, 8)}),
    ("leaning", {"p": 0.85, "p_answer": (0.0, 0.2), "answer_weeks": (1, 8)}),
    ("open", {"p_answer": (0.0, 0.19), "answer_weeks": (1, 8), "exposed": (199, 900)}),
    ("open", {"p_answer": (0.0, 0.19), "answer_weeks": (1, 8), "ended": True}),
    (
        "no matter",
        {"p": 0.6, "interval_ratio": 0.5, "p_negligible": 0.9, "p_answer": (0.1,), "answer_weeks": (8,)},
    ),
    ("leaning", {"p": 0.8}),
    ("open", {"p": 0.79}),
    ("open", {"p": 0.99, "rivals": ()}),
]

# The bands of wording, and what may stand in a sentence of each.
STRENGTHS = {
    "probably better": (0.95, 1.01),
    "Leaning": (0.8, 0.95),
    "Not far from a coin flip": (0.6, 0.8),
    "Close to": (0.0, 0.6),
}


@pytest.mark.parametrize(("reason", "given"), ROWS)
def test_the_first_row_that_holds_decides(reason, given):
    assert decide(situation(**given)).reason == reason


def test_every_row_has_its_status_and_names_an_arm_only_where_it_means_one():
    rows = {decide(situation(**given)).reason: decide(situation(**given)) for _, given in ROWS}
    assert {reason: (row.status, row.arm) for reason, row in rows.items()} == {
        "split": ("broken", None),
        "setup": ("collecting", None),
        "harm": ("stop", "b"),
        "early": ("collecting", None),
        "proven": ("ship", "b"),
        "weekend": ("keep testing", "b"),
        "likely": ("keep testing", "b"),
        "no matter": ("equivalent", None),
        "silent": ("broken", None),
        "unlikely": ("keep testing", None),
        "leaning": ("keep testing", "b"),
        "open": ("keep testing", None),
    }


def test_every_arm_has_little_to_lose_is_no_matter_too():
    given = situation(p=0.7, loss=0.001, interval_ratio=0.3)
    arms = tuple(dataclasses.replace(arm, loss=0.004) for arm in given.arms)
    assert decide(dataclasses.replace(given, arms=arms)).reason == "no matter"


@pytest.mark.parametrize(("log_e", "reason"), [(3.2, "leaning"), (3.7, "proven")])
def test_each_arm_beyond_two_raises_the_bar(log_e, reason):
    given = three(p=0.97, log_e=log_e)
    assert decide(given).reason == reason


def test_sentences_stand_as_they_were_agreed():
    said = {decide(situation(**given)).reason: decide(situation(**given)).sentence for _, given in ROWS}
    assert said["proven"] == (
        "b wins. However often you looked, a false alarm is less than 1 in 20. "
        "Likely gain over a: +3.1 % to +42 %."
    )
    assert said["weekend"] == (
        "The proof for b is strong, but weekends may differ. Decide on 21 September 2026."
    )
    assert said["likely"] == (
        "b is probably better (about 19 in 20); not proven. If you must choose, choose b: being wrong would "
        "cost less than 1 % of conversions."
    )
    assert said["leaning"] == "Leaning b, about 8 in 10. Wrong 2 in 10. Next useful look: 21 September 2026."
    assert said["no matter"] == "Both perform about the same. Keep whichever you prefer."
    assert said["silent"] == (
        "'signup' was last seen on 1 January 1970 at 00:00 UTC. Did something change on the page?"
    )
    assert said["unlikely"] == (
        "Leaning b, about 9 in 10; with these shares it is unlikely to be proven within 8 weeks (about 1 in 5). If that "
        "is enough for you, keep it; if not, split visitors evenly, or try a bolder change."
    )
    assert decide(situation(harms=(Harm("b", "refund", 9.0),))).sentence == (
        "b is hurting 'refund': strong proof, even allowing for constant checking."
    )
    assert decide(situation(conversions=(0, 1), exposed=(50, 50), p=0.558)).sentence == (
        "1 v 0 'signup' (b v a) from 100 visitors: no proof of anything. Close to a coin flip "
        "(56 in 100 for b). About 400 more visitors before a hint."
    )
    assert decide(three(exposed=(700, 1300), sample_ratio_log_e=9.0)).sentence == (
        "Visitors are not being split as planned (a: 700 where 1,000 were planned). Results can't be trusted "
        "until this is fixed."
    )


def every_situation():
    for (_, given), p in itertools.product(
        ROWS, (0.0, 0.3, 0.55, 0.7, 0.79999, 0.8, 0.9, 0.94999, 0.95, 0.989, 1.0)
    ):
        for gain in ((-0.9999, 1e9), (0.0, 0.00012), (-0.05123, 0.0949)):
            for loss in (0.0001, 0.0123, 1.3):
                for make in (situation, three):
                    yield make(**{**given, "p": p, "gain": gain, "loss": loss})


def good_wording(said):
    return said.endswith((".", "?")) and not any(
        re.search(wrong, said)
        for wrong in (
            r"significan|\binf|nan\b|e\+|None",
            r"\.\d\d+ ?%",
            r"100 %|\b0 in|10 in 10\b|20 in 20\b|100 in 100\b",
        )
    )


def test_no_sentence_breaks_the_rules_of_wording():
    for given in every_situation():
        decided = decide(given)
        for said in (decided.sentence, decided.sure, decided.stakes, decided.outlook):
            assert said is None or good_wording(said), said
        said = decided.sentence
        for strength, (low, high) in STRENGTHS.items():
            if strength in said:
                assert low <= given.leading.p_best < high, said


def test_visitors_before_a_hint_come_from_what_is_missing():
    assert sentences.before_a_hint(situation(exposed=(50, 50), conversions=(0, 1))) == 400
    assert sentences.before_a_hint(situation(exposed=(5, 5), conversions=(0, 0))) == 40
    assert sentences.before_a_hint(situation(exposed=(20, 1), conversions=(9, 0))) == 20


@pytest.mark.parametrize("conversions", [(20, 30), (20, 21), (2, 60)])
def test_an_experiment_that_has_ended_promises_no_next_look(conversions):
    """The same counts, read as running and as ended: the verdict is the same, the outlook is not."""
    counts = [((5000, 5000), (500, 500), conversions)]
    running, ended = (
        read(["a", "b"], 0, counts, goal="signup", started_ms=0, now_ms=3 * 86_400_000, ended=ended).decision
        for ended in (False, True)
    )
    assert (running.status, running.reason, running.arm) == (ended.status, ended.reason, ended.arm)
    for promise in ("Next useful look", "Decide on"):
        assert promise not in ended.sentence


def test_how_sure_what_is_at_stake_and_what_would_change_it_stand_apart():
    open_ = decide(situation(p=0.7, p_answer=(0.1, 0.31, 0.6), answer_weeks=(1, 2, 8)))
    assert open_.sure == "The chance of being the better one is 70 in 100 for b and 30 in 100 for a."
    assert open_.stakes == (
        "On average, choosing b would cost about 2 in 100 of the conversions there could be; choosing a, "
        "about 10 in 100."
    )
    assert open_.outlook == (
        "Proof would: its evidence stands at 1 of the 20 it needs. At today's traffic a clear answer comes within "
        "2 weeks with a chance of 31 in 100, and within 8 weeks with 60 in 100."
    )
    assert decide(three(p=0.7)).sure == "The chance of being the best of all 3 is 70 in 100 for b."
    assert decide(situation(conversions=(0, 0))).stakes == (
        "Even so, something is known: most likely fewer than 7 of every 100 visitors reach 'signup'."
    )


@pytest.mark.parametrize("reason", sorted({reason for reason, _ in ROWS}))
def test_every_verdict_says_what_would_change_it(reason):
    given = next(given for row, given in ROWS if row == reason)
    decided = decide(situation(**given))
    assert decided.outlook
    assert decide(situation(**{**given, "ended": True})).outlook == sentences.ENDED
    hidden = reason == "split" or not sum(given.get("exposed", (1,)))
    assert (decided.sure is None) is (decided.stakes is None) is hidden


def test_an_early_experiment_that_has_ended_asks_for_no_more_visitors():
    said = decide(situation(conversions=(1, 2), ended=True)).sentence
    assert said.endswith(sentences.ENDED)
    assert "more visitor" not in said
