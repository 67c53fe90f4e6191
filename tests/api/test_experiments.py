"""Experiments are made whole or not at all, listed, changed and deleted."""

import asyncio
from urllib.parse import urljoin

import pytest

TABLES = ("experiments", "elements", "element_variants", "experiment_goals", "goals", "allocations")
ARMS = [{"key": "control"}, {"key": "bold"}]


def new(**settings):
    given = {"key": "hero", "arms": ARMS, "goal": "signup"} | settings
    return {name: value for name, value in given.items() if value is not ...}


async def make(site, body):
    return await site.call("POST", "/api/v1/experiments", body, by=site.key)


async def test_nobody_makes_one_without_a_key(site):
    for by in (None, site.token):
        assert (await site.call("POST", "/api/experiments", new(), by=by)).status in (401, 403)
    assert await site.count("experiments") == 0


async def test_a_new_one_may_start_at_once(site):
    made = (await make(site, new(start=True))).json
    assert (made["status"], made["allocation_number"]) == ("running", 1)
    assert made["started_at"] == made["created_at"]
    [allocation] = (await site.manage("GET", "/experiments/hero/allocations"))["allocations"]
    assert allocation["cause"] == "start"


async def test_what_was_recorded_elsewhere_does_not_start_at_once(site):
    answer = await make(site, new(start=True, source="imported"))
    assert answer.status == 400
    assert "first import" in answer.json["detail"]
    assert await site.count("experiments") == 0


async def test_a_new_one_is_a_draft_and_says_where_it_is(site):
    answer = await make(site, new(name="Hero", description="Which one?", arms=[
        {"key": "control", "name": "As it is", "weight": 25, "payload": {"text": "Hello"}},
        {"key": "bold", "weight": 75},
    ]))  # fmt: skip
    assert answer.status == 201
    where = urljoin("/vv/api/v1/experiments", answer.headers["Location"])
    assert where == "/vv/api/v1/experiments/hero?project=site"
    made = answer.json
    assert made["status"] == "draft"
    assert made["allocation"] == "adaptive"
    assert made["arms"] == [
        {
            "id": "control", "key": "control", "name": "As it is", "weight": 0.25, "is_control": True, "dropped": False,
            "variants": {"variant": "control"}, "payload": {"text": "Hello"},
        },
        {
            "id": "bold", "key": "bold", "name": "bold", "weight": 0.75, "is_control": False, "dropped": False,
            "variants": {"variant": "bold"}, "payload": None,
        },
    ]  # fmt: skip
    assert made["goals"] == [{"key": "signup", "event": "signup", "role": "primary", "window_hours": None}]
    shown = await site.manage("GET", "/experiments/hero")
    assert {name: value for name, value in shown.items() if name != "stats"} == made
    assert await site.manage("GET", "/experiments") == {"experiments": [made]}


async def test_an_ab_test_has_one_implied_element(site):
    await site.manage("POST", "/experiments", new(), 201)
    assert await site.count("elements") == 1


async def test_a_multi_element_experiment_has_an_arm_for_every_combination(site):
    elements = [
        {"key": "headline", "variants": [{"key": "plain"}, {"key": "bold"}]},
        {"key": "button", "variants": [{"key": "green"}, {"key": "red"}, {"key": "blue"}]},
    ]
    made = await site.manage(
        "POST", "/experiments", new(arms=..., type="multi_element", elements=elements), 201
    )
    assert [arm["key"] for arm in made["arms"]] == [
        f"{headline}.{button}" for headline in ("plain", "bold") for button in ("green", "red", "blue")
    ]
    assert sum(arm["weight"] for arm in made["arms"]) == pytest.approx(1)
    assert [arm["is_control"] for arm in made["arms"]] == [True] + [False] * 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (new(key="No Key"), "key"),
        (new(key="x" * 65), "key"),
        (new(key=...), "key"),
        (new(arms=[{"key": "only"}]), "arms"),
        (new(arms=[{"key": "a"}, {"key": "a"}]), "arms"),
        (new(arms=[{"key": f"a{n}"} for n in range(50)]), "arms"),
        (new(arms=...), "arms"),
        (new(arms=[{"key": "a", "weight": 30}, {"key": "b", "weight": 30}]), "arms"),
        (new(arms=[{"key": "a", "weight": 50}, {"key": "b"}]), "arms[1].weight"),
        (new(arms=[{"key": "a", "weight": -1}, {"key": "b", "weight": 101}]), "arms[0].weight"),
        (new(arms=[{"key": "a", "weight": float("nan")}, {"key": "b", "weight": 1}]), "arms[0].weight"),
        (new(arms=[{"key": "a", "weight": 0}, {"key": "b", "weight": 1}]), "arms[0].weight"),
        (new(arms=[{"key": "a", "is_control": True}, {"key": "b", "is_control": True}]), "arms"),
        (new(arms=[{"key": "a", "payload": "x" * 20_000}, {"key": "b"}]), "arms[0].payload"),
        (new(arms=[{"key": "a", "payload": float("inf")}, {"key": "b"}]), "arms[0].payload"),
        (new(arms=[{"key": "a", "payload": [[[[[[1]]]]]]}, {"key": "b"}]), "arms[0].payload"),
        (new(arms=[{"key": "a", "name": "\x1b[31m"}, {"key": "b"}]), "arms[0].name"),
        (new(type="split"), "type"),
        (new(type="multi_element"), "arms"),
        (new(elements=[{"key": "e", "variants": ARMS}, {"key": "f", "variants": ARMS}]), "elements"),
        (new(allocation="random"), "allocation"),
        (new(goal=...), None),
        (new(goals=[{"key": "a"}]), None),
        (new(goal=..., goals=[{"key": "a"}, {"key": "b"}]), "goals"),
        (new(goal=..., goals=[{"key": "a", "event": "$exposure"}]), "goals[0].event"),
        (new(goal=..., goals=[{"key": "a", "window_hours": 0}]), "goals[0].window_hours"),
        (new(goal=..., goals=[{"key": "a", "window_hours": 8761}]), "goals[0].window_hours"),
        (new(traffic=0), "traffic"),
        (new(traffic=1.5), "traffic"),
        (new(targeting=[{"attribute": "a", "operator": "matches", "value": ".*"}]), "targeting[0].operator"),
        (new(targeting=[{"attribute": "a", "operator": "equals", "value": {}}]), "targeting[0].value"),
        (new(colour="red"), "colour"),
        (new(status="running"), "status"),
        (new(name=7), "name"),
        (new(project="nobody"), "project"),
    ],
)
async def test_a_bad_definition_leaves_nothing_behind(site, body, field):
    answer = await make(site, body)
    assert answer.status == (404 if field == "project" else 400)
    assert answer.json.get("field") == field
    assert [await site.count(table) for table in TABLES] == [0] * len(TABLES)


async def test_a_failure_half_way_leaves_nothing_behind(site):
    await site.manage("POST", "/experiments", new(), 201)
    before = [await site.count(table) for table in TABLES]
    goals = [{"key": "fresh", "role": "primary"}, {"key": "signup", "event": "another event"}]
    answer = await make(site, new(key="second", goal=..., goals=goals))
    assert (answer.status, answer.json["code"]) == (409, "key_taken")
    assert [await site.count(table) for table in TABLES] == before


async def test_of_many_with_one_key_at_once_one_is_made(site):
    answers = await asyncio.gather(*(make(site, new()) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert await site.count("experiments") == 1


async def test_members_that_stand_twice_are_refused(site):
    raw = b'{"key": "hero", "key": "other", "arms": [{"key": "a"}, {"key": "b"}], "goal": "signup"}'
    assert (await site.call("POST", "/api/v1/experiments", raw=raw, by=site.key)).status == 400


async def test_the_list_is_filtered_by_project_and_status(site):
    await site.manage("POST", "/projects", {"key": "other"}, 201)
    await site.experiment("runs", project="site")
    await site.experiment("waits", project="other", start=False)

    async def keys(query):
        return [e["key"] for e in (await site.manage("GET", f"/experiments{query}"))["experiments"]]

    assert await keys("") == ["runs", "waits"]
    assert await keys("?project=other") == ["waits"]
    assert await keys("?status=running") == ["runs"]
    assert await keys("?status=running&project=other") == []
    for query, status in [("?status=done", 400), ("?project=nobody", 404), ("?stauts=draft", 400)]:
        assert (await site.call("GET", f"/api/v1/experiments{query}", by=site.key)).status == status


async def test_a_key_in_two_projects_asks_which(site):
    await site.manage("POST", "/projects", {"key": "other"}, 201)
    assert (await make(site, new())).json["field"] == "project"
    for project in ("site", "other"):
        await site.manage("POST", "/experiments", new(project=project), 201)
    for method, path in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/start"), ("GET", "/results")]:
        answer = await site.call(
            method, f"/api/v1/experiments/hero{path}", {} if method == "PATCH" else None, by=site.key
        )
        assert (answer.status, answer.json["field"]) == (400, "project")
    await site.manage("POST", "/experiments/hero/start?project=other")
    assert (await site.manage("GET", "/experiments/hero?project=other"))["status"] == "running"
    assert (await site.manage("GET", "/experiments/hero?project=site"))["status"] == "draft"
    await site.manage("DELETE", "/experiments/hero?project=other", expect=204)
    assert (await site.manage("GET", "/experiments/hero"))["project"] == "site"


async def test_a_change_of_texts_makes_no_allocation(site):
    await site.experiment()
    changed = await site.manage(
        "PATCH", "/experiments/hero",
        {"name": "New", "description": "", "targeting": [{"attribute": "a", "operator": "exists"}]},
    )  # fmt: skip
    assert (changed["name"], changed["description"], changed["allocation_number"]) == ("New", "", 1)
    assert changed["targeting"] == [{"attribute": "a", "operator": "exists", "value": True}]
    assert (await site.manage("PATCH", "/experiments/hero", {}))["name"] == "New"


async def test_a_change_of_weights_or_traffic_is_a_numbered_allocation(site):
    await site.experiment()
    site.clock.advance(hours=1)
    changed = await site.manage(
        "PATCH", "/experiments/hero", {"weights": {"bold": 0.9, "control": 0.1}, "traffic": 0.5}
    )
    assert [arm["weight"] for arm in changed["arms"]] == [0.1, 0.9]
    assert (changed["traffic"], changed["allocation_number"]) == (0.5, 2)
    history = (await site.manage("GET", "/experiments/hero/allocations"))["allocations"]
    assert [(a["number"], a["weights"], a["traffic"], a["cause"]) for a in history] == [
        (1, {"control": 0.5, "bold": 0.5}, 1.0, "start"),
        (2, {"control": 0.1, "bold": 0.9}, 0.5, "change"),
    ]
    assert history[1]["started_at"] - history[0]["started_at"] == 3_600_000
    assert history[1]["actor"].startswith("vv_sk_")
    assert site.key not in str(history)


@pytest.mark.parametrize(
    ("allocation", "change", "status"),
    [
        ("fixed", {"weights": {"control": 1}}, 400),
        ("fixed", {"weights": {"control": 0.5, "bold": 0.6}}, 400),
        ("fixed", {"weights": {"control": 0.5, "bold": 0.5, "red": 0}}, 400),
        ("fixed", {"weights": [50, 50]}, 400),
        ("fixed", {"traffic": 0}, 400),
        ("fixed", {"status": "paused"}, 400),
        ("fixed", {"key": "new"}, 400),
        ("fixed", {"targeting": [{"attribute": "a", "operator": "in", "value": []}]}, 400),
        ("adaptive", {"weights": {"control": 0.5, "bold": 0.5}}, 409),
    ],
)
async def test_a_bad_change_changes_nothing(site, allocation, change, status):
    before = await site.experiment(allocation=allocation)
    answer = await site.call("PATCH", "/api/v1/experiments/hero", change, by=site.key)
    assert answer.status == status
    after = await site.manage("GET", "/experiments/hero")
    assert {name: after[name] for name in before} == before


async def test_what_is_deleted_is_gone_and_its_key_is_free(site):
    await site.experiment()
    await site.visit("POST", "/assign", {"visitor_id": "v", "expose": True})
    await site.manage("DELETE", "/experiments/hero", expect=204)
    assert (await site.call("GET", "/api/v1/experiments/hero", by=site.key)).status == 404
    assert await site.count("assignments") == 0
    await site.experiment()
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 0


async def test_the_same_object_stands_in_the_details_and_in_the_results(site):
    await site.experiment()
    for number in range(8):
        await site.visit("POST", "/assign", {"visitor_id": f"v{number}", "expose": True})
    details = await site.manage("GET", "/experiments/hero")
    assert details["stats"] == await site.manage("GET", "/experiments/hero/results")
    assert details["key"] == "hero"
    for path in ("/api/v1/experiments/hero/analytics", "/api/experiments/hero/analytics"):
        assert (await site.call("GET", path, by=site.key)).json == details["stats"]


async def test_keys_with_sql_in_them_are_just_unknown(site):
    await site.experiment()
    for key in ("hero' or '1'='1", "hero;drop table experiments", 'hero"', "%", "hero--"):
        answer = await site.call("GET", f"/api/v1/experiments/{key.replace('%', '%25')}", by=site.key)
        assert answer.status == 404
    assert await site.count("experiments") == 1
