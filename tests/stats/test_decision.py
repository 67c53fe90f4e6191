import dataclasses
import itertools
import re

import pytest

from vibevariant.stats import sentences
from vibevariant.stats.decision import decide
from vibevariant.stats.reading import read
from vibevariant.stats.situation import ArmSituation, Rival, Situation

STRONG, WEAK = 5.0, 0.0


def situation(
    *, p=0.5, log_e=WEAK, conversions=(50, 60), exposed=(1000, 1000), weeks=2, loss=0.02, worse=0.0, **more
):
    """Two arms of which b leads."""
    arms = (
        ArmSituation("a", True, True, exposed[0], conversions[0], 1 - p, 0.1, 0.0, 0.06),
        ArmSituation("b", False, True, exposed[1], conversions[1], p, loss, worse, 0.07),
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
    )
    return dataclasses.replace(given, **more)


def three(**more):
    two = situation(**more)
    third = ArmSituation("c", False, True, 1000, 40, 0.01, 0.2, 0.0, 0.05)
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


def test_no_sentence_breaks_the_rules_of_wording():
    for given in every_situation():
        said = decide(given).sentence
        assert not re.search(r"significan|\binf|nan\b|e\+|None", said), said
        assert not re.search(r"\.\d\d+ ?%", said), said
        assert not re.search(r"100 %|\b0 in|10 in 10|20 in 20|100 in 100", said), said
        assert said.endswith("."), said
        for words, (low, high) in STRENGTHS.items():
            if words in said:
                assert low <= given.leading.p_best < high, said


def test_frequencies_add_up():
    for p in (0.5, 0.84, 0.85, 0.949, 0.95, 0.974, 0.98):
        for_it, against = (int(words(p).split()[0]) for words in (sentences.chance, sentences.chance_against))
        assert for_it + against in (10, 20)
    assert sentences.chance(0.999) == "more than 99 in 100"
    assert sentences.chance_against(0.999) == "less than 1 in 100"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.1234, "+12 %"),
        (0.0312, "+3.1 %"),
        (-0.05, "-5.0 %"),
        (0.0, "0 %"),
        (-1e-9, "0 %"),
        (0.0996, "+10 %"),
    ],
)
def test_a_change_is_said_with_its_sign_and_few_digits(ratio, said):
    assert sentences.change(ratio) == said


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
