import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.forecast import answered, experiment, lift_of
from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.forecast import DRAWS, HORIZONS, Forecast, _Curves, _quantiles, forecast
from vibevariant.stats.priors import BEFORE_HISTORY

EVEN = (5000, 5000)
MARGIN = (math.log(0.95), math.log(1.05))

counted = st.integers(0, 10**7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


def of(allocations, visitors_per_week=2000.0, rivals=None, seed=0):
    arms = len(allocations[-1][0])
    leader = max(range(arms), key=lambda arm: sum(counts[2][arm] for counts in allocations))
    rivals = rivals or [arm for arm in range(arms) if arm != leader][:2]
    return forecast(
        allocations,
        leader,
        {rival: lift_of(allocations, leader, rival) for rival in rivals},
        rivals,
        visitors_per_week=visitors_per_week,
        margin=MARGIN,
        rng=np.random.default_rng(seed),
    )


def counts(exposed, a, b, weights=EVEN):
    return [(weights, (exposed, exposed), (a, b))]


@pytest.mark.parametrize("to_come", [(0, 0), (3, 1), (30, 60), (4000, 4300)])
def test_its_quick_evidence_is_near_the_exact_one(to_come):
    past = [Stratum(5000, 5000, 12, 9), Stratum(7000, 3000, 20, 14), Stratum(2000, 8000, 6, 31)]
    quick = _Curves(past, (3000, 7000), np.array(to_come, dtype=float)[:, None, None]).log_e()
    exact = evidence([*past, Stratum(3000, 7000, *to_come)])
    assert float(quick[0, 0]) == pytest.approx(exact, abs=0.02)


def test_so_it_is_with_hundreds_of_allocations():
    rng = np.random.default_rng(61)
    weights = rng.integers(1000, 9000, 200)
    in_b = rng.binomial(20, weights / 10_000)
    past = [Stratum(int(10_000 - w), int(w), int(20 - s), int(s)) for w, s in zip(weights, in_b, strict=True)]
    quick = _Curves(past, EVEN, np.zeros((2, 1, 1))).log_e()
    assert float(quick[0, 0]) == pytest.approx(evidence(past), abs=0.1)


def test_its_quick_answers_are_near_the_exact_ones():
    for a, b in [
        (2000, 2010),
        (2000, 2130),
        (300, 300),
        (5000, 5300),
        (20_000, 20_010),
        (900, 905),
        (40, 90),
    ]:
        curve = _Curves([Stratum(*EVEN, a, b)], EVEN, np.zeros((2, 1, 1)))
        proven, equal = curve.answers(math.log(20), MARGIN, BEFORE_HISTORY)
        lift = lift_of(counts(100_000, a, b), 0, 1)
        near_the_edge = abs(lift.probability_within(*MARGIN) - 0.9) < 0.02
        assert near_the_edge or bool(proven[0, 0] | equal[0, 0]) == answered(a, b)


def test_draws_are_the_quantiles_of_the_lift():
    lift = lift_of(counts(1000, 12, 19), 0, 1)
    normal = np.array([-3.2, -1.1, 0.1, 0.77, 3.4])
    exact = [lift.quantile(float(q)) for q in scipy.stats.norm.cdf(normal)]
    assert _quantiles(lift, normal) == pytest.approx(exact, abs=5e-3)


def test_what_is_clear_already_stays_clear():
    assert of(counts(1000, 50, 110)).p_answer == (1.0,) * len(HORIZONS)
    assert of(counts(100_000, 20_000, 20_010)).p_answer == (1.0,) * len(HORIZONS)


def test_without_traffic_no_answer_comes():
    assert of(counts(500, 25, 30), visitors_per_week=0).p_answer == (0.0,) * len(HORIZONS)
    assert of(counts(500, 25, 30), visitors_per_week=0).unlikely


def test_without_visitors_or_rivals_nothing_is_forecast():
    assert of(counts(0, 0, 0)) == Forecast(HORIZONS, None)
    assert not of(counts(0, 0, 0)).unlikely
    alone = forecast(
        [((10_000,), (50,), (2,))],
        0,
        {},
        [],
        visitors_per_week=100,
        margin=MARGIN,
        rng=np.random.default_rng(),
    )
    assert alone.p_answer is None


def test_a_leader_is_compared_with_two_others_at_most():
    with pytest.raises(ValueError, match="runner-up"):
        of([((2500,) * 4, (50,) * 4, (2, 3, 4, 9))], rivals=[0, 1, 2])


def test_more_visitors_bring_an_answer_sooner():
    slow, quick = (of(counts(500, 25, 40), weekly).p_answer for weekly in (500, 5000))
    assert all(s <= q for s, q in zip(slow, quick, strict=True))
    assert slow[-1] < quick[-1] - 0.15


def test_a_bandit_that_hardly_shows_one_arm_proves_later():
    seen = counts(500, 25, 40)
    even, starved = (of([*seen, (weights, (0, 0), (0, 0))]).p_answer[-1] for weights in (EVEN, (300, 9700)))
    assert starved < even - 0.2


def test_an_arm_that_is_not_served_any_more_is_never_proven():
    assert of([(EVEN, (500, 500), (25, 30)), ((0, 10_000), (0, 0), (0, 0))]).p_answer[-1] == 0


def test_with_three_arms_both_rivals_must_be_beaten():
    three = [((3334, 3333, 3333), (500, 500, 500), (20, 22, 40))]
    one, other, both = (of(three, rivals=rivals).p_answer for rivals in ([0], [1], [0, 1]))
    assert all(b <= min(o, p) for b, o, p in zip(both, one, other, strict=True))
    assert both[-1] > 0.2


def test_the_same_counts_make_the_same_forecast():
    assert of(counts(500, 25, 30)) == of(counts(500, 25, 30))
    # Another seed moves it by no more than the draws allow.
    other = of(counts(500, 25, 30), seed=1).p_answer
    for one, two in zip(of(counts(500, 25, 30)).p_answer, other, strict=True):
        assert abs(one - two) < 4 * math.sqrt(0.5 / DRAWS)


def test_forecasts_come_true_about_as_often_as_they_say():
    stated, came, _ = zip(*(experiment(seed, days=7) for seed in range(150)), strict=True)
    stated, came = np.array(stated), np.array(came)
    assert stated.mean(axis=0) == pytest.approx(came.mean(axis=0), abs=0.09)
    sure, doubtful = stated > 0.7, stated < 0.2
    assert came[sure].mean() > 0.6
    assert came[doubtful].mean() < 0.2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(counted, counted, st.integers(0, 10_000)), min_size=1, max_size=5), st.floats(0, 1e8)
)
def test_any_counts_give_chances_that_rise_with_the_weeks(each, weekly):
    allocations = [
        ((10_000 - weight, weight), (n_a, n_b), (s_a, s_b)) for (n_a, s_a), (n_b, s_b), weight in each
    ]
    p_answer = of(allocations, weekly).p_answer
    if p_answer is None:
        assert not any(sum(shown) for _, shown, _ in allocations)
    else:
        assert all(0 <= p <= 1 for p in p_answer)
        assert list(p_answer) == sorted(p_answer)
