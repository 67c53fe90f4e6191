import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.payload import payload_of


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "text", [], {}, {"a": [1, {"b": None}]}, "é😀", nested(5)]
)
def test_json_values_pass_as_they_are(value):
    assert payload_of(value, "payload") == value


def test_payload_is_copied():
    given = {"texts": ["Buy"]}
    kept = payload_of(given, "payload")
    given["texts"].append("now")
    assert kept == {"texts": ["Buy"]}


@pytest.mark.parametrize("depth", [6, 100, 10_000])
def test_deep_payload_is_refused(depth):
    with pytest.raises(InvalidInput, match="more than 5 deep"):
        payload_of(nested(depth), "payload")


def test_payload_that_holds_itself_is_refused():
    ring = []
    ring.append(ring)
    with pytest.raises(InvalidInput, match="more than 5 deep"):
        payload_of(ring, "payload")


def test_size_is_counted_in_bytes_of_utf_8():
    assert payload_of("é" * 4999, "payload")  # and two quotes: 10,000 bytes
    with pytest.raises(InvalidInput, match="10002 bytes"):
        payload_of("é" * 5000, "payload")


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        {1: "a"},
        {"a": {None: 1}},
        {"a", "b"},
        b"bytes",
        object(),
        "\ud800",
        pytest.param(10**5000, id="endless"),
    ],
)
def test_what_is_not_json_is_refused(value):
    with pytest.raises(InvalidInput, match="not JSON") as refusal:
        payload_of(value, "arms[0].payload")
    assert refusal.value.field == "arms[0].payload"
