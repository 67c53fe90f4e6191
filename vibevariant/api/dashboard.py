"""The dashboard in the browser: one page, its parts, and the SDK that sites and builds fetch from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from vibevariant.api.auth import context_of
from vibevariant.api.built_page import PLAIN, BuiltFile, best_coding
from vibevariant.api.page import html, page
from vibevariant.errors import NotFound

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The page runs its own files and speaks to this appliance, and nothing else: no script that got into a text runs."""

PAGE = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
ASSET = {"Cache-Control": "public, max-age=31536000, immutable"}
"""The build writes a hash of what is in it into an asset's name."""

ICON = {"Cache-Control": "public, max-age=86400"}
SDK = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Pages of every site load the SDK from here, and get a new version within minutes."""

NOT_BUILT = """<h1>VibeVariant runs, without its page</h1>
<p>The API answers as ever, but the page was not built into this copy.</p>
<p>In a clone of the repository, stop VibeVariant and start it so; that builds the page first:</p>
<pre><code>make run</code></pre>
<p>If you installed a package or a program, install it again: the page belongs to it.</p>
<p>All that the page does can be done by calls too: <a href="docs">the documentation of the API</a>.</p>"""

_TAG = re.compile(r'"[^"]*"')


async def show_page(request: Request[Any, Any]) -> HTTPResponse:
    index = context_of(request).dashboard.files.get("index.html")
    if index is None:
        return html(page("VibeVariant", NOT_BUILT), 503)
    return _sent(request, index, PAGE)


async def show_icon(request: Request[Any, Any]) -> HTTPResponse:
    return _sent(request, _found(request, "icon.svg"), ICON)


async def show_asset(request: Request[Any, Any], name: str) -> HTTPResponse:
    return _sent(request, _found(request, f"assets/{name}"), ASSET)


async def show_sdk(request: Request[Any, Any], name: str) -> HTTPResponse:
    return _sent(request, _found(request, f"sdk/{name}"), SDK)


def _found(request: Request[Any, Any], path: str) -> BuiltFile:
    file = context_of(request).dashboard.files.get(path)
    if file is None:
        raise NotFound(f"There is no file `{ascii(path)[1:-1]:.100}`.", hint="/ is the page, /docs the API.")
    return file


def _sent(request: Request[Any, Any], file: BuiltFile, headers: Mapping[str, str]) -> HTTPResponse:
    coding = best_coding(_listed(request, "accept-encoding"), file.bodies)
    tag = file.tag(coding)
    named = {**headers, "ETag": tag, "Vary": "Accept-Encoding"}
    known = _listed(request, "if-none-match")
    if known.strip() == "*" or tag in _TAG.findall(known):
        return HTTPResponse(b"", 304, named)
    if coding != PLAIN:
        named["Content-Encoding"] = coding
    return HTTPResponse(file.bodies[coding], 200, named, file.media_type)


def _listed(request: Request[Any, Any], name: str) -> str:
    """All that came under this name: a list may be spread over several headers."""
    return ",".join(request.headers.getall(name, []))
