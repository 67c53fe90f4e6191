"""The first run as a person does it: the link, one click, the lines to paste, and a first result, all in a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import expect

from tests.appliance import Appliance
from tests.browser.conftest import Owner, Visit
from tests.browser.site import SIGN_UP, Site

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


async def test_the_link_leads_to_a_result_by_clicking_and_pasting_alone(
    visit: Visit, appliance_on: Callable[..., Appliance], site: Site
) -> None:
    appliance = appliance_on("--refresh-seconds", "1").start()
    page = await visit(f"{appliance.url}/#/setup/{appliance.setup_token}")
    await page.get_by_role("button", name="Start using VibeVariant").click()
    await expect(page.get_by_role("heading", name="You are the owner now")).to_be_visible()
    assert appliance.setup_token not in page.url
    await expect(page.get_by_label("Your secret key")).to_contain_text("vv_sk_")

    await page.get_by_role("link", name="Set up your site").click()
    await page.get_by_role("button", name="Make this experiment").click()
    await expect(page.get_by_role("button", name="Make this experiment")).to_have_count(0)
    await expect(page.get_by_text("Waiting for it.")).to_be_visible()
    await page.get_by_text("Any page", exact=True).click()
    lines = await page.get_by_label("Lines to paste").inner_text()

    # Pasted as they stand into a site on another origin, and opened once.
    visitor = await visit(site.page("/", SIGN_UP + lines))
    await expect(page.get_by_text("A visitor was shown an arm: yes")).to_be_visible()
    await visitor.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_text("It works.")).to_be_visible()

    await page.get_by_role("link", name="See what it says").click()
    await expect(page.get_by_role("heading", name="Hero headline")).to_be_visible()
    shown = await visitor.get_by_role("heading").inner_text()
    arm = "Bold" if shown == "Your new headline" else "Control"
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=arm))
    await expect(row.get_by_role("cell").nth(0)).to_have_text("1")
    await expect(row.get_by_role("cell").nth(1)).to_have_text("1")
    await expect(page.get_by_role("heading", level=2).first).to_contain_text("signup")


async def test_the_lines_in_the_readme_work_as_they_stand(
    visit: Visit, appliance: Appliance, site: Site
) -> None:
    found = re.search(r"```html\n(.*?)```", README, re.DOTALL)
    assert found is not None
    lines = found[1].replace("http://localhost:8000", appliance.url)
    appliance.experiment("hero", allocation="fixed")
    page = await visit(site.page("/", SIGN_UP + lines.replace("vv_proj_YOUR_TOKEN", appliance.token)))
    await page.get_by_role("button", name="Sign up").click()
    await page.close()
    until = time.monotonic() + 20
    while appliance.call("GET", "/api/v1/experiments/hero/results").json["summary"]["conversions"] != 1:
        assert time.monotonic() < until
        time.sleep(0.05)


async def test_a_link_that_is_used_up_says_how_to_make_another(visit: Visit, appliance: Appliance) -> None:
    page = await visit(f"{appliance.url}/#/setup/{appliance.setup_token}")
    await expect(page.get_by_role("heading", name="This link is used up")).to_be_visible()
    await expect(page.get_by_text("vibevariant setup-link")).to_be_visible()


async def test_who_is_not_signed_in_is_asked_to_and_then_is_where_they_wanted_to_be(
    visit: Visit, appliance: Appliance
) -> None:
    appliance.experiment("hero")
    credentials = {"email": "owner@example.com", "password": "a long enough one"}
    assert appliance.call("PUT", "/api/v1/account", credentials).status == 200
    page = await visit(f"{appliance.url}/#/experiments/my-site/hero")
    await page.get_by_label("E-mail address").fill(credentials["email"])
    await page.get_by_label("Password").fill(credentials["password"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("0 visitors so far.")).to_be_visible()


async def test_the_examples_come_and_go_with_a_click(owner: Owner) -> None:
    page = await owner("start")
    await page.get_by_role("button", name="Show me with example data").click()
    await page.get_by_role("link", name="Look at the examples").click()
    await expect(page.get_by_role("heading", name="Examples")).to_be_visible()
    await expect(page.get_by_role("link", name="Homepage Hero Test")).to_be_visible()
    page = await owner("start")
    await page.get_by_role("button", name="Remove the examples").click()
    await expect(page.get_by_role("button", name="Show me with example data")).to_be_visible()
