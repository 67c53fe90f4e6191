"""Experiments in the page: written down, started, paused, ended."""

from __future__ import annotations

from playwright.async_api import expect

from tests.appliance import Appliance
from tests.browser.conftest import Owner


async def test_an_experiment_is_written_down_with_the_keyboard_alone(
    owner: Owner, appliance: Appliance
) -> None:
    page = await owner("experiments/new")
    await page.get_by_label("What do you try?").focus()
    await page.keyboard.type("A shorter form")
    await page.get_by_label("Arm 2", exact=True).focus()
    await page.keyboard.type("Two fields")
    await page.get_by_label("What counts as success?").focus()
    await page.keyboard.type("signup")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("0 visitors so far.")).to_be_visible()
    made = appliance.call("GET", "/api/v1/experiments/a-shorter-form").json
    assert (made["name"], made["status"], made["allocation"]) == ("A shorter form", "running", "adaptive")
    assert [arm["name"] for arm in made["arms"]] == ["Control", "Two fields"]
    assert [(goal["key"], goal["event"]) for goal in made["goals"]] == [("signup", "signup")]


async def test_what_is_wrong_is_said_at_its_place_and_what_was_typed_stays(
    owner: Owner, appliance: Appliance
) -> None:
    appliance.experiment("hero")
    page = await owner("experiments/new", provoked="409")
    await page.get_by_label("What do you try?").fill("Hero")
    await page.get_by_label("Arm 2", exact=True).fill("Loud")
    await page.get_by_role("button", name="Start now").click()
    await expect(page.get_by_label("What counts as success?")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("What counts as success?").fill("signup")
    await page.get_by_role("button", name="Start now").click()
    await expect(page.get_by_label("Key of the experiment")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Key of the experiment").fill("hero-2")
    await page.get_by_role("button", name="Save as draft").click()
    await expect(page.get_by_text("Nobody takes part yet.")).to_be_visible()
    assert appliance.call("GET", "/api/v1/experiments/hero-2").json["status"] == "draft"


async def test_a_life_from_draft_to_winner_in_the_page(owner: Owner, appliance: Appliance) -> None:
    appliance.experiment("hero", start=False)
    page = await owner("experiments/my-site/hero")

    def status() -> str:
        return str(appliance.call("GET", "/api/v1/experiments/hero").json["status"])

    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert status() == "running"
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert status() == "paused"
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Complete…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("radio", name="bold").check()
    await expect(dialog).to_contain_text("every visitor gets bold")
    await page.keyboard.press("Escape")  # a slip ends nothing
    await expect(dialog).to_have_count(0)
    assert status() == "running"
    await page.get_by_role("button", name="Complete…").click()
    await dialog.get_by_role("radio", name="bold").check()
    await dialog.get_by_role("button", name="Complete with this winner").click()
    await expect(page.get_by_text("Completed").first).to_be_visible()
    assert appliance.call("GET", "/api/v1/experiments/hero").json["winner"] == "bold"
