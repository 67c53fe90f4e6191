"""What kind of visitor it is: known before, and with which device."""

import pytest

from tests.experiments.user_agents import USER_AGENTS
from vibevariant.experiments.segments import RETURNING_AFTER, device_of, named_device, segment_of

NOW = 1_760_000_000_000


@pytest.mark.parametrize(
    ("first_seen_at", "segment"),
    [
        (NOW, "new/mobile"),
        (NOW - RETURNING_AFTER, "new/mobile"),
        (NOW - RETURNING_AFTER - 1, "returning/mobile"),
        (NOW + 5, "new/mobile"),  # met while the exposure was under way
    ],
)
def test_a_visitor_known_for_more_than_half_an_hour_is_a_returning_one(first_seen_at, segment):
    assert segment_of(first_seen_at, NOW, "mobile") == segment


@pytest.mark.parametrize(("kind", "user_agent"), [each for each in USER_AGENTS if each[0] != "robot"])
def test_the_device_is_what_the_browser_says(kind, user_agent):
    assert device_of(user_agent) == kind


@pytest.mark.parametrize(
    ("user_agent", "hint", "device"),
    [
        ("", "", "unknown"),
        ("", "?1", "mobile"),
        ("", "?0", "desktop"),
        ("", "yes", "unknown"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
            "?0",
            "tablet",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0", "?1", "mobile"),
    ],
)
def test_the_hint_of_the_browser_helps(user_agent, hint, device):
    assert device_of(user_agent, hint) == device


@pytest.mark.parametrize(
    ("attributes", "device"),
    [
        ({"device": "mobile"}, "mobile"),
        ({"device": "tablet", "country": "NO"}, "tablet"),
        ({"device": "desktop"}, "desktop"),
        ({"device": "Mobile"}, "unknown"),
        ({"device": "unknown"}, "unknown"),
        ({"device": "watch"}, "unknown"),
        ({"device": 1}, "unknown"),
        ({"device": None}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_server_names_the_device_with_one_of_three_words(attributes, device):
    assert named_device(attributes) == device
