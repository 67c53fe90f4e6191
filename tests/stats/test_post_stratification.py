import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.weightstats import DescrStatsW

from vibevariant.stats.post_stratification import (
    ENOUGH_IN_SEGMENT,
    SegmentCounts,
    post_stratified_ratio,
    post_stratify,
)

SOME = [
    SegmentCounts("desk, new", (400, 500), (20, 35)),
    SegmentCounts("desk, returning", (150, 90), (30, 20)),
    SegmentCounts("phone, new", (900, 860), (18, 22)),
]

counted = st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
segments = st.lists(st.tuples(counted, counted), max_size=5).map(
    lambda each: [SegmentCounts(f"s{at}", (a[0], b[0]), (a[1], b[1])) for at, (a, b) in enumerate(each)]
)


def draw(rng, visitors, rates_a, ratio, shares):
    """Visitors of each segment, split by chance, who convert at the segment's rate."""
    seen = rng.multinomial(visitors, shares)
    in_b = rng.binomial(seen, 0.5)
    out = []
    for at, rate in enumerate(rates_a):
        n = int(seen[at] - in_b[at]), int(in_b[at])
        out.append(
            SegmentCounts(str(at), n, (int(rng.binomial(n[0], rate)), int(rng.binomial(n[1], rate * ratio))))
        )
    return out


def test_the_rate_is_the_mean_over_the_common_mix():
    shares = np.array([900, 240, 1760]) / 2900
    adjusted = post_stratify(SOME)
    assert adjusted.rates[0].rate == pytest.approx(shares @ [20 / 400, 30 / 150, 18 / 900], rel=1e-12)
    assert adjusted.rates[1].rate == pytest.approx(shares @ [35 / 500, 20 / 90, 22 / 860], rel=1e-12)
    assert adjusted.groups == (("desk, new",), ("desk, returning",), ("phone, new",))
    assert (adjusted.is_adjusted, adjusted.too_few, adjusted.least) == (True, (), ENOUGH_IN_SEGMENT)


def test_it_is_the_mean_of_visitors_weighted_to_the_mix():
    values, weights = [], []
    for segment in SOME:
        n, s = segment.exposed[1], segment.conversions[1]
        values += [1.0] * s + [0.0] * (n - s)
        weights += [sum(segment.exposed) / n] * n
    assert post_stratify(SOME).rates[1].rate == pytest.approx(DescrStatsW(values, weights).mean, rel=1e-12)


def test_with_one_segment_it_is_the_rate_as_counted():
    one = [SegmentCounts("all", (1000, 900), (50, 60))]
    adjusted = post_stratify(one)
    assert adjusted.rates[1].rate == 60 / 900
    assert adjusted.rates[1].standard_error == pytest.approx(
        math.sqrt(60 / 900 * (1 - 60 / 900) / 900), rel=1e-3
    )
    assert not adjusted.is_adjusted
    table = Table2x2([[60, 840], [50, 950]])
    ratio = post_stratified_ratio(one, 0, 1)
    assert ratio.log_ratio == pytest.approx(table.log_riskratio, rel=1e-12)
    assert ratio.standard_error == pytest.approx(table.log_riskratio_se, rel=2e-3)


def test_a_mix_that_shifts_between_arms_misleads_no_more():
    # 2 % of newcomers and 20 % of the others convert in both arms, but b got most of the others.
    shifted = [
        SegmentCounts("new", (1800, 1200), (36, 24)),
        SegmentCounts("returning", (200, 800), (40, 160)),
    ]
    assert post_stratified_ratio(shifted, 0, 1).log_ratio == pytest.approx(0, abs=1e-12)
    rates = [each.rate for each in post_stratify(shifted).rates]
    assert rates == pytest.approx([0.065, 0.065], rel=1e-12)


def test_intervals_hold_the_truth_and_are_narrower_than_without_segments():
    rng = np.random.default_rng(91)
    rates_a, shares, ratio = np.array([0.02, 0.1, 0.5]), np.array([0.5, 0.3, 0.2]), 1.3
    tests, held, held_rate, widths = 400, 0, 0, []
    for _ in range(tests):
        each = draw(rng, 1500, rates_a, ratio, shares)
        seen = post_stratified_ratio(each, 0, 1)
        held += seen.interval_95[0] <= math.log(ratio) <= seen.interval_95[1]
        low, high = post_stratify(each).rates[0].interval_95
        held_rate += low <= shares @ rates_a <= high
        together = [
            SegmentCounts(
                "all",
                [sum(one.exposed[arm] for one in each) for arm in (0, 1)],
                [sum(one.conversions[arm] for one in each) for arm in (0, 1)],
            )
        ]
        widths.append(seen.standard_error / post_stratified_ratio(together, 0, 1).standard_error)
    assert 0.925 <= held / tests <= 0.975
    assert 0.925 <= held_rate / tests <= 0.975
    assert np.median(widths) < 0.9


def test_a_segment_too_small_to_stand_alone_joins_the_smallest_other():
    tablet = SegmentCounts("tablet", (19, 25), (1, 2))
    adjusted = post_stratify([*SOME, tablet])
    assert adjusted.too_few == ("tablet",)
    assert ("desk, returning", "tablet") in adjusted.groups
    assert adjusted.is_adjusted


def test_with_only_small_segments_nothing_is_adjusted():
    small = [SegmentCounts("a", (15, 12), (3, 2)), SegmentCounts("b", (9, 19), (1, 5))]
    adjusted = post_stratify(small)
    assert adjusted.groups == (("a", "b"),)
    assert adjusted.too_few == ("a", "b")
    assert [each.rate for each in adjusted.rates] == [4 / 24, 7 / 31]


def test_what_is_undefined_says_why():
    assert post_stratify([]).rates == ()
    assert post_stratified_ratio([], 0, 1).reason == "no visitors"
    one_arm = [SegmentCounts("all", (50, 0), (5, 0))]
    assert post_stratify(one_arm).rates[1].rate is None
    assert post_stratify(one_arm).rates[0].rate == 0.1
    assert post_stratified_ratio(one_arm, 0, 1).reason == "no visitors"
    assert post_stratified_ratio([SegmentCounts("all", (50, 50), (5, 0))], 0, 1).reason == "no conversions"
    assert post_stratified_ratio([SegmentCounts("all", (50, 50), (50, 50))], 0, 1).reason == "no variation"
    with pytest.raises(ValueError, match="every arm"):
        post_stratify([SegmentCounts("all", (50, 50), (5,))])
    with pytest.raises(ValueError, match="cannot be"):
        post_stratify([SegmentCounts("all", (5, 5), (6, 0))])


@given(segments, st.randoms(use_true_random=False))
def test_any_counts_give_numbers_whatever_the_order_of_segments(each, random):
    adjusted = post_stratify(each)
    for arm in adjusted.rates:
        assert arm.rate is None or 0 <= arm.interval_95[0] <= arm.rate <= arm.interval_95[1] <= 1
    ratio = post_stratified_ratio(each, 0, 1) if each else None
    shuffled = list(each)
    random.shuffle(shuffled)
    assert post_stratify(shuffled) == adjusted
    if ratio is not None:
        assert post_stratified_ratio(shuffled, 0, 1) == ratio
        assert (ratio.log_ratio is None) == (ratio.reason is not None)
        assert ratio.standard_error is None or 0 < ratio.standard_error < math.inf


@given(segments)
def test_swapping_the_arms_swaps_the_rates(each):
    swapped = [SegmentCounts(one.name, one.exposed[::-1], one.conversions[::-1]) for one in each]
    there, back = post_stratify(each), post_stratify(swapped)
    for one, other in zip(there.rates, back.rates[::-1], strict=True):
        assert (one.rate is None) == (other.rate is None)
        if one.rate is not None:
            assert (one.rate, *one.interval_95) == pytest.approx((other.rate, *other.interval_95), abs=1e-12)
