"""Numbers as people say them: natural frequencies, few digits, dates; never infinite, never more certain than 99 in 100."""

import math
from datetime import UTC, datetime

# Bands of the chance of being best, and the words that belong to them.
PROBABLY = 0.95
LEANING = 0.8
COIN_FLIP = 0.6

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def chance(p: float) -> str:
    """A probability as a natural frequency; 99 in 100 and 1 in 100 are the extremes."""
    if p >= 0.99:
        return "more than 99 in 100"
    if p >= PROBABLY:
        return f"{math.floor(20 * p)} in 20"
    return f"{_tenths(p)} in 10"


def chance_against(p: float) -> str:
    """The other side of the same frequency, so that the two add up."""
    if p >= 0.99:
        return "less than 1 in 100"
    if p >= PROBABLY:
        return f"{20 - math.floor(20 * p)} in 20"
    return f"{10 - _tenths(p)} in 10"


def in_100(p: float) -> str:
    if p >= 0.99:
        return "more than 99 in 100"
    return "less than 1 in 100" if p < 0.01 else f"{math.floor(100 * p + 0.5)} in 100"


def one_in(p: float) -> str:
    """A small chance as 1 in so many."""
    return "less than 1 in 100" if p < 0.01 else f"about 1 in {math.floor(1 / p + 0.5)}"


def share(part: float) -> str:
    """A part of a whole as a natural frequency."""
    if part < 0.001:
        return "fewer than 1 in 1,000"
    if part >= 0.99:
        return "nearly all"
    return f"about {1000 * part:.0f} in 1,000" if part < 0.0195 else f"about {100 * part:.0f} in 100"


def fewer_than(rate: float) -> str:
    """A rate that the true one is below, as a natural frequency."""
    scale = next((scale for scale in (100, 1_000, 10_000) if rate * scale >= 3), 100_000)
    return f"fewer than {math.ceil(round(rate * scale, 9)):,} of every {scale:,}"


def percentage(rate: float) -> str:
    """A rate, to one decimal where it is small; 99 %+ and <1 % are the extremes."""
    if rate < 0.01:
        return "1 %"
    if rate >= 0.99:
        return "99 %+"
    return f"{100 * rate:.1f} %" if rate < 0.095 else f"{100 * rate:.0f} %"


def change(ratio: float) -> str:
    """A relative change with its sign, to one decimal where it is small; never infinite."""
    if ratio >= 9.99:
        return "+999 % or more"
    if ratio <= -0.99:
        return "-99 % or worse"
    digits = 1 if abs(ratio) < 0.0995 else 0
    text = f"{100 * ratio:+.{digits}f} %"
    return "0 %" if not float(text[:-2]) else text


def day(ms: int) -> str:
    """The date of an instant, in UTC: 12 November 2026."""
    date = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def minute(ms: int) -> str:
    """An instant, in UTC: 12 November 2026 at 14:05 UTC."""
    time = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return f"{day(ms)} at {time.hour:02d}:{time.minute:02d} UTC"


def _tenths(p: float) -> int:
    return min(9, max(1, math.floor(10 * p + 0.5)))
