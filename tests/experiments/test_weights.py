import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.errors import InvalidInput
from vibevariant.experiments.weights import to_traffic, to_weights
from vibevariant.stats.allocation import even_weights


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ([0.5, 0.5], (5000, 5000)),
        ([50, 50], (5000, 5000)),
        ([1, 0], (10_000, 0)),
        ([100, 0], (10_000, 0)),
        ([0.1, 0.2, 0.7], (1000, 2000, 7000)),
        ([33.33, 33.33, 33.34], (3333, 3333, 3334)),
        ([1 / 3, 1 / 3, 1 / 3], (3334, 3333, 3333)),
        ([33.33333, 33.33333, 33.33333], (3334, 3333, 3333)),
        ([1 / 6] * 6, (1667, 1667, 1667, 1667, 1666, 1666)),
        ([0.00005, 0.99995], (1, 9999)),
        ([0.0001, 0.9999], (1, 9999)),
        ([0.99, 0.005, 0.005], (9900, 50, 50)),
        ([0.99994, 0.00006], (9999, 1)),
    ],
)
def test_shares_become_ten_thousandths_by_largest_remainder(values, weights):
    assert to_weights(values) == weights


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([0.5, 0.4], "0.9"),
        ([33.3, 33.3, 33.3], "99.9"),
        ([1, 1], "2"),
        ([0, 0], "0"),
        ([60, 50], "110"),
        ([], "0"),
    ],
)
def test_weights_that_do_not_sum_are_told_their_sum(values, total):
    with pytest.raises(InvalidInput, match=f"sum to {total}\\.") as refusal:
        to_weights(values)
    assert refusal.value.field == "weights"
    assert "100" in refusal.value.hint


@pytest.mark.parametrize(
    "value", [-0.5, float("nan"), float("inf"), -float("inf"), 10**400, True, "0.5", None]
)
def test_weight_that_is_no_share_is_refused(value):
    with pytest.raises(InvalidInput) as refusal:
        to_weights([0.5, value])
    assert refusal.value.field == "weights[1]"


def test_weight_that_would_round_to_nobody_is_refused():
    with pytest.raises(InvalidInput, match="too small") as refusal:
        to_weights([0.99999, 0.00001], "arms", "arms[{}].weight")
    assert refusal.value.field == "arms[1].weight"


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=49))
def test_shares_sum_to_the_whole_and_none_is_moved_by_a_unit(parts):
    total = sum(parts)
    if min(parts) / total < 1e-4:
        parts = [part + total // 1000 + 1 for part in parts]
        total = sum(parts)
    weights = to_weights([part / total for part in parts])
    assert sum(weights) == 10_000
    assert all(abs(w - 10_000 * part / total) < 1 + 1e-6 for w, part in zip(weights, parts, strict=True))


@pytest.mark.parametrize("k", range(1, 50))
def test_even_shares_sum_to_the_whole_and_differ_by_at_most_one(k):
    shares = even_weights(k)
    assert len(shares) == k
    assert sum(shares) == 10_000
    assert max(shares) - min(shares) <= 1
    assert list(shares) == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("value", "traffic"), [(1, 10_000), (1.0, 10_000), (0.5, 5000), (0.005, 50), (0.0001, 1)]
)
def test_traffic_becomes_ten_thousandths(value, traffic):
    assert to_traffic(value) == traffic


@pytest.mark.parametrize("value", [0, -0.1, 1.01, 50, float("nan"), float("inf"), 0.00001, True, "1", None])
def test_traffic_that_is_no_share_is_refused(value):
    with pytest.raises(InvalidInput) as refusal:
        to_traffic(value)
    assert refusal.value.field == "traffic"
