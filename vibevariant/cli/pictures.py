"""Curves over visitors as an SVG picture that suits a light page and a dark one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# The page's colours, by day and by night (web/src/styles.css); curves that are not named by their meaning take turns.
DAY = {"card": "#ffffff", "ink": "#16181d", "soft": "#555b67", "line": "#e2e4e9"}
NIGHT = {"card": "#18191c", "ink": "#eceef2", "soft": "#a4aab6", "line": "#2e3137"}
CURVES_BY_DAY = ("#4f46e5", "#b3261e", "#8a5200", "#14713d", "#0e7490", "#a21caf", "#5b6b00")
CURVES_BY_NIGHT = ("#a5a8ff", "#ff9b92", "#f0b455", "#5fd08f", "#67d5ea", "#f0a6f5", "#c9d65b")
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"'
NAMED_BY = 'aria-labelledby="title desc"'

# Labels at the ends of curves stand at least so far apart.
APART = 17.0
MARGIN = 28.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares (0 to 1), or whatever its panel counts, by number of visitors.

    Args:
        colour: one of the turns, or None for ink, dashed.
        errors: of each point; shaded either way.
    """

    name: str
    points: Sequence[tuple[int, float]]
    colour: int | None
    errors: Sequence[float] = ()


def percent(share: float) -> str:
    """A share as it stands beside a frame."""
    return f"{100 * share:g} %"


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves in one frame.

    Args:
        values: writes each share beside its point.
        filled: shades what lies between two curves.
        stacked: lays the curves one upon the other, as areas.
        steady: visitors count evenly along the frame, from none on, instead of by how many times as many they are.
        said: how the figures beside the frame are written.
    """

    title: str
    curves: Sequence[Curve]
    most: float
    values: bool = False
    filled: bool = False
    stacked: bool = False
    steady: bool = False
    said: Callable[[float], str] = percent


def most_above(top: float) -> float:
    """A number that is not below this one, and of which a quarter is round."""
    if top <= 0:
        return 1.0
    ten = 10.0 ** math.floor(math.log10(top))
    return next(
        (most * ten for most in (1, 1.6, 2, 2.4, 2.8, 3.2, 4, 4.8, 6, 8) if top <= most * ten), 10 * ten
    )


def most_of(curves: Sequence[Curve]) -> float:
    """A round share that all curves stay below."""
    top = max((share for curve in curves for _, share in curve.points), default=1.0)
    return next((most for most in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8) if top <= most), 1.0)


def picture(
    title: str, description: str, panels: Sequence[Panel], note: str, *, width: int, height: int, labels: int
) -> str:
    """The panels side by side under a title, with a note below.

    Args:
        labels: room to the right of a panel for the names of its curves.
    """
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {NAMED_BY} {FONT}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        *_style(),
        f'<rect class="card" width="{width}" height="{height}" rx="12"/>',
        f'<text class="ink" x="{MARGIN:g}" y="38" font-size="19" font-weight="600">{escape(title)}</text>',
    ]
    across = (width - 2 * MARGIN) / len(panels)
    for place, panel in enumerate(panels):
        lines += _panel(panel, MARGIN + place * across, 60, across - 16, height - 60 - 52, labels)
    lines += [
        f'<text class="soft" x="{MARGIN:g}" y="{height - 18}" font-size="13">{escape(note)}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _style() -> list[str]:
    def rules(colours: dict[str, str], curves: Sequence[str]) -> str:
        plain = [f".{name} {{ fill: {colours[name]} }}" for name in ("card", "ink", "soft")]
        plain += [f".grid {{ stroke: {colours['line']} }}", f".true {{ stroke: {colours['ink']} }}"]
        turns = [
            f".c{n} {{ stroke: {each} }} .f{n} {{ fill: {each} }}" for n, each in enumerate(curves, start=1)
        ]
        return " ".join((*plain, *turns))

    return [
        "<style>",
        rules(DAY, CURVES_BY_DAY),
        f"@media (prefers-color-scheme: dark) {{ {rules(NIGHT, CURVES_BY_NIGHT)} }}",
        "</style>",
    ]


def _panel(panel: Panel, left: float, top: float, width: float, height: float, labels: int) -> list[str]:
    x0, x1, y0, y1 = left + 42, left + width - labels, top + height - 24, top + 34
    visitors = sorted({at for curve in panel.curves for at, _ in curve.points})
    scale = float if panel.steady else math.log
    first, last = scale(0 if panel.steady else visitors[0]), scale(max(visitors[-1], visitors[0] + 1))

    # Where shares are written beside their points, the first one keeps clear of the frame's own figures.
    inset = 20 if panel.values else 0

    def x(at: float) -> float:
        return x0 + inset + (x1 - x0 - inset) * (scale(at) - first) / (last - first)

    def y(share: float) -> float:
        return y0 + (y1 - y0) * share / panel.most

    lines = [f'<text class="ink" x="{left:g}" y="{top + 14:g}" font-size="15">{escape(panel.title)}</text>']
    for fifth in range(5):
        share = panel.most * fifth / 4
        lines += [
            f'<line class="grid" x1="{x0:.1f}" x2="{x1:.1f}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>',
            _text("soft", x0 - 8, y(share) + 4, panel.said(share), "end"),
        ]
    for at in _steady_ticks(visitors[-1]) if panel.steady else _ticks(visitors):
        lines.append(_text("soft", x(at), y0 + 20, f"{at:,}"))
    if panel.filled:
        there, back = ([(x(at), y(share)) for at, share in curve.points] for curve in panel.curves[:2])
        corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in [*there, *reversed(back)])
        lines.append(f'<polygon class="f{panel.curves[0].colour}" fill-opacity=".16" points="{corners}"/>')
    if panel.stacked:
        return lines + _stack(panel, x, y, x1 + 10)
    for curve in panel.curves:
        if curve.errors:
            pairs = list(zip(curve.points, curve.errors, strict=True))
            above = [(at, share + error) for (at, share), error in pairs]
            below = [(at, max(0.0, share - error)) for (at, share), error in pairs]
            lines.append(_area(curve, above, below, x, y, 0.16))
    for curve in reversed(panel.curves):
        path = " ".join(f"{x(at):.1f},{y(share):.1f}" for at, share in curve.points)
        kind = f'class="c{curve.colour}"' if curve.colour else 'class="true" stroke-dasharray="5 4"'
        lines.append(
            f'<polyline {kind} fill="none" stroke-width="2.5" stroke-linejoin="round" points="{path}"/>'
        )
    if panel.values:
        lines += _values(panel, x, y)
    ends = _spread([y(curve.points[-1][1]) for curve in panel.curves], y0)
    for curve, end in zip(panel.curves, ends, strict=True):
        lines.append(_text(_fill(curve), x1 + 10, end + 4, curve.name, "start", 14))
    return lines


def _stack(
    panel: Panel, x: Callable[[float], float], y: Callable[[float], float], labels: float
) -> list[str]:
    """The curves one upon the other; each is named beside the middle of where it ends."""
    lines, middles = [], []
    below = [(at, 0.0) for at, _ in panel.curves[0].points]
    for curve in panel.curves:
        above = [(at, under + share) for (at, share), (_, under) in zip(curve.points, below, strict=True)]
        lines.append(_area(curve, above, below, x, y, 0.72))
        middles.append(y((above[-1][1] + below[-1][1]) / 2))
        below = above
    for curve, middle in zip(panel.curves, _spread(middles, y(0)), strict=True):
        lines.append(_text(_fill(curve), labels, middle + 4, curve.name, "start", 14))
    return lines


def _area(
    curve: Curve,
    above: Sequence[tuple[float, float]],
    below: Sequence[tuple[float, float]],
    x: Callable[[float], float],
    y: Callable[[float], float],
    opacity: float,
) -> str:
    corners = " ".join(f"{x(at):.1f},{y(share):.1f}" for at, share in [*above, *reversed(below)])
    return f'<polygon class="{_fill(curve)}" fill-opacity="{opacity:g}" points="{corners}"/>'


def _text(kind: str, x: float, y: float, said: str, anchor: str = "middle", size: int = 13) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(said)}</text>'


def _values(panel: Panel, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    """Each share beside its point: the higher curve's above it, the lower one's below."""
    lines = []
    for place, curve in enumerate(panel.curves):
        for number, (at, share) in enumerate(curve.points):
            others = [other.points[number][1] for other in panel.curves if other is not curve]
            above = share > max(others, default=-1) or (share == max(others, default=-1) and place == 0)
            lines += [
                f'<circle class="{_fill(curve)}" cx="{x(at):.1f}" cy="{y(share):.1f}" r="3.5"/>',
                _text(_fill(curve), x(at), y(share) + (-10 if above else 20), f"{100 * share:.0f}"),
            ]
    return lines


def _fill(curve: Curve) -> str:
    return f"f{curve.colour}" if curve.colour else "ink"


def _ticks(visitors: Sequence[int]) -> list[int]:
    """All of few; of many, the powers of ten and the ends."""
    if len(visitors) <= 5:
        return list(visitors)
    tens = [at for at in visitors if at == 10 ** round(math.log10(at))]
    return sorted({*tens, visitors[-1]} if visitors[-1] >= 2 * max(tens, default=1) else set(tens))


def _steady_ticks(last: int) -> list[int]:
    """Four steps or so of a round length, from none on."""
    step = max(1, round(most_above(last / 4)))
    return list(range(0, last + 1, step))


def _spread(places: Sequence[float], lowest: float) -> list[float]:
    """The same places, those that are too near to each other moved apart around their middle; none below the lowest."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[list[int]] = []
    starts: list[float] = []
    for index in order:
        group, start = [index], places[index]
        while groups and start < starts[-1] + APART * len(groups[-1]):
            starts.pop()
            group = groups.pop() + group
            middle = sum(places[member] for member in group) / len(group)
            start = middle - APART * (len(group) - 1) / 2
        groups.append(group)
        starts.append(start)
    moved = list(places)
    for group, start in zip(groups, starts, strict=True):
        for place, member in enumerate(group):
            moved[member] = start + APART * place
    for index in reversed(order):
        moved[index] = min(moved[index], lowest)
        lowest = moved[index] - APART
    return moved
