"""What the tests in a real browser share: Chromium, an owner's page that must stay silent, and a site to visit."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.site import Site
from tests.appliance import Appliance, command

PATIENCE_MS = 20_000
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""A browser that speaks to nobody but the pages it is sent to."""


def chromium() -> str | None:
    """The system's Chromium; None means the one that Playwright has fetched."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def visit(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens pages, each in a profile of its own unless one is given; what they complain of fails the test."""
    complaints: list[str] = []

    async def open_page(url: str, *, context: BrowserContext | None = None, **options: object) -> Page:
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

    open_page.complaints = complaints  # a test that provokes one takes it out
    yield open_page
    assert complaints == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of somebody's, on an origin of its own."""
    with Site() as site:
        yield site


@pytest_asyncio.fixture
async def owner(visit: Callable[..., Awaitable[Page]], appliance: Appliance) -> BrowserContext:
    """A browser that is signed in as the owner of the appliance."""
    token = _new_link(appliance)
    page = await visit(f"{appliance.url}/#/setup/{token}")
    await page.get_by_role("button", name="Sign in as the owner").click()
    await page.get_by_role("heading", name="Experiments").or_(page.get_by_text("Secret key")).first.wait_for()
    await page.close()
    return page.context


def _new_link(appliance: Appliance) -> str:
    said = command("setup-link", "--data-dir", appliance.data_dir)
    return said.out.split()[0].rpartition("/")[2]
