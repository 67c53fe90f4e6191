"""Arms that come and go, the mode, and combinations of elements, in the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.appliance import Appliance
from tests.browser.conftest import Owner
from tests.browser.test_pages import SIZES, faults

T0 = 1_767_000_000_000
"""A time in the past, in milliseconds."""
MINUTE = 60_000
ELEMENTS = {
    "button": ["Buy now", "Start your free trial", "Go"],
    "copy": ["Save time", "Ship tonight, sleep tomorrow", "Loved by 4,000 teams"],
}


@pytest.fixture
def going(appliance: Appliance) -> Appliance:
    """With an experiment of three arms that runs."""
    body = {"key": "hero", "arms": [{"key": key} for key in ("control", "bold", "calm")], "goal": "signup"}
    assert appliance.call("POST", "/api/v1/experiments", {**body, "start": True}).status == 201
    return appliance


@pytest.fixture
def combined(appliance: Appliance) -> Appliance:
    """With an experiment of two elements, of which much was brought in: one pair works, and only together."""
    elements = [
        {"key": key, "variants": [{"key": f"v{place}", "name": name} for place, name in enumerate(names)]}
        for key, names in ELEMENTS.items()
    ]
    body = {"key": "landing", "type": "multi_element", "elements": elements, "goal": "signup"}
    made = appliance.call("POST", "/api/v1/experiments", {**body, "source": "imported"})
    assert made.status == 201
    arms = made.json["arms"]
    visitors = [recorded(number, arms[number % len(arms)]) for number in range(900)]
    assert (
        appliance.call("POST", "/api/v1/import", {"experiment": "landing", "visitors": visitors}).status
        == 200
    )
    return appliance


def recorded(number: int, arm: dict[str, Any]) -> dict[str, Any]:
    """A visitor of a combination: every third converts with the pair that works, else every tenth."""
    at = T0 + number * MINUTE
    works = arm["variants"] == {"button": "v1", "copy": "v1"}
    converts = number // 9 % (3 if works else 10) == 0
    events = [{"name": "signup", "at": at + MINUTE}] if converts else []
    return {"visitor_id": f"v{number}", "arm": arm["key"], "at": at, "exposed_at": at, "events": events}


def hero(appliance: Appliance) -> Any:
    return appliance.call("GET", "/api/v1/experiments/hero").json


def last_allocation(appliance: Appliance) -> Any:
    return appliance.call("GET", "/api/v1/experiments/hero/allocations").json["allocations"][-1]


async def press(page: Page, name: str) -> None:
    """Presses a button as whoever goes by keyboard does."""
    await page.get_by_role("button", name=name).filter(visible=True).first.focus()
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("size", SIZES)
async def test_an_arm_is_dropped_and_brought_back_with_the_keyboard_alone(
    owner: Owner, going: Appliance, size: str
) -> None:
    page = await owner("experiments/my-site/hero", viewport=SIZES[size])
    arms = page.get_by_role("region", name="Arms", exact=True)
    await arms.wait_for()
    await press(page, "Stop showing this: bold")
    await page.keyboard.press("Escape")  # a slip moves nobody
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert last_allocation(going)["cause"] == "start"
    await page.keyboard.press("Enter")  # the focus is where it was
    await expect(page.get_by_role("dialog", name="Stop showing “bold”?")).to_be_visible()
    await page.keyboard.type("Too loud")
    await page.keyboard.press("Enter")
    await expect(arms.get_by_text("its visitors see the control").filter(visible=True)).to_be_visible()
    dropped = last_allocation(going)
    assert (dropped["cause"], dropped["reason"], dropped["weights"]["bold"]) == ("drop", "Too loud", 0)
    await expect(page.get_by_role("region", name="History", exact=True)).to_contain_text(
        "Stopped showing bold. Its visitors see the control."
    )
    # Of two that are left none can go.
    await expect(page.get_by_role("button", name="Stop showing this")).to_have_count(0)
    await press(page, "Bring back: bold")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert last_allocation(going)["cause"] == "restore"
    assert await faults(page) == []


async def test_another_variant_comes_in_while_it_runs(owner: Owner, going: Appliance) -> None:
    page = await owner("experiments/my-site/hero", provoked="409")
    await press(page, "Add another variant…")
    dialog = page.get_by_role("dialog", name="Add another variant")
    await page.keyboard.type("Bold")
    await dialog.get_by_text("Key and payload").click()
    await dialog.get_by_label("Key", exact=True).fill("bold")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("Another arm has the key bold already.")
    await dialog.get_by_label("Key", exact=True).fill("bolder")
    assert await faults(page) == []
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    assert [arm["key"] for arm in hero(going)["arms"]] == ["control", "bold", "calm", "bolder"]
    await expect(page.get_by_role("table", name="The arms").get_by_role("row", name="bolder")).to_be_visible()


async def test_the_mode_is_chosen_at_the_start_and_changed_later(owner: Owner, appliance: Appliance) -> None:
    page = await owner("experiments/new")
    await page.get_by_label("What do you try?").fill("Prices")
    await page.get_by_label("Arm 2", exact=True).fill("Higher")
    await page.get_by_label("What counts as success?").fill("order")
    await page.get_by_role("radio", name="Earn: most conversions now").check()
    await page.get_by_role("button", name="Start now").click()
    await expect(page.get_by_text("0 visitors so far.")).to_be_visible()
    assert appliance.call("GET", "/api/v1/experiments/prices").json["mode"] == "earn"
    await page.get_by_text("More about this experiment").click()
    await expect(page.get_by_text("adaptive, Earn: most conversions now")).to_be_visible()
    await page.get_by_role("button", name="Change…").click()
    await page.get_by_role("radio", name="Learn: find out soonest").check()
    assert await faults(page) == []
    await page.get_by_role("button", name="Change to Learn").click()
    await expect(page.get_by_text("adaptive, Learn: find out soonest")).to_be_visible()
    assert appliance.call("GET", "/api/v1/experiments/prices").json["mode"] == "learn"


async def test_fixed_shares_have_no_mode(owner: Owner, appliance: Appliance) -> None:
    page = await owner("experiments/new")
    await page.get_by_label("What do you try?").fill("Prices")
    await page.get_by_label("Arm 2", exact=True).fill("Higher")
    await page.get_by_label("What counts as success?").fill("order")
    await page.get_by_role("radio", name="Always the same shares").check()
    await page.get_by_role("button", name="Save as draft").click()
    await expect(page.get_by_text("Nobody takes part yet.")).to_be_visible()
    made = appliance.call("GET", "/api/v1/experiments/prices").json
    assert (made["allocation"], made["mode"]) == ("fixed", None)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_combinations_are_a_map_that_a_phone_has_room_for(
    owner: Owner, combined: Appliance, size: str, scheme: str
) -> None:
    page = await owner(
        "experiments/my-site/landing", viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce"
    )
    card = page.get_by_role("region", name="What each element does", exact=True)
    found = combined.call("GET", "/api/v1/experiments/landing/results").json
    cells = card.get_by_role("table").get_by_role("cell")
    for arm in found["arms"]:
        counts = f"{arm['conversions']} of {arm['exposed']}"
        await expect(cells.filter(has_text=counts).first).to_be_visible()
    for sentence in found["elements"]["sentences"]:
        await expect(card).to_contain_text(sentence)
    for pair in found["elements"]["together"]:
        await expect(card.get_by_text(pair["name"], exact=True)).to_be_visible()
    await page.get_by_role("region", name="Who saw what", exact=True).get_by_text("As a table").click()
    assert await faults(page) == []
