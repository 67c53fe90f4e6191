"""A site with the SDK in a real browser: its visitors get their arm, keep it, and are counted, whatever happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import Visit
from tests.browser.site import SIGN_UP, Site

LINES = """<script type="module">
  import {{ createClient }} from "{sdk}/sdk/vibevariant.js";
  const vv = createClient({{ url: "{url}", token: "{token}", timeout: 1000 }});
  await vv.ready;
  const arm = vv.variant("hero", ["control", "bold"]);
  document.querySelector("h1").textContent = arm;
  document.title = vv.visitorId;
  vv.expose("hero");
  document.querySelector("form").addEventListener("submit", () => vv.track("signup"));
</script>"""
ARMS = ("control", "bold")


@pytest.fixture
def page_of(site: Site, appliance: Appliance) -> str:
    appliance.experiment("hero", allocation="fixed")
    return site.page("/", SIGN_UP + LINES.format(sdk=appliance.url, url=appliance.url, token=appliance.token))


async def arm_on(page: Page) -> str:
    heading = page.get_by_role("heading")
    await expect(heading).not_to_have_text("Your headline")
    return await heading.inner_text()


def stored(appliance: Appliance) -> dict[str, tuple[str, bool, int]]:
    """The arm of each visitor, whether it was shown, and how often the visitor signed up."""
    rows = appliance.rows(
        "select v.visitor, a.arm, a.exposed_at is not null,"
        " (select count(*) from events e where e.visitor_id = v.id and e.name = 'signup')"
        " from assignments a join visitors v on v.id = a.visitor_id"
    )
    return {visitor: (ARMS[arm], bool(shown), signups) for visitor, arm, shown, signups in rows}


async def until(claim: Callable[[], bool], page: Page) -> None:
    """What a page sends when it is left arrives a moment later."""
    for _ in range(100):
        if claim():
            return
        await page.wait_for_timeout(50)
    assert claim()


async def test_every_visitor_sees_the_arm_that_is_stored_and_converts_once(
    visit: Visit, browser: Browser, appliance: Appliance, page_of: str
) -> None:
    seen: dict[str, str] = {}
    for number in range(6):
        page = await visit(page_of)
        seen[await page.title()] = await arm_on(page)
        if number % 2:
            await page.get_by_role("button", name="Sign up").click()
        # Left at once: what was not sent yet goes along by beacon.
        await page.close(run_before_unload=True)
    watching = await browser.new_page()
    await until(lambda: sum(signups for *_, signups in stored(appliance).values()) == 3, watching)
    await until(lambda: all(shown for _, shown, _ in stored(appliance).values()), watching)
    assert {visitor: arm for visitor, (arm, *_) in stored(appliance).items()} == seen
    results = appliance.call("GET", "/api/v1/experiments/hero/results").json
    counted = {arm["key"]: arm["exposed"] for arm in results["arms"]}
    assert Counter(counted) == Counter(seen.values())
    assert results["summary"]["conversions"] == 3


async def test_a_visitor_who_returns_keeps_the_arm_and_counts_once(
    visit: Visit, appliance: Appliance, page_of: str
) -> None:
    page = await visit(page_of)
    first, visitor = await arm_on(page), await page.title()
    for _ in range(3):
        await page.reload()
        assert (await arm_on(page), await page.title()) == (first, visitor)
    await until(
        lambda: bool(stored(appliance)) and all(shown for _, shown, _ in stored(appliance).values()), page
    )
    assert stored(appliance) == {visitor: (first, True, 0)}


async def test_while_the_appliance_is_down_the_page_works_and_nothing_is_lost(
    visit: Visit, appliance: Appliance, page_of: str, site: Site
) -> None:
    visit.complaints.expected = True  # a browser writes into its console that a server did not answer
    sdk = appliance.call("GET", "/sdk/vibevariant.js").body.decode()
    bundled = LINES.format(sdk="", url=appliance.url, token=appliance.token).replace(
        'from "/sdk/vibevariant.js"', 'from "./vibevariant.js"'
    )
    site.scripts["/vibevariant.js"] = sdk  # as a site carries it whose tools have bundled it
    address = site.page("/bundled", SIGN_UP + bundled)
    known = await visit(address)
    kept = await arm_on(known)
    await until(lambda: any(shown for _, shown, _ in stored(appliance).values()), known)
    assert appliance.stop() == 0

    await known.reload()
    assert await arm_on(known) == kept
    fresh = await visit(address)
    local = await arm_on(fresh)
    await fresh.get_by_role("button", name="Sign up").click()

    appliance.start()
    await fresh.reload()
    assert await arm_on(fresh) == local
    visitor = await fresh.title()
    await until(lambda: stored(appliance).get(visitor) == (local, True, 1), fresh)


async def test_a_page_works_when_a_blocker_lets_nothing_through(
    visit: Visit, browser: Browser, appliance: Appliance, page_of: str
) -> None:
    visit.complaints.expected = True
    context = await browser.new_context()
    await context.route("**/api/v1/**", lambda route: route.abort())
    page = await visit(page_of, context=context)
    assert await arm_on(page) in ARMS
    await page.get_by_role("button", name="Sign up").click()
    assert stored(appliance) == {}
