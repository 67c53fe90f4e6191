from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.priors import BEFORE_HISTORY, fixed_spread
from vibevariant.stats.ranking import rank
from vibevariant.stats.sensitivity import prior_sensitivity

KEYS = ("a", "b", "c")


def even(*conversions, exposed=1000):
    arms = len(conversions)
    return [((10_000 // arms,) * arms, (exposed,) * arms, conversions)]


def test_three_readers_say_what_they_make_of_the_same_counts():
    counts = even(50, 75)
    ours = prior_sensitivity(counts, (0, 1), KEYS[:2])
    assert [verdict.prior for verdict in ours.verdicts] == ["sceptical", "neutral", "learned"]
    for verdict, prior in zip(
        ours.verdicts, (fixed_spread(0.1), fixed_spread(0.21), BEFORE_HISTORY), strict=True
    ):
        assert verdict.p_best == rank(counts, (0, 1), 2, prior).p_best[1]
    assert ours.verdicts[0].p_best < ours.verdicts[1].p_best


def test_a_verdict_that_hangs_on_the_prior_flips():
    ours = prior_sensitivity(even(50, 75), (0, 1), KEYS[:2])
    assert [verdict.strength for verdict in ours.verdicts] == ["leaning", "probably", "leaning"]
    assert ours.flips


def test_a_strong_lead_and_none_at_all_do_not():
    strong = prior_sensitivity(even(500, 700, exposed=10_000), (0, 1), KEYS[:2])
    assert {(verdict.arm, verdict.strength) for verdict in strong.verdicts} == {("b", "probably")}
    assert not strong.flips
    none = prior_sensitivity(even(5, 5, 5), (0, 1, 2), KEYS)
    assert {(verdict.arm, verdict.strength) for verdict in none.verdicts} == {(None, "open")}
    assert not none.flips


def test_one_arm_is_no_verdict():
    assert [verdict.strength for verdict in prior_sensitivity([], (0,), KEYS[:1]).verdicts] == ["open"] * 3


def test_a_posterior_that_is_at_hand_is_not_worked_out_again():
    for counts in (even(50, 75), even(50, 75, 60)):
        arms = len(counts[0][0])
        posterior = Hierarchical(counts, arms)
        assert prior_sensitivity(counts, range(arms), KEYS[:arms], posterior=posterior) == prior_sensitivity(
            counts, range(arms), KEYS[:arms]
        )
