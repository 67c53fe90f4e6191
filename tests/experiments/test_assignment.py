from collections import Counter

import pytest
from scipy.special import chdtrc

from vibevariant.experiments import lifecycle
from vibevariant.experiments.assignment import Enrolment, Shipped, decide
from vibevariant.experiments.bucketing import arm_at, bucket

IDS = [f"visitor-{i}" for i in range(40_000)]


@pytest.fixture
def running(make, now):
    def made(**otherwise):
        return lifecycle.start(make(**otherwise), now, "ann")

    return made


def test_running_experiment_gives_the_arm_of_the_hash(running):
    experiment = running()
    for visitor in IDS[:200]:
        decided = decide(experiment, visitor, {})
        assert isinstance(decided, Enrolment)
        assert decided.arm.index == arm_at(bucket(visitor, "hero"), (5000, 5000))
        assert decided.allocation is experiment.allocation


def test_draft_lets_nobody_in(make):
    assert decide(make(), "visitor-1", {}) == "draft"


def test_paused_lets_nobody_new_in(running, now):
    assert decide(lifecycle.pause(running(), now, "ann"), "visitor-1", {}) == "paused"


def test_imported_lets_nobody_in(running):
    assert decide(running(source="imported"), "visitor-1", {}) == "imported"


def test_completed_without_a_winner_shows_nothing(running, now):
    assert decide(lifecycle.complete(running(), now, "ann"), "visitor-1", {}) == "completed"


def test_winner_is_shown_to_everyone_whatever_the_targeting_and_traffic(running, now):
    experiment = running(
        traffic=0.0001, targeting=[{"attribute": "country", "operator": "equals", "value": "NO"}]
    )
    shipped = lifecycle.complete(experiment, now, "ann", "variant_a")
    for visitor in IDS[:50]:
        decided = decide(shipped, visitor, {})
        assert isinstance(decided, Shipped)
        assert decided.arm.key == "variant_a"


def test_eligibility_comes_before_enrolment(running):
    experiment = running(
        traffic=0.5, targeting=[{"attribute": "country", "operator": "equals", "value": "NO"}]
    )
    outsiders = {str(decide(experiment, visitor, {"country": "SE"})) for visitor in IDS[:200]}
    assert outsiders == {"targeting"}
    insiders = [decide(experiment, visitor, {"country": "NO"}) for visitor in IDS[:200]]
    assert 0 < insiders.count("traffic") < 200
    assert "targeting" not in insiders


def test_targeted_visitors_have_the_arms_they_would_have_without_targeting(running):
    everyone = running()
    some = running(targeting=[{"attribute": "country", "operator": "equals", "value": "NO"}])
    for visitor in IDS[:200]:
        assert decide(some, visitor, {"country": "NO"}).arm == decide(everyone, visitor, {}).arm


def test_arms_within_a_share_of_traffic_are_unbiased(running):
    experiment = running(traffic=0.1, weights=[0.5, 0.5])
    decided = [decide(experiment, visitor, {}) for visitor in IDS]
    arms = Counter(d.arm.index for d in decided if isinstance(d, Enrolment))
    let_in = arms.total()
    assert let_in + decided.count("traffic") == len(IDS)
    assert chdtrc(1, (let_in - 4000) ** 2 / (40_000 * 0.1 * 0.9)) > 1e-3
    assert chdtrc(1, (arms[0] - arms[1]) ** 2 / let_in) > 1e-3


def test_more_traffic_keeps_those_who_were_in_and_their_arms(running):
    few, more = running(traffic=0.1), running(traffic=0.3)
    for visitor in IDS[:2000]:
        was = decide(few, visitor, {})
        if isinstance(was, Enrolment):
            assert decide(more, visitor, {}).arm == was.arm


def test_arm_of_weight_zero_gets_nobody(running):
    experiment = running(arms=[{"key": "a"}, {"key": "b"}, {"key": "c"}], weights=[0.5, 0, 0.5])
    assert {decide(experiment, visitor, {}).arm.key for visitor in IDS[:2000]} == {"a", "c"}


def test_combinations_are_given_evenly(running, pages):
    experiment = running(type="multi_element", elements=pages, arms=None)
    arms = Counter(decide(experiment, visitor, {}).arm.index for visitor in IDS)
    assert sorted(arms) == [0, 1, 2, 3]
    assert chdtrc(3, sum((count - 10_000) ** 2 / 10_000 for count in arms.values())) > 1e-3
