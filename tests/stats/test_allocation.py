import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.allocation import (
    TEN_THOUSANDTHS,
    even_weights,
    observed_weights,
    thompson_weights,
    to_ten_thousandths,
    top_two,
    weights_in_mode,
    worth_publishing,
)

shares = st.lists(st.floats(0, 1), min_size=1, max_size=50).filter(lambda each: sum(each) > 1e-3)


@st.composite
def chances(draw):
    raw = draw(shares)
    return [each / sum(raw) for each in raw]


@pytest.mark.parametrize(
    ("arms", "weights"),
    [
        (1, (10_000,)),
        (2, (5000, 5000)),
        (3, (3334, 3333, 3333)),
        (7, (1429, 1429, 1429, 1429, 1428, 1428, 1428)),
    ],
)
def test_even_weights_give_what_is_left_to_the_earlier_arms(arms, weights):
    assert even_weights(arms) == weights


def test_no_arm_has_no_weights():
    with pytest.raises(ValueError, match="at least one arm"):
        even_weights(0)


def test_balanced_gives_a_fifth_to_the_worse_of_two_arms():
    assert thompson_weights([0.0, 1.0]) == (2000, 8000)
    assert thompson_weights([0.5, 0.5]) == (5000, 5000)
    assert thompson_weights([0.25, 0.75]) == (3500, 6500)


def test_an_arm_with_a_floor_is_never_cut_off():
    assert thompson_weights([1.0, 0.0, 0.0], floor=1e-6) == (9998, 1, 1)
    assert thompson_weights([1.0, 0.0, 0.0], floor=0.0) == (10_000, 0, 0)


def test_arms_equal_but_for_the_last_bit_get_the_same_weight():
    assert thompson_weights([0.5 - 1e-16, 0.5 + 1e-16]) == (5000, 5000)
    assert to_ten_thousandths([1 / 3 + 1e-16, 1 / 3, 1 / 3]) == (3334, 3333, 3333)


@pytest.mark.parametrize("p_best", [[], [0.5, 0.6], [-0.5, 1.5], [float("nan"), 1.0]])
def test_what_is_no_distribution_is_refused(p_best):
    with pytest.raises(ValueError, match="sum to 1"):
        thompson_weights(p_best)


def test_a_floor_for_more_than_everybody_is_refused():
    with pytest.raises(ValueError, match="floor"):
        thompson_weights([0.5, 0.5], floor=0.6)


@pytest.mark.parametrize("bad", [[], [0.0, 0.0], [1.0, -1.0], [float("nan")], [float("inf"), 1.0]])
def test_shares_that_cannot_be_rounded_are_refused(bad):
    with pytest.raises(ValueError, match="shares"):
        to_ten_thousandths(bad)


@given(shares)
def test_rounding_sums_to_ten_thousand_and_moves_nothing_by_a_whole_one(raw):
    weights = to_ten_thousandths(raw)
    assert sum(weights) == 10_000
    for weight, share in zip(weights, raw, strict=True):
        assert abs(weight - 10_000 * share / sum(raw)) < 1 + 1e-6


@given(chances(), st.one_of(st.none(), st.floats(0, 1)))
def test_weights_sum_keep_the_order_and_stay_above_the_floor(p_best, floor_of_even):
    arms = len(p_best)
    floor = None if floor_of_even is None else floor_of_even / arms
    least = 0.4 / arms if floor is None else floor
    weights = thompson_weights(p_best, floor)
    assert sum(weights) == 10_000
    for i in range(arms):
        assert weights[i] >= int(10_000 * least - 1e-6)
        for j in range(arms):
            if (1 - arms * least) * (p_best[i] - p_best[j]) > 1e-9:
                assert weights[i] >= weights[j]


@given(chances(), st.randoms(use_true_random=False))
def test_relabelling_arms_permutes_their_weights_up_to_ties(p_best, random):
    order = list(range(len(p_best)))
    random.shuffle(order)
    weights = thompson_weights(p_best)
    relabelled = thompson_weights([p_best[arm] for arm in order])
    assert all(abs(relabelled[place] - weights[arm]) <= 1 for place, arm in enumerate(order))


def test_a_move_of_200_is_worth_a_new_allocation():
    assert worth_publishing((5000, 5000), (5200, 4800))
    assert not worth_publishing((5000, 5000), (5199, 4801))
    assert worth_publishing((5000, 5000), (4000, 3000, 3000))


def test_halving_what_the_leader_does_not_get_is_worth_a_new_allocation_however_small_it_is():
    assert worth_publishing((9800, 200), (9900, 100))
    assert worth_publishing((9900, 100), (9800, 200))
    assert not worth_publishing((9800, 200), (9899, 101))
    assert not worth_publishing((9900, 50, 50), (9900, 20, 80))
    assert not worth_publishing((10_000, 0), (10_000, 0))
    assert worth_publishing((9999, 1), (10_000, 0))


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=50))
def test_observed_weights_are_weights_and_cut_off_nobody_who_came(exposed):
    weights = observed_weights(exposed)
    assert sum(weights) == TEN_THOUSANDTHS
    assert all(weight > 0 for weight, shown in zip(weights, exposed, strict=True) if shown)


@given(chances())
def test_top_two_is_what_drawing_twice_would_give(p_best):
    """By enumerating the two draws: the second is repeated until it differs from the first."""
    arms = len(p_best)
    shares = top_two(p_best)
    assert sum(shares) == pytest.approx(1)
    if arms == 2:
        assert shares == pytest.approx((0.5, 0.5))
    if arms > 2 and max(p_best) < 1 - 1e-9:
        for arm in range(arms):
            second = sum(p_best[j] * p_best[arm] / (1 - p_best[j]) for j in range(arms) if j != arm)
            assert shares[arm] == pytest.approx((p_best[arm] + second) / 2, abs=1e-6)


def test_top_two_is_defined_where_the_leader_is_certain():
    assert top_two([1.0, 0.0, 0.0]) == pytest.approx((0.5, 0.25, 0.25))
    assert top_two([1.0]) == (1.0,)


def test_the_modes_lean_on_the_leader_more_and_more():
    p_best = [0.9, 0.07, 0.03]
    leader = [weights_in_mode(p_best, mode, 1000)[0] for mode in ("learn", "balanced", "earn")]
    assert leader == sorted(leader)
    assert leader[0] < 5_000 < leader[1] < 8_500 < leader[2]
    assert weights_in_mode([0.99, 0.01], "learn", 1000) == (5000, 5000)


def test_what_earning_leaves_to_the_others_shrinks_as_visitors_add_up():
    floors = [weights_in_mode([1.0, 0.0], "earn", visitors)[1] for visitors in (0, 10_000, 20_000, 10**7)]
    assert floors == [200, 200, 100, 20]


@given(chances(), st.sampled_from(["learn", "balanced", "earn"]), st.integers(0, 10**8))
def test_in_every_mode_weights_sum_and_nobody_is_cut_off(p_best, mode, visitors):
    weights = weights_in_mode(p_best, mode, visitors)
    assert sum(weights) == TEN_THOUSANDTHS
    assert min(weights) >= 1


def test_arms_that_are_not_served_get_nobody_and_the_others_share_as_if_alone():
    p_best = [0.1, 0.0, 0.9]
    for mode in ("learn", "balanced", "earn"):
        weights = weights_in_mode(p_best, mode, 500, served=[0, 2])
        assert weights[1] == 0
        assert (weights[0], weights[2]) == weights_in_mode([0.1, 0.9], mode, 500)


def test_an_arm_that_hurts_gets_its_floor_and_no_more():
    assert weights_in_mode([0.1, 0.9], "balanced", 500, harmed={1}) == (8000, 2000)
    assert weights_in_mode([0.1, 0.2, 0.7], "earn", 500, harmed={2})[2] == 133
    # All that is left of the chance is harmful: the harmless ones share alike.
    assert weights_in_mode([0.0, 0.0, 1.0], "balanced", 500, harmed={2}) == (4334, 4333, 1333)
    assert weights_in_mode([0.5, 0.5], "balanced", 500, harmed={0, 1}) == (5000, 5000)
