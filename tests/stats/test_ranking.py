import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY, fixed_spread
from vibevariant.stats.ranking import rank, ranking_of


def fixed(exposed, conversions):
    arms = len(exposed)
    return [((10_000 // arms,) * arms, exposed, conversions)]


def test_two_arms_are_ranked_by_their_lift():
    counts = fixed((1000, 1000), (50, 60))
    ranking = rank(counts, (0, 1), 2)
    from_b_to_a = Hierarchical(counts, 2).lift(1, 0)
    assert (ranking.leader, ranking.runner_up) == (1, 0)
    assert ranking.p_best == pytest.approx((from_b_to_a.p_better, 1 - from_b_to_a.p_better), abs=1e-12)
    # Each a share of the better arm's conversions, so that they can be compared.
    assert 0 < ranking.loss[1] < ranking.loss[0] < 1
    assert ranking.over_leader[0].quantile(0.5) == pytest.approx(from_b_to_a.quantile(0.5), abs=1e-12)


@pytest.mark.parametrize("arms", [2, 3, 9])
def test_without_conversions_the_arm_named_first_leads_with_its_share(arms):
    ranking = rank([], tuple(reversed(range(arms))), arms)
    assert ranking.leader == arms - 1
    assert ranking.p_best == pytest.approx((1 / arms,) * arms, abs=1e-12)


def test_one_arm_leads_itself():
    ranking = rank([], (0,), 1)
    assert (ranking.leader, ranking.runner_up, ranking.p_best, ranking.loss) == (0, None, (1.0,), (0.0,))


def test_a_bandit_that_sent_everybody_to_b_while_rates_rose_makes_no_winner_of_b():
    # Both arms convert 2 % in the morning and 6 % in the evening, when b gets nine visitors of ten.
    counts = [((5000, 5000), (500, 500), (10, 10)), ((1000, 9000), (500, 4500), (30, 270))]
    assert rank(counts, (0, 1), 2).p_best[1] == pytest.approx(0.5, abs=0.02)


def test_an_arm_out_of_the_running_can_neither_lead_nor_stand_in_the_way():
    counts = [((3333, 3333, 3333), (30, 30, 30), (2, 2, 9)), ((5000, 5000, 0), (1000, 1000, 0), (50, 90, 0))]
    ranking = rank(counts, (0, 1), 3)
    assert ranking.p_best[2] == 0.0
    assert (ranking.leader, ranking.runner_up) == (1, 0)
    # What was seen of it still says how far arms of this experiment lie apart, and no more.
    without = rank([((5000, 5000), (1030, 1030), (52, 92))], (0, 1), 2)
    assert ranking.p_best[1] == pytest.approx(without.p_best[1], abs=0.01)
    assert set(ranking.over_leader) == {0, 2}


def test_the_leader_of_many_is_less_sure_than_it_would_be_of_its_closest_rival_alone():
    counts = fixed((1000,) * 4, (50, 60, 70, 100))
    ranking = rank(counts, range(4), 4)
    assert ranking.leader == 3
    assert ranking.runner_up == 2
    assert ranking.p_best[3] < ranking.posterior.lift(2, 3).p_better


def test_where_nobody_is_left_to_doubt_the_runner_up_is_the_one_that_lies_next():
    ranking = rank(fixed((7000,) * 3, (3, 310, 1450)), (0, 1, 2), 3)
    assert (ranking.leader, ranking.runner_up) == (2, 1)


def test_what_the_past_says_of_spreads_is_heard():
    counts = fixed((1000, 1000), (50, 70))
    chances = [rank(counts, (0, 1), 2, fixed_spread(spread)).p_best[1] for spread in (0.03, 0.1, 0.3)]
    assert chances == sorted(chances)
    assert chances[0] < 0.7 < chances[2]


@given(
    st.integers(2, 6).flatmap(
        lambda arms: st.lists(
            st.tuples(
                st.lists(st.integers(0, 10_000), min_size=arms, max_size=arms).filter(any),
                st.just([1000] * arms),
                st.lists(st.integers(0, 300), min_size=arms, max_size=arms),
            ),
            min_size=1,
            max_size=3,
        )
    )
)
def test_chances_sum_to_1_and_nobody_is_above_the_leader(counts):
    arms = len(counts[0][0])
    ranking = rank(counts, range(arms), arms)
    assert sum(ranking.p_best) == pytest.approx(1, abs=1e-12)
    assert max(ranking.p_best) == pytest.approx(ranking.p_best[ranking.leader], abs=1e-9)
    assert all(0 <= loss < 1 for loss in ranking.loss)


def test_early_signals_may_move_a_ranking():
    counts, shift = fixed((100, 100), (3, 3)), PriorShift((-0.3, 0.3), 0.9)
    plain, shifted = rank(counts, (0, 1), 2), rank(counts, (0, 1), 2, shift=shift)
    assert (plain.leader, shifted.leader) == (0, 1)
    cheap = ranking_of(plain.posterior.under(BEFORE_HISTORY, shift), (0, 1), 2)
    assert cheap.p_best == shifted.p_best
    assert cheap.loss == shifted.loss
