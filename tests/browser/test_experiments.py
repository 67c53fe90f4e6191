"""Experiments in the page: written down, started, paused, ended."""

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
VISITORS = 400


def recorded(number: int) -> dict[str, Any]:
    """A visitor of a history: signals, some orders with a value, more of them with the bold arm."""
    bold = number % 2 == 1
    at = T0 + number * MINUTE
    done: list[dict[str, Any]] = [
        {"name": "$scroll", "at": at + 1000, "value": 0.7 if bold else 0.4},
        {"name": "$time", "at": at + 2000, "value": 40 if bold else 25},
    ]
    if number % (5 if bold else 8) == 0:
        done.append({"name": "order", "at": at + MINUTE, "value": 20 + number % 30})
    if number % 3 == 0:
        done.append({"name": "newsletter", "at": at + MINUTE})
    if number % 7 == 0:
        done.append({"name": "return", "at": at + 2 * MINUTE})
    return {
        "visitor_id": f"v{number}",
        "arm": "bold" if bold else "control",
        "at": at,
        "exposed_at": at,
        "events": done,
    }


@pytest.fixture
def known(appliance: Appliance) -> Appliance:
    """With an experiment of three goals, of which much was brought in."""
    roles = {"order": "primary", "newsletter": "secondary", "return": "guardrail"}
    goals = [{"key": key, "role": role} for key, role in roles.items()]
    arms = [{"key": "control"}, {"key": "bold"}]
    body = {"key": "offer", "arms": arms, "goals": goals, "source": "imported"}
    assert appliance.call("POST", "/api/v1/experiments", body).status == 201
    history = {"experiment": "offer", "visitors": [recorded(number) for number in range(VISITORS)]}
    assert appliance.call("POST", "/api/v1/import", history).status == 200
    return appliance


def results(appliance: Appliance) -> Any:
    return appliance.call("GET", "/api/v1/experiments/offer/results").json


async def card(page: Page, title: str) -> str:
    return await page.get_by_role("region", name=title, exact=True).inner_text()


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


async def test_the_answer_is_said_in_the_appliance_s_own_words(owner: Owner, known: Appliance) -> None:
    page = await owner("experiments/my-site/offer")
    decision = results(known)["decision"]
    answer = page.locator("section", has=page.get_by_role("heading", level=2)).first
    for words in ("sentence", "sure", "stakes", "outlook", "false_alarms"):
        for sentence in filter(None, (decision[words] or "").split(". ")):
            await expect(answer).to_contain_text(sentence)
    await expect(page.get_by_text("How sure", exact=True)).to_be_visible()
    await expect(page.get_by_text("What is at stake", exact=True)).to_be_visible()


async def test_the_other_goals_are_told_beside_the_answer(owner: Owner, known: Appliance) -> None:
    page = await owner("experiments/my-site/offer")
    await page.get_by_role("region", name="Other goals", exact=True).wait_for()
    told = await card(page, "Other goals")
    for goal in results(known)["goals"]:
        assert f"‘{goal['key']}’" in told
        for arm in goal["arms"]:
            assert f"{arm['conversions']} of {arm['exposed']} (" in told
    assert told.count("no harm proven") + told.count("harm is proven") == 1


async def test_another_goal_is_read_in_its_place(owner: Owner, known: Appliance) -> None:
    page = await owner("experiments/my-site/offer")
    await page.get_by_label("Results for the goal").select_option("newsletter")
    await expect(page.get_by_text("Goal: ‘newsletter’")).to_be_visible()
    await expect(page.get_by_role("region", name="Other goals", exact=True)).to_contain_text("‘order’")


@pytest.mark.parametrize("size", SIZES)
async def test_statisticians_find_their_numbers_and_where_they_come_from(
    owner: Owner, known: Appliance, size: str
) -> None:
    page = await owner("experiments/my-site/offer", viewport=SIZES[size], reduced_motion="reduce")
    await page.get_by_text("For statisticians").click()
    arms = page.get_by_role("table", name="Each arm on its own")
    await expect(arms.get_by_role("row", name="bold")).to_contain_text("Beta(")
    await page.get_by_text("Formulas and sources").first.click()
    await expect(page.get_by_text("Gelman et al., Bayesian Data Analysis").first).to_be_visible()
    assert await faults(page) == []


async def test_what_visitors_bring_and_do_stands_on_cards_of_its_own(owner: Owner, known: Appliance) -> None:
    found = results(known)
    assert found["values"] is not None
    assert found["early"] is not None
    page = await owner("experiments/my-site/offer")
    early = page.get_by_role("region", name="Early signs, not conversions", exact=True)
    await expect(early).to_contain_text(found["early"]["sentence"])
    await expect(early.get_by_role("row", name="bold")).to_contain_text("70 %")
    value = page.get_by_role("region", name="What a visitor brings", exact=True)
    bought = found["values"]["arms"]["bold"]
    await expect(value.get_by_role("row", name="bold")).to_contain_text(
        f"{bought['buyers']} of {bought['exposed']}"
    )
