import pytest

from vibevariant.errors import InvalidInput
from vibevariant.experiments.fields import key_of, mapping_of, printable_of, prose_of


@pytest.mark.parametrize("key", ["a", "0", "hero", "exp-00", "a_b-c", "k" * 64])
def test_keys_are_short_lower_case_words(key):
    assert key_of(key, "key") == key


@pytest.mark.parametrize(
    "key",
    ["", "-a", "_a", "A", "hero test", "é", "a.b", "a/b", "a\n", "k" * 65, 5, None, "\ud800", "x" * 10**6],
)
def test_what_is_no_key_is_refused_in_words_that_can_be_sent(key):
    with pytest.raises(InvalidInput) as refusal:
        key_of(key, "key")
    refusal.value.message.encode()
    assert len(refusal.value.message) < 120


@pytest.mark.parametrize("text", ["Hero", "Æøå", "見出し　大", "👨‍👩‍👧", "x" * 200])
def test_names_may_be_in_any_language(text):
    assert printable_of(text, "name") == text


@pytest.mark.parametrize(
    "text", ["", "   ", "a\nb", "a\x00", "\x1b[31m", "a\u2028b", "\ud800", "x" * 201, 5, None]
)
def test_unprintable_names_are_refused(text):
    with pytest.raises(InvalidInput):
        printable_of(text, "name")


@pytest.mark.parametrize("text", ["", "One line.", "Two\nlines\twith a tab.\r\n"])
def test_prose_may_have_lines(text):
    assert prose_of(text, "description", longest=2000) == text


@pytest.mark.parametrize("text", ["a\x00", "\x1b", "\udfff", "x" * 2001, 5, None, False])
def test_prose_without_sense_is_refused(text):
    with pytest.raises(InvalidInput):
        prose_of(text, "description", longest=2000)


def test_unknown_member_is_named_with_those_that_are_known():
    with pytest.raises(InvalidInput, match="no member 'wieght'") as refusal:
        mapping_of({"key": "a", "wieght": 1}, "arms[0]", required=("key",), optional=("weight",))
    assert "key, weight" in refusal.value.hint
