"""What finished experiments teach, and that it is the same in whatever order they are remembered."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from tests.experiments.observed import START, running
from vibevariant.experiments.lessons import History, Lesson, lesson_of
from vibevariant.experiments.lifecycle import complete
from vibevariant.stats.effect_correlation import BEFORE_EXPERIMENTS, EffectPair
from vibevariant.stats.engagement import VisitorSignals, signal_table
from vibevariant.stats.posterior import FLAT
from vibevariant.stats.priors import BEFORE_FIRST_ARM, BEFORE_HISTORY, SPREADS, RatePrior, learned_rate
from vibevariant.stats.signal_weights import BEFORE_CONVERSIONS

EVEN = (5000, 5000)


def ended(id_=1, at=START + 100, **definition):
    return replace(complete(running("fixed", **definition), at, "owner"), id=id_)


def readers(deep, converted, shallow, arm=0):
    """Who scrolled far, some of whom converted, and who did not."""
    return [
        VisitorSignals(arm, scroll=0.9, visitors=deep - converted),
        VisitorSignals(arm, scroll=0.9, visitors=converted, converted=True),
        VisitorSignals(arm, scroll=0.1, visitors=shallow),
    ]


def taught(id_, counts=((20, 1000), (30, 1000)), at=START, event="signup", signals=()):
    converted, shown = zip(*counts, strict=True)
    goals = [{"key": "goal", "event": event}]
    return lesson_of(ended(id_, at + 1, arms=len(counts), goals=goals), [(EVEN, shown, converted)], signals)


SOME = [
    taught(11),
    taught(12, [(5, 100), (0, 90)]),
    taught(13, [(400, 4000), (100, 4000)], event="purchase"),
    taught(14, signals=[*readers(300, 20, 700), *readers(500, 30, 500, arm=1)]),
    taught(15, signals=[*readers(300, 2, 700), *readers(250, 30, 750, arm=1)]),
]


def test_an_experiment_that_has_not_ended_has_no_lesson():
    with pytest.raises(ValueError, match="has not ended"):
        lesson_of(running(), [(EVEN, (1, 1), (0, 0))])


def test_without_lessons_everything_is_as_before_any_history():
    experiment = running()
    assert History.of([], experiment) == History(
        BEFORE_FIRST_ARM, BEFORE_HISTORY, BEFORE_CONVERSIONS, BEFORE_EXPERIMENTS, 0
    )


def test_a_lesson_holds_the_arms_over_all_allocations():
    lesson = lesson_of(ended(7), [(EVEN, (100, 90), (3, 2)), ((2000, 8000), (20, 85), (1, 4))])
    assert (lesson.experiment_id, lesson.event, lesson.ended_at) == (7, "signup", START + 100)
    assert lesson.arms == ((4, 120), (6, 175))
    assert len(lesson.log_marginals) == len(SPREADS)
    assert (lesson.weights, lesson.pairs) == (BEFORE_CONVERSIONS, ())


@pytest.mark.parametrize("counts", [[(0, 0), (0, 0)], [(3, 50), (0, 0)]])
def test_an_experiment_that_nobody_saw_teaches_nothing(counts):
    nothing = taught(20, counts, signals=readers(30, 3, 20))
    assert not nothing.teaches
    assert History.of([*SOME, nothing], running()) == History.of(SOME, running())
    assert History.of([nothing], running()).experiments == 0


def test_the_spread_is_weighed_by_how_well_it_foretold_the_counts():
    """Of two arms with many conversions, the log of the ratio of their rates is all but normal: Bayes' rule by hand."""
    converted = (3000, 3600)
    seen, error = np.log(converted[1] / converted[0]), np.sqrt(1 / converted[0] + 1 / converted[1])
    lesson = taught(30, [(converted[0], 10**6), (converted[1], 10**6)])
    foretold = norm.pdf(seen, 0, np.sqrt(2 * np.array(SPREADS) ** 2 + error**2))
    by_hand = np.array(BEFORE_HISTORY.weights) * foretold
    assert History.of([lesson], running()).spread.weights == pytest.approx(by_hand / by_hand.sum(), rel=0.02)


def test_arms_that_lie_apart_teach_to_expect_that_and_arms_that_do_not_the_contrary():
    apart = [taught(n, [(200, 5000), (500, 5000)]) for n in range(20, 30)]
    alike = [taught(n, [(300, 5000), (302, 5000)]) for n in range(20, 30)]
    means = [History.of(each, running()).spread.mean for each in (alike, [], apart)]
    assert means == sorted(means)
    assert means[0] < 0.6 * means[1] < 0.6 * means[2]


def test_rates_are_learned_from_the_same_event_and_from_no_other():
    same = [arm for lesson in SOME if lesson.event == "signup" for arm in lesson.arms]
    assert History.of(SOME, running()).rate == learned_rate(same)
    experiment = running()
    assert History.of(SOME, experiment, experiment.goals[1]).rate == learned_rate([(400, 4000), (100, 4000)])
    elsewhere = running(goals=[{"key": "call"}])
    assert History.of(SOME, elsewhere).rate == BEFORE_FIRST_ARM
    assert History.of(SOME, elsewhere).spread == History.of(SOME, running()).spread


def test_a_chosen_prior_stands_whatever_the_past_says():
    assert History.of(SOME, running(prior="flat")).rate == FLAT
    chosen = running(prior={"alpha": 2, "beta": 38})
    assert History.of(SOME, chosen).rate == RatePrior("custom", chosen.prior.custom).from_past([])


def test_an_experiment_learns_neither_from_itself_nor_from_what_ended_after_it():
    earlier, later = taught(20, at=START + 10), taught(21, [(9, 100), (1, 100)], at=START + 500)
    itself = taught(1, [(50, 100), (1, 100)], at=START + 1)
    everything = [earlier, later, itself]
    assert History.of(everything, ended(1)) == History.of([earlier], ended(1))
    assert History.of(everything, running()) == History.of([earlier, later], running())
    assert History.of(everything, ended(1)).experiments == 1


def test_two_that_ended_in_the_same_moment_do_not_teach_each_other():
    one, two = ended(1, START + 50), ended(2, START + 50)
    lessons = [lesson_of(each, [(EVEN, (100, 100), (3, 9))]) for each in (one, two)]
    assert [History.of(lessons, each).experiments for each in (one, two)] == [0, 0]


@settings(max_examples=15, deadline=None)
@given(st.permutations(SOME))
def test_the_order_of_lessons_does_not_matter(lessons):
    assert History.of(lessons, running()) == History.of(SOME, running())


counts = st.integers(0, 300).flatmap(lambda shown: st.tuples(st.integers(0, shown), st.just(shown)))
lessons = st.lists(
    st.builds(
        taught,
        st.integers(20, 10_000),
        st.lists(counts, min_size=2, max_size=2),
        st.integers(START, START + 50),
        st.sampled_from(["signup", "purchase"]),
    ),
    max_size=6,
    unique_by=lambda lesson: lesson.experiment_id,
)


@settings(max_examples=25, deadline=None)
@given(lessons, st.randoms(use_true_random=False))
def test_any_lessons_in_any_order_say_the_same_and_make_chances(learned, random):
    history = History.of(learned, running())
    shuffled = list(learned)
    random.shuffle(shuffled)
    assert History.of(shuffled, running()) == history
    assert history.experiments == sum(lesson.teaches for lesson in learned)
    assert sum(history.spread.weights) == pytest.approx(1)
    assert 0 < history.rate.mean < 1


def test_the_weights_of_one_lesson_are_its_own_and_taking_one_out_undoes_it():
    alone = History.of([SOME[3]], running()).weights
    assert alone.mean == pytest.approx(SOME[3].weights.mean)
    assert np.array(alone.precision) == pytest.approx(np.array(SOME[3].weights.precision))
    assert alone.conversions == 50
    assert History.of(SOME, running()).weights.conversions == 82
    # what all say, less what one has added, is what the others say
    both, usual = History.of(SOME, running()).weights, np.array(BEFORE_CONVERSIONS.precision)
    left = np.array(both.precision) - (np.array(SOME[4].weights.precision) - usual)
    assert left == pytest.approx(np.array(SOME[3].weights.precision))


def test_weights_learned_side_by_side_are_those_learned_one_after_the_other():
    rng = np.random.default_rng(4)
    experiments = []
    for _ in range(4):
        scroll, click = rng.random(2000), rng.poisson(1, 2000)
        converts = rng.random(2000) < 0.08 * np.exp(0.9 * (scroll - 0.5))
        experiments.append(
            [
                VisitorSignals(n % 2, scroll=s, click=c, converted=bool(yes))
                for n, (s, c, yes) in enumerate(zip(scroll, click, converts, strict=True))
            ]
        )
    learned = [
        taught(n, [(80, 1000), (80, 1000)], signals=signals)
        for n, signals in enumerate(experiments, start=20)
    ]
    in_turn = BEFORE_CONVERSIONS
    for signals in experiments:
        in_turn = in_turn.after(signal_table(signals))
    together = History.of(learned, running()).weights
    assert together.conversions == in_turn.conversions
    spread = np.sqrt(np.diag(np.linalg.inv(np.array(in_turn.precision))))
    assert np.abs(np.array(together.mean) - np.array(in_turn.mean)).max() < 0.1 * spread.max()
    usual = BEFORE_CONVERSIONS.shares
    assert together.shares["scroll"] > usual["scroll"]
    assert together.shares["click"] < usual["click"]


def test_engagement_that_went_with_better_arms_is_believed_more_and_the_contrary_less():
    def experiments(with_it):
        for n in range(20, 60):
            up = n % 2
            deep, converted = (250, 400), (20, 60) if with_it else (60, 20)
            signals = [
                row
                for arm in (0, 1)
                for row in readers(deep[arm ^ up], converted[arm ^ up], 1000 - deep[arm ^ up], arm)
            ]
            yield taught(n, [(converted[up], 1000), (converted[1 - up], 1000)], signals=signals)

    borne_out = History.of(list(experiments(True)), running()).correlation
    refuted = History.of(list(experiments(False)), running()).correlation
    assert refuted.mean < BEFORE_EXPERIMENTS.mean < borne_out.mean
    assert borne_out.is_related
    assert not refuted.is_related
    assert borne_out.experiments == refuted.experiments == 40


def test_noise_is_shared_only_as_far_as_the_visitors_are():
    signals = [*readers(300, 20, 700), *readers(500, 30, 500, arm=1)]
    [all_of_them] = taught(20, [(20, 1000), (30, 1000)], signals=signals).pairs
    [a_quarter] = taught(20, [(80, 4000), (120, 4000)], signals=signals).pairs
    assert all_of_them.noise > 0
    assert a_quarter.noise == pytest.approx(all_of_them.noise / 2)
    assert (a_quarter.index, a_quarter.index_error) == (all_of_them.index, all_of_them.index_error)


def test_a_lesson_of_many_arms_has_their_pairs():
    signals = [row for arm in range(4) for row in readers(100 + 50 * arm, 5 + arm, 300, arm)]
    lesson = lesson_of(
        ended(arms=4), [((2500,) * 4, tuple(400 + 50 * arm for arm in range(4)), (5, 6, 7, 8))], signals
    )
    assert len(lesson.pairs) == 6
    assert {type(pair) for pair in lesson.pairs} == {EffectPair}
    assert isinstance(lesson, Lesson)
