"""Pictures are well-formed, say in words what they show, and suit a light page and a dark one."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from vibevariant.cli.pictures import (
    APART,
    CURVES_BY_DAY,
    CURVES_BY_NIGHT,
    DAY,
    NIGHT,
    Curve,
    Panel,
    most_above,
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


def corners(svg: ET.Element, kind: str) -> list[list[tuple[float, float]]]:
    """The areas of a colour, from their top left corner on."""
    return [
        [tuple(float(each) for each in corner.split(",")) for corner in part.get("points").split()]
        for part in svg.iter()
        if part.tag.endswith("}polygon") and part.get("class") == kind
    ]


def test_stacked_curves_fill_the_frame_from_its_floor_to_its_ceiling():
    halves = [Curve("a", [(0, 0.25), (100, 0.5)], 1), Curve("b", [(0, 0.75), (100, 0.5)], 2)]
    panel = Panel("p", halves, 1.0, stacked=True, steady=True)
    svg = ET.fromstring(picture("t", "d", [panel], "n", width=600, height=300, labels=90))
    ((top_a, end_a, floor, _),), ((top_b, end_b, under, beneath),) = corners(svg, "f1"), corners(svg, "f2")
    assert (under, beneath) == (end_a, top_a)  # b begins where a ends
    assert top_b[1] == end_b[1]  # together they are always all
    height = floor[1] - top_b[1]
    assert [(floor[1] - y) / height for _, y in (top_a, end_a)] == pytest.approx([0.25, 0.5], abs=0.01)
    labels = {text.text: float(text.get("y")) for text in texts(svg)}
    assert labels["b"] < end_a[1] < labels["a"]


def test_errors_are_shaded_either_way_and_never_below_nothing():
    curve = Curve("a", [(0, 0.0), (50, 0.4), (100, 0.5)], 1, errors=[0.0, 0.1, 0.6])
    panel = Panel("p", [curve], 1.2, steady=True)
    svg = ET.fromstring(picture("t", "d", [panel], "n", width=600, height=300, labels=90))
    ((floor, *shaded),) = corners(svg, "f1")
    highest = min(y for _, y in shaded)
    shares = [(floor[1] - y) / (floor[1] - highest) * 1.1 for _, y in shaded]
    assert shares == pytest.approx([0.5, 1.1, 0, 0.3, 0], abs=0.01)


def test_a_steady_frame_counts_visitors_evenly_from_none_on():
    curve = Curve("a", [(2_500, 0.1), (5_000, 0.2), (10_000, 0.4)], 1)
    said = {"steady": True, "said": lambda share: f"{share:g} lost"}
    svg = ET.fromstring(
        picture("t", "d", [Panel("p", [curve], 0.4, **said)], "n", width=600, height=300, labels=90)
    )
    at = {text.text: float(text.get("x")) for text in texts(svg)}
    assert {"0", "2,800", "5,600", "8,400", "0 lost", "0.4 lost"} <= set(at)
    line = next(part for part in svg.iter() if part.tag.endswith("}polyline"))
    x = [float(corner.split(",")[0]) for corner in line.get("points").split()]
    assert [(each - at["0"]) / (x[2] - at["0"]) for each in x] == pytest.approx([0.25, 0.5, 1], abs=0.01)


def test_no_label_is_below_the_frame():
    low = [Curve(f"curve {n}", [(10, 0.5), (1_000, 0.001 * n)], 1 + n) for n in range(6)]
    svg = ET.fromstring(picture("t", "d", [Panel("p", low, 1.0)], "n", width=600, height=300, labels=90))
    at = {text.text: float(text.get("y")) for text in texts(svg)}
    labels = [at[curve.name] for curve in low]
    assert max(labels) <= at["0 %"]
    assert sorted(labels, reverse=True) == labels
    assert min(above - below for above, below in pairwise(labels)) >= APART - 0.1


@pytest.mark.parametrize(("top", "most"), [(0, 1), (1, 1), (1.01, 1.6), (222, 240), (94, 100), (0.03, 0.032), (801, 1000)])  # fmt: skip
def test_a_round_number_is_not_below(top: float, most: float):
    assert most_above(top) == pytest.approx(most)


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
