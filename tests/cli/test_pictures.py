"""Pictures are well-formed, say in words what they show, and suit a light page and a dark one."""

import re
import xml.etree.ElementTree as ET

import pytest

from vibevariant.cli.pictures import (
    APART,
    CURVES_BY_DAY,
    CURVES_BY_NIGHT,
    DAY,
    NIGHT,
    Curve,
    Panel,
    most_of,
    picture,
)

CURVES = [
    Curve("a < b", [(10, 0.0), (100, 0.2), (1_000, 0.51)], 1),
    Curve("close & below", [(10, 0.0), (100, 0.1), (1_000, 0.5)], None),
]


def drawn(**panel) -> ET.Element:
    svg = picture(
        "A & B", "said <so>", [Panel("left", CURVES, 1.0, **panel)], "note", width=600, height=300, labels=90
    )
    return ET.fromstring(svg)


def texts(svg: ET.Element) -> list[ET.Element]:
    return [part for part in svg.iter() if part.tag.endswith("}text")]


def test_it_has_a_title_and_a_description_that_it_is_labelled_by():
    svg = drawn()
    by_id = {part.get("id"): part.text for part in svg.iter() if part.get("id")}
    assert by_id == {"title": "A & B", "desc": "said <so>"}
    assert svg.get("aria-labelledby") == "title desc"
    assert svg.get("role") == "img"


def test_labels_of_curves_that_end_near_each_other_do_not_overlap():
    at = {text.text: float(text.get("y")) for text in texts(drawn())}
    assert at["close & below"] - at["a < b"] == pytest.approx(APART)


def test_shares_are_written_beside_their_points_where_asked_for():
    plain, valued = (len(texts(drawn(values=values))) for values in (False, True))
    assert valued == plain + 6


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("frame", "curves"), [(DAY, CURVES_BY_DAY), (NIGHT, CURVES_BY_NIGHT)])
def test_all_that_is_written_can_be_read_by_day_and_by_night(frame, curves):
    """4.5 to 1, as WCAG 2.2 asks of text."""
    for colour in (frame["ink"], frame["soft"], *curves):
        high, low = sorted((luminance(colour), luminance(frame["card"])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour


def test_a_dark_page_has_colours_of_its_own():
    svg = picture("t", "d", [Panel("p", CURVES, 1.0)], "n", width=600, height=300, labels=90)
    assert re.search(r"@media \(prefers-color-scheme: dark\) \{ \.card \{ fill: #18191c \}", svg)


@pytest.mark.parametrize(("top", "most"), [(0.0, 0.02), (0.02, 0.02), (0.13, 0.2), (0.55, 0.6), (0.97, 1.0)])
def test_a_frame_is_as_high_as_its_curves_need(top, most):
    assert most_of([Curve("c", [(1, 0.0), (2, top)], 1)]) == most
