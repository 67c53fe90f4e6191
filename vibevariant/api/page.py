"""A page without script: plain HTML that works offline, on a phone, with a keyboard, in light and in dark."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from importlib import resources

from sanic.response import HTTPResponse


@cache
def _style() -> str:
    return resources.files("vibevariant.api").joinpath("page.css").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Nothing but our own style, known by its hash."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def page(title: str, body: str) -> str:
    """A whole page around what it says."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body><main>{body}</main></body></html>"
    )


def html(text: str, status: int = 200) -> HTTPResponse:
    """The answer that is a page."""
    headers = {"Content-Security-Policy": _policy(), "X-Frame-Options": "DENY"}
    return HTTPResponse(text, status, headers, "text/html; charset=utf-8")
