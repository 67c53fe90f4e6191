"""What the tests in a real browser share: Chromium, an owner's page that must stay silent, and a site to visit."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.appliance import Appliance, command
from tests.browser.site import Site

PATIENCE_MS = 20_000
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""A browser that speaks to nobody but the pages it is sent to."""
AS_A_PERSON = "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
"""A browser without a window says so, and is taken for the robot that it is."""


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """The Chromium that scripts/browser.sh has found or fetched."""
    kept = Path(sys.prefix, "browser")
    assert kept.is_file(), "There is no Chromium: scripts/browser.sh gets one."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=kept.read_text().strip(), args=[*QUIET, AS_A_PERSON]
        )
        yield browser
        await browser.close()


class Complaints(list[str]):
    """What pages have written into their consoles."""

    def __init__(self) -> None:
        self.expected = False
        self.provoked: set[str] = set()

    @property
    def unexpected(self) -> list[str]:
        """Those that no test has announced."""
        return (
            [] if self.expected else [one for one in self if not any(word in one for word in self.provoked)]
        )


class Visit(Protocol):
    """Opens a page, in a profile of its own unless one is given."""

    complaints: Complaints

    async def __call__(self, url: str, *, context: BrowserContext | None = None, **options: Any) -> Page: ...


class Owner(Protocol):
    """Opens a page of the dashboard as the owner; `provoked` is what its console may complain of."""

    async def __call__(self, place: str, *, provoked: str = "", **options: Any) -> Page: ...


@pytest_asyncio.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """What a page complains of in its console fails the test, unless the test expects it."""
    complaints = Complaints()

    async def open_page(url: str, *, context: BrowserContext | None = None, **options: Any) -> Page:
        context = context or await browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda fault: complaints.append(f"{page.url}: {fault}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{page.url}: {said.text}") if said.type in {"error", "warning"} else None
            ),
        )
        await page.goto(url)
        return page

    open_page.complaints = complaints
    yield cast("Visit", open_page)
    assert complaints.unexpected == []


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of somebody's, on an origin of its own."""
    with Site() as site:
        yield site


@pytest_asyncio.fixture
async def owner(browser: Browser, visit: Visit, appliance: Appliance) -> Owner:
    said = command("setup-link", "--data-dir", appliance.data_dir)
    token = said.out.split()[0].rpartition("/")[2]
    signed_in = await browser.new_context()
    reply = await signed_in.request.post(f"{appliance.url}/api/v1/setup", data={"token": token})
    assert reply.ok
    state = await signed_in.storage_state()

    async def open_page(place: str, *, provoked: str = "", **options: Any) -> Page:
        context = await browser.new_context(storage_state=state, **options)
        page = await visit(f"{appliance.url}/#/{place}", context=context)
        visit.complaints.provoked.update({provoked} - {""})
        return page

    return open_page
