import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from vibevariant.stats.multiplicity import discoveries, harmed

log_e_values = st.lists(st.floats(-50, 50), max_size=12)


def logs(*e_values):
    return [math.log(e) for e in e_values]


@given(log_e_values)
def test_it_is_benjamini_and_hochberg_on_one_over_e(log_e):
    p_values = np.exp(-np.array(log_e))
    # statsmodels wants p-values; those above 1 are rejected by neither.
    theirs = multipletests(np.minimum(p_values, 1), alpha=0.05, method="fdr_bh")[0] if log_e else []
    assert list(discoveries(log_e)) == list(theirs)


def test_the_worked_steps():
    # m = 4 at 5 %: the largest needs 80, the second 40, the third 26.7, the fourth 20.
    assert discoveries(logs(79, 39, 26, 19)) == (False,) * 4
    assert discoveries(logs(80, 39, 26, 19)) == (True, False, False, False)
    assert discoveries(logs(41, 1, 2, 41)) == (True, False, False, True)
    assert discoveries(logs(20, 20, 20, 20)) == (True,) * 4


def test_one_goal_alone_needs_what_proof_needs():
    assert discoveries(logs(19.9)) == (False,)
    assert discoveries(logs(20)) == (True,)
    assert discoveries([]) == ()


@given(log_e_values, st.randoms(use_true_random=False))
def test_the_order_of_goals_is_irrelevant(log_e, random):
    order = list(range(len(log_e)))
    random.shuffle(order)
    shuffled = discoveries([log_e[at] for at in order])
    assert shuffled == tuple(discoveries(log_e)[at] for at in order)


@given(log_e_values.filter(bool), st.floats(0, 20))
def test_more_evidence_never_undoes_a_discovery(log_e, more):
    before, after = discoveries(log_e), discoveries([log_e[0] + more, *log_e[1:]])
    assert all(now or not then for then, now in zip(before, after, strict=True))


def test_false_discoveries_stay_few_whatever_the_goals_have_in_common():
    rng = np.random.default_rng(51)
    false_shares = []
    for _ in range(2000):
        # Likelihood ratios of N(2, 1) against N(0, 1) under a shared disturbance; the first three goals did change.
        z = 0.6 * rng.normal() + 0.8 * rng.normal(size=8) + np.array([4, 4, 4, 0, 0, 0, 0, 0])
        found = discoveries((2 * z - 2).tolist())
        false_shares.append(sum(found[3:]) / max(1, sum(found)))
    assert np.mean(false_shares) <= 0.05


def test_a_guardrail_is_harmed_at_20_to_1():
    evidence = {"refunds": math.log(25), "speed": math.log(19), "errors": math.log(3000)}
    assert harmed(evidence) == ("errors", "refunds")
    assert harmed(evidence, among=2) == ("errors",)
    assert harmed({}) == ()


@pytest.mark.parametrize("rate", [0, 1, -0.1])
def test_nonsense_is_refused(rate):
    with pytest.raises(ValueError, match="inside 0 and 1"):
        discoveries([0.0], rate)
    with pytest.raises(ValueError, match="a number"):
        discoveries([math.nan])
