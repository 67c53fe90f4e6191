"""The prior is chosen with the experiment, shown with it, and fixed once it has started."""

import pytest

NEW = {"key": "hero", "arms": [{"key": "a"}, {"key": "b"}], "goal": "signup"}


@pytest.mark.parametrize("prior", ["learned", "flat", "jeffreys", {"alpha": 2.5, "beta": 97.5}])
async def test_the_chosen_prior_is_shown(site, prior):
    made = await site.manage("POST", "/experiments", NEW | {"prior": prior}, 201)
    assert made["prior"] == prior
    assert (await site.manage("GET", "/experiments"))["experiments"][0]["prior"] == prior


async def test_it_is_learned_unless_something_else_is_chosen(site):
    assert (await site.manage("POST", "/experiments", NEW, 201))["prior"] == "learned"


@pytest.mark.parametrize(
    ("prior", "field"),
    [
        ("beta", "prior"),
        (5, "prior"),
        ({"alpha": 1}, "prior.beta"),
        ({"alpha": 0.001, "beta": 1}, "prior.alpha"),
        ({"alpha": 1, "beta": 1e7}, "prior.beta"),
        ({"alpha": 1, "beta": 1, "mean": 0.5}, "prior.mean"),
    ],
)
async def test_what_is_no_prior_leaves_nothing_behind(site, prior, field):
    answer = await site.call("POST", "/api/v1/experiments", NEW | {"prior": prior}, by=site.key)
    assert answer.status == 400
    assert field in {error["pointer"].lstrip("/").replace("/", ".") for error in answer.json["errors"]}
    assert await site.count("experiments") == 0


async def test_a_drafts_prior_may_be_changed_and_a_running_ones_may_not(site):
    await site.manage("POST", "/experiments", NEW, 201)
    changed = await site.manage("PATCH", "/experiments/hero", {"prior": {"alpha": 1, "beta": 9}})
    assert changed["prior"] == {"alpha": 1, "beta": 9}
    await site.manage("POST", "/experiments/hero/start")
    await site.manage("PATCH", "/experiments/hero", {"prior": {"alpha": 1, "beta": 9}, "name": "Hero"})
    refused = await site.call("PATCH", "/api/v1/experiments/hero", {"prior": "flat"}, by=site.key)
    assert (refused.status, refused.json["field"]) == (409, "prior")
    kept = (await site.manage("GET", "/experiments"))["experiments"][0]
    assert (kept["prior"], kept["name"]) == ({"alpha": 1, "beta": 9}, "Hero")
