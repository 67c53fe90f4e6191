"""Rules name the winners that their definitions say, and quick reading changes no decision."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from vibevariant.errors import InvalidInput
from vibevariant.experiments.simulation import Scenario, Simulated, simulate
from vibevariant.experiments.winner_rules import NOBODY, RULES, calls, decided
from vibevariant.stats.comparison import compare
from vibevariant.stats.evidence import evidence, strata
from vibevariant.stats.posterior import posterior


def simulated(seed: int, experiments: int, **scenario) -> Simulated:
    return simulate(Scenario(**scenario), experiments, np.random.default_rng(seed))


def totals(one: Simulated, experiment: int, look: int) -> tuple[list[int], list[int]]:
    return tuple(
        counts[experiment, : look + 1].sum(axis=0).tolist() for counts in (one.exposed, one.converted)
    )


@pytest.mark.parametrize(
    "scenario",
    [
        {"lift": 0.8, "base": 0.1},
        {"lift": -0.5, "base": 0.1},
        {"lift": 0.8, "base": 0.1, "allocation": "adaptive", "shape": "rising"},
        {"arms": 3, "lift": 1.5, "base": 0.1, "allocation": "adaptive"},
        {"base": 0.3, "lift": 0.5},
    ],
)
def test_looks_that_are_not_read_in_full_could_not_have_ended_in_ship_or_stop(scenario):
    one = simulated(5, 10, visitors=1_500, look_every=75, **scenario)
    found = calls("decision", one)
    for experiment in range(10):
        said = [decided(one.allocations(experiment, look), one.scenario) for look in range(len(one.looks))]
        shipped = next((look for look, (status, _) in enumerate(said) if status == "ship"), NOBODY)
        stopped = next((look for look, (status, _) in enumerate(said) if status == "stop"), NOBODY)
        assert (found.look[experiment], found.harm[experiment]) == (shipped, stopped)
        assert found.arm[experiment] == (NOBODY if shipped == NOBODY else said[shipped][1])
    assert (found.look != NOBODY).any() or (found.harm != NOBODY).any()


def first(one: Simulated, experiment: int, names) -> tuple[int, int]:
    for look in range(len(one.looks)):
        arm = names(*totals(one, experiment, look))
        if arm != NOBODY:
            return look, arm
    return NOBODY, NOBODY


def by_z(shown: list[int], reached: list[int]) -> int:
    rates = [s / n for s, n in zip(reached, shown, strict=True)]
    if not sum(reached) or rates[0] == rates[1]:
        return NOBODY
    table = [[s, n - s] for s, n in zip(reached, shown, strict=True)]
    return int(np.argmax(rates)) if chi2_contingency(table, correction=False).pvalue < 0.05 else NOBODY


def by_chance(shown: list[int], reached: list[int]) -> int:
    p_best = compare([posterior(s, n) for s, n in zip(reached, shown, strict=True)]).p_best
    return int(np.argmax(p_best)) if max(p_best) > 0.95 else NOBODY


def by_loss(shown: list[int], reached: list[int]) -> int:
    loss = compare([posterior(s, n) for s, n in zip(reached, shown, strict=True)]).expected_loss
    return int(np.argmin(loss)) if min(loss) < 0.01 * sum(reached) / sum(shown) else NOBODY


@pytest.mark.parametrize(
    ("rule", "names"), [("z-test", by_z), ("p-best-95", by_chance), ("expected-loss", by_loss)]
)
@pytest.mark.parametrize("lift", [0.0, 0.4])
def test_a_rule_names_whom_its_definition_names(rule, names, lift):
    one = simulated(6, 12, visitors=2_000, look_every=100, lift=lift, base=0.08)
    found = calls(rule, one)
    assert [(int(look), int(arm)) for look, arm in zip(found.look, found.arm, strict=True)] == [
        first(one, experiment, names) for experiment in range(12)
    ]
    assert (found.look != NOBODY).any()


@pytest.mark.parametrize(("allocation", "threshold"), [("fixed", 20.0), ("adaptive", 5.0)])
def test_evidence_names_an_arm_once_its_e_value_is_there(allocation, threshold):
    one = simulated(8, 20, visitors=3_000, look_every=100, lift=0.4, base=0.08, allocation=allocation)
    found = calls("e-value", one, threshold)
    for experiment in range(20):
        e = [
            np.exp(evidence(strata(one.allocations(experiment, look), 0, 1)))
            for look in range(len(one.looks))
        ]
        reached = [look for look, value in enumerate(e) if value >= threshold]
        assert found.look[experiment] == (reached[0] if reached else NOBODY)
    assert (found.arm == 1).sum() > 5


def test_no_arm_is_named_on_evidence_against_the_control_alone_before_it_pays_for_the_number_of_arms():
    few, many = (simulated(9, 300, arms=arms, visitors=4_000, look_every=200) for arms in (2, 5))
    named = [(calls("e-value", one, 4.0).look != NOBODY).mean() for one in (few, many)]
    assert named[1] <= named[0] + 0.05


@pytest.mark.parametrize(
    ("rule", "threshold", "says"),
    [
        ("decision", 20.0, "own threshold"),
        ("p-best-95", 0.9, "own threshold"),
        ("z-test", 1.5, "makes no sense"),
        ("z-test", 0.0, "makes no sense"),
        ("e-value", 1.0, "makes no sense"),
        ("e-value", float("nan"), "makes no sense"),
        ("expected-loss", -0.1, "makes no sense"),
    ],
)
def test_a_threshold_that_does_not_suit_the_rule_is_refused(rule, threshold, says):
    one = simulated(1, 1, visitors=100)
    with pytest.raises(InvalidInput, match=says):
        calls(rule, one, threshold)


def test_every_rule_is_wrong_less_often_with_a_better_arm_than_it_names_anybody():
    one = simulated(2, 60, visitors=4_000, look_every=200, lift=0.8, base=0.08)
    for rule in RULES:
        arm = calls(rule, one).arm
        assert (arm == 1).sum() > 40, rule
        assert (arm == 0).sum() < 10, rule
