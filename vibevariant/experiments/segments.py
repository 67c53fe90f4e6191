"""Segments: what kind of visitor it is, by whether the site knew them before and by what they look at it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast, get_args

Device = Literal["mobile", "tablet", "desktop", "unknown"]

UNKNOWN: Device = "unknown"
"""Where nothing tells the device; and the whole segment of visitors who were recorded elsewhere."""

RETURNING_AFTER = 30 * 60_000
"""Milliseconds: after so long a pause it is another visit, by the custom of web statistics."""

LONGEST_USER_AGENT = 512
"""Characters that are looked at; people's browsers send half of it at most."""

_TABLET = re.compile(r"ipad|tablet(?! pc)|playbook|kindle|silk/|android(?!.*(?:mobile|mini))")
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|opera mini")
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros|linux")
_NAMED = frozenset(get_args(Device)) - {UNKNOWN}


def segment_of(first_seen_at: int, at: int, device: Device) -> str:
    """The segment of a visitor who is assigned at this time, such as `returning/mobile`."""
    known = "returning" if at - first_seen_at > RETURNING_AFTER else "new"
    return f"{known}/{device}"


def device_of(user_agent: str, mobile_hint: str = "") -> Device:
    """What a browser says it runs on. An iPad that passes itself off as a Mac is taken at its word.

    Args:
        mobile_hint: the value of `Sec-CH-UA-Mobile`, `?1` or `?0`; tablets say `?0` too.
    """
    said = user_agent[:LONGEST_USER_AGENT].lower()
    if _TABLET.search(said):
        return "tablet"
    if mobile_hint == "?1" or _MOBILE.search(said):
        return "mobile"
    if mobile_hint == "?0" or _DESKTOP.search(said):
        return "desktop"
    return UNKNOWN


def named_device(attributes: Mapping[str, Any] | None) -> Device:
    """The device that a site's own server names among a visitor's attributes."""
    named = (attributes or {}).get("device")
    return cast("Device", named) if isinstance(named, str) and named in _NAMED else UNKNOWN
