"""Every page: no barrier that axe finds, nothing that leaves a phone's width, nothing from elsewhere, any sub-path."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, expect

from tests.appliance import Appliance
from tests.browser.conftest import Owner, Visit
from tests.browser.proxy import proxy
from tests.browser.site import Site

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LARGEST = 180_000
"""Bytes of script and style, compressed, that all pages have together."""

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
PAGES = {
    "start": ("start", "Lines to paste"),
    "experiments": ("experiments", "Homepage Hero Test"),
    "new": ("experiments/new", "What visitors get"),
    "ship": ("experiments/example/homepage-hero", "Chance of being best"),
    "headline": ("experiments/example/headline-1", "Chance of being best"),
    "empty": ("experiments/my-site/hero", "0 visitors so far"),
    "gone": ("experiments/my-site/nothing", "There is no such experiment"),
    "account": ("account", "Sign out"),
}


@pytest.fixture
def full(appliance: Appliance) -> Appliance:
    """With the examples, read by the job, and an experiment that nobody has visited."""
    appliance.experiment("hero")
    assert appliance.call("POST", "/api/v1/examples").status == 202
    until = time.monotonic() + 60
    while not examples_are_read(appliance):
        assert time.monotonic() < until
        time.sleep(0.1)
    return appliance


def examples_are_read(appliance: Appliance) -> bool:
    loaded = appliance.call("GET", "/api/v1/examples").json["state"] == "loaded"
    return loaded and all(
        each["decision"]
        for each in appliance.call("GET", "/api/v1/experiments?project=example").json["experiments"]
    )


async def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    await page.evaluate(AXE)
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(result => result.violations.map("
        "one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 200)).join(' | ')))",
        RULES,
    )
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"{wide} px too wide"] if wide > 0 else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_barrier_or_leaves_its_width(full: Appliance, owner: Owner, scheme: str) -> None:
    wrong: dict[str, list[str]] = {}
    for size, viewport in SIZES.items():
        page = await owner(
            "account", provoked="404", color_scheme=scheme, viewport=viewport, reduced_motion="reduce"
        )
        for name, (place, there) in PAGES.items():
            await page.goto(f"{full.url}/#/{place}")
            await page.get_by_text(there).or_(page.get_by_label(there)).filter(visible=True).first.wait_for()
            if name in {"ship", "headline"}:
                await page.locator("figure svg path").first.wait_for()
            if found := await faults(page):
                wrong[f"{name} on a {size}"] = found
    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_before_the_sign_in_has_a_barrier(
    visit: Visit, appliance_on: Callable[..., Appliance], scheme: str
) -> None:
    appliance = appliance_on().start()
    page = await visit(
        f"{appliance.url}/#/setup/{appliance.setup_token}", color_scheme=scheme, viewport=SIZES["phone"]
    )
    await page.get_by_role("button", name="Start using VibeVariant").wait_for()
    assert await faults(page) == []
    await page.goto(f"{appliance.url}/#/experiments")
    await page.get_by_role("heading", name="Nobody owns this appliance yet").wait_for()
    assert await faults(page) == []
    appliance.set_up()
    await page.reload()
    await page.get_by_role("button", name="Sign in").wait_for()
    assert await faults(page) == []


async def test_the_page_works_under_a_path_and_asks_nobody_else(
    visit: Visit, appliance_on: Callable[..., Appliance], browser: Browser
) -> None:
    appliance = appliance_on().start()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    async with proxy(appliance.url, "/tools/vv") as url:
        context = await browser.new_context()
        context.on("request", note)
        page = await visit(f"{url}/#/setup/{appliance.setup_token}", context=context)
        await page.get_by_role("button", name="Start using VibeVariant").click()
        await page.get_by_role("link", name="Set up your site").click()
        await expect(page.get_by_label("Lines to paste")).to_contain_text(f"- Server: {url}")
        await page.get_by_role("button", name="Make this experiment").click()
        await page.get_by_role("link", name="Experiments").click()
        await page.get_by_role("link", name="Hero headline").click()
        await expect(page.get_by_text("0 visitors so far.")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("0 visitors so far.")).to_be_visible()
        assert [url_ for url_ in asked if not url_.startswith((url, "data:"))] == []
        assert any("/assets/" in url_ for url_ in asked)
        await page.close()


async def test_the_look_for_barriers_sees_one(visit: Visit, site: Site) -> None:
    page = await visit(
        site.page("/", '<main><h1>A page</h1><p style="color:#999;width:2000px">pale</p></main>')
    )
    found = await faults(page)
    assert [fault.partition(":")[0] for fault in found[:-1]] == ["color-contrast"]
    assert found[-1].endswith("px too wide")


def test_script_and_style_stay_within_their_budget() -> None:
    built = ROOT / "vibevariant/dashboard/assets"
    sizes = {
        file.name: len(gzip.compress(file.read_bytes(), 9, mtime=0))
        for file in built.iterdir()
        if file.suffix in {".js", ".css"}
    }
    assert 0 < sum(sizes.values()) <= LARGEST, sizes
