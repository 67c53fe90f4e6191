"""What comes in is read strictly, and what is wrong with it is named with its place."""

import json

import pytest
from pydantic import Field

from vibevariant.api.body import (
    AttributeName,
    Body,
    Key,
    Query,
    Scalar,
    Value,
    VisitorId,
    dotted,
    pointer_of,
    read,
    read_query,
)
from vibevariant.errors import InvalidInput


class Inner(Body):
    key: Key
    weight: Value | None = None


class Outer(Body):
    visitor_id: VisitorId
    inner: list[Inner] = Field(default_factory=list)
    attributes: dict[AttributeName, Scalar] = Field(default_factory=dict)


class Asked(Query):
    limit: int = 10
    key: Key | None = None


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        (b"", "", "empty"),
        (b"  \n", "", "empty"),
        (b"{", "", "EOF"),
        (b"nope", "", "expected"),
        (b"[]", "", "object"),
        (b"null", "", "object"),
        (b"{}", "/visitor_id", "missing"),
        (b'{"visitor_id": ""}', "/visitor_id", "at least 1"),
        (b'{"visitor_id": 7}', "/visitor_id", "string"),
        (json.dumps({"visitor_id": "x" * 129}).encode(), "/visitor_id", "at most 128"),
        (b'{"visitor_id": "a\\u0000b"}', "/visitor_id", "Control"),
        (b'{"visitor_id": "a\\nb"}', "/visitor_id", "Control"),
        (b'{"visitor_id": "\\ud800"}', "", "hex escape"),
        (b'{"visitor_id": "\xff"}', "", "unicode"),
        (b'\xef\xbb\xbf{"visitor_id": "v"}', "", "expected value"),
        (b'{"visitor_id": "v", "vistor": 1}', "/vistor", "Nobody knows"),
        (b'{"visitor_id": "v", "inner": [{"key": "a"}, {"key": "A b"}]}', "/inner/1/key", "pattern"),
        (b'{"visitor_id": "v", "inner": [{"key": "a", "weight": NaN}]}', "/inner/0/weight", "finite"),
        (b'{"visitor_id": "v", "inner": [{"key": "a", "weight": 1e400}]}', "/inner/0/weight", "finite"),
        (b'{"visitor_id": "v", "inner": [{"key": "a", "weight": "1"}]}', "/inner/0/weight", "number"),
        (b'{"visitor_id": "v", "inner": [{"key": "a", "weight": true}]}', "/inner/0/weight", "number"),
        (
            b'{"visitor_id": "v", "attributes": {"a/b~c": {}}}',
            "/attributes/a~1b~0c",
            "string, or a valid integer",
        ),
        (b'{"visitor_id": "v", "attributes": {"x": Infinity}}', "/attributes/x", "finite"),
        (b'{"visitor_id": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "", "recursion"),
        (b'{"visitor_id": "v", "inner": [{"key": "a", "weight": ' + b"1" * 5000 + b"}]}", "", "out of range"),
    ],
)
def test_a_bad_body_is_refused_with_its_place(body, pointer, says):
    with pytest.raises(InvalidInput) as refused:
        read(Outer, body)
    assert refused.value.faults[0][0] == pointer
    assert says in refused.value.faults[0][1]


def test_every_wrong_place_is_named():
    with pytest.raises(InvalidInput) as refused:
        read(Outer, b'{"visitor_id": "", "inner": [{"key": "a", "colour": 1}, {}]}')
    assert [pointer for pointer, _ in refused.value.faults] == [
        "/visitor_id",
        "/inner/0/colour",
        "/inner/1/key",
    ]
    assert refused.value.field == "visitor_id"
    assert "2 more" in refused.value.message


@pytest.mark.parametrize(
    "body",
    [b'{"visitor_id": "a", "visitor_id": "b"}', b'{"visitor_id": "a", "inner": [{"key": "a", "key": "a"}]}'],
)
def test_a_member_that_stands_twice_is_refused(body):
    with pytest.raises(InvalidInput, match="twice"):
        read(Outer, body)


def test_a_visitor_id_may_hold_any_character_of_any_script():
    for visitor_id in (
        "x" * 128,
        "Zoë",
        "日本",
        "\U0001f600" * 128,
        " ",
        "a/b?c#d",
        "'; drop table visitors; --",
    ):
        assert read(Outer, json.dumps({"visitor_id": visitor_id}).encode()).visitor_id == visitor_id


@pytest.mark.parametrize(
    "query",
    [
        [("limit", "ten")],
        [("limt", "10")],
        [("limit", "1"), ("limit", "2")],
        [("key", "A B")],
        [("limit", "")],
    ],
)
def test_a_bad_query_is_refused(query):
    with pytest.raises(InvalidInput):
        read_query(Asked, query)


def test_a_query_is_read_by_its_types():
    assert read_query(Asked, [("limit", "3"), ("key", "hero")]) == Asked(limit=3, key="hero")


@pytest.mark.parametrize("field", ["arms[0].weight", "key", "targeting[3].value[10]"])
def test_a_place_is_written_in_two_ways(field):
    assert dotted(pointer_of(field)) == field
