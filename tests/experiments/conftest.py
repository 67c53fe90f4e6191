"""A small experiment to start from, made as an owner would."""

import pytest

from vibevariant.experiments.definition import define

NOW = 1_767_268_800_000


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def make():
    """Defines an A/B test with two arms and one goal; give what should be otherwise."""

    def made(**otherwise):
        given = {
            "project_id": 1,
            "key": "hero",
            "arms": [{"key": "control"}, {"key": "variant_a"}],
            "goals": [{"key": "signup"}],
            "now": NOW,
        }
        return define(**{name: value for name, value in (given | otherwise).items() if value is not None})

    return made


@pytest.fixture
def pages():
    """Two elements of two variants each: a headline and a button."""
    return [
        {"key": "headline", "variants": [{"key": "control"}, {"key": "bold"}]},
        {"key": "button", "variants": [{"key": "green"}, {"key": "red", "is_control": True}]},
    ]
