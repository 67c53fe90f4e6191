from vibevariant.experiments import lifecycle


def test_arms_of_an_ab_test_are_its_variants_in_order(make):
    experiment = make(
        arms=[{"key": "b", "name": "Bold", "payload": {"text": "Buy"}}, {"key": "control"}, {"key": "c"}]
    )
    assert [(arm.index, arm.key, arm.is_control) for arm in experiment.arms] == [
        (0, "b", False),
        (1, "control", True),
        (2, "c", False),
    ]
    assert experiment.arms[0].payload == {"text": "Buy"}
    assert experiment.arms[0].variants == {"variant": "b"}
    assert experiment.control.key == "control"


def test_arms_of_many_elements_are_all_combinations_the_last_varying_fastest(make, pages):
    pages[0]["variants"][1]["payload"] = "big"
    experiment = make(type="multi_element", elements=pages, arms=None)
    assert [arm.key for arm in experiment.arms] == ["control.green", "control.red", "bold.green", "bold.red"]
    assert [arm.is_control for arm in experiment.arms] == [False, True, False, False]
    assert experiment.arms_by_key["bold.red"].variants == {"headline": "bold", "button": "red"}
    assert experiment.arms_by_key["bold.red"].payload == {"headline": "big", "button": None}
    assert experiment.elements[1].control.key == "red"


def test_primary_goal_is_found_among_several(make):
    experiment = make(goals=[{"key": "speed", "role": "guardrail"}, {"key": "buy", "role": "primary"}])
    assert experiment.primary_goal.key == "buy"


def test_draft_has_no_allocation_and_counts_no_exposure(make, now):
    draft = make()
    assert draft.allocation is None
    assert not draft.counts_exposure_at(now)


def test_imported_exposures_count_whenever_they_were(make, now):
    imported = lifecycle.start(make(source="imported"), now, "import")
    assert imported.counts_exposure_at(now - 1_000_000)
