"""The doors that name one experiment, for a site that renders what it gets."""

import uuid

import pytest

ASSIGN = ["/tracker/assign", "/api/v1/tracker/assign"]


async def test_the_doors_are_closed_without_a_token(site):
    await site.experiment()
    for path in (
        *ASSIGN,
        "/tracker/convert",
        "/api/experiments/hero/assign",
        "/api/experiments/hero/convert",
    ):
        assert (await site.call("POST", path, {"browser_id": "v", "experiment": "hero"})).status == 401


@pytest.mark.parametrize("path", ASSIGN)
@pytest.mark.parametrize("name", ["visitor_id", "browser_id", "user_id"])
@pytest.mark.parametrize("experiment", ["experiment", "experiment_id"])
async def test_assign_renders_and_exposes(site, path, name, experiment):
    await site.experiment(arms=[{"key": "control", "payload": "x"}, {"key": "bold", "payload": "x"}])
    answer = await site.call("POST", path, {name: "v", experiment: "hero"}, by=site.token)
    assert answer.status == 200
    given = answer.json
    assert given == {
        "visitor_id": "v",
        "experiment": "hero",
        "arm": given["arm"],
        "variants": {"variant": given["arm"]},
        "payload": "x",
        "allocation": 1,
        "propensity": 0.5,
        "excluded": None,
    }
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 1


async def test_all_doors_give_the_same_arm(site):
    await site.experiment()
    by_assign = (await site.visit("POST", "/assign", {"visitor_id": "v"}))["assignments"]["hero"]["arm"]
    given = [
        await site.call("POST", "/tracker/assign", {"browser_id": "v", "experiment": "hero"}, by=site.token),
        await site.call("POST", "/api/v1/experiments/hero/assign", {"user_id": "v"}, by=site.token),
        await site.call("POST", "/api/experiments/hero/assign", {"user_id": "v"}, by=site.token),
        await site.call("GET", "/api/v1/experiments/hero/assignment/v", by=site.token),
    ]
    assert {answer.json["arm"] for answer in given} == {by_assign}
    assert await site.count("assignments") == 1


async def test_the_lookup_creates_once_and_may_leave_the_exposure_out(site):
    await site.experiment()
    first = await site.visit("GET", "/experiments/hero/assignment/v?expose=false")
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 0
    assert await site.visit("GET", "/experiments/hero/assignment/v") == first
    assert (await site.manage("GET", "/experiments/hero/results"))["summary"]["exposed"] == 1


async def test_ids_of_any_script_go_through_the_path(site):
    await site.experiment()
    for written, visitor in [("%E6%97%A5%20%2Fa", "日 /a"), ("a%2Bb", "a+b"), ("a+b", "a+b")]:
        assert (await site.visit("GET", f"/experiments/hero/assignment/{written}"))["visitor_id"] == visitor
    for written in ("%00", "x" * 129, "%0A"):
        answer = await site.call("GET", f"/api/v1/experiments/hero/assignment/{written}", by=site.token)
        assert answer.status == 400


async def test_who_takes_no_part_gets_the_control_and_is_not_counted(site):
    await site.experiment(
        arms=[{"key": "bold"}, {"key": "plain", "is_control": True}],
        targeting=[{"attribute": "country", "operator": "equals", "value": "NL"}],
    )
    await site.experiment("waiting", start=False)
    for path, body, reason in [
        ("/api/v1/experiments/hero/assign", {"visitor_id": "v"}, "targeting"),
        ("/tracker/assign", {"visitor_id": "v", "experiment": "waiting"}, "draft"),
    ]:
        given = (await site.call("POST", path, body, by=site.token)).json
        assert (given["excluded"], given["allocation"], given["propensity"]) == (reason, None, None)
        assert given["arm"] in ("plain", "control")
    assert await site.count("assignments") == 0
    inside = await site.visit(
        "POST", "/experiments/hero/assign", {"visitor_id": "v", "attributes": {"country": "NL"}}
    )
    assert inside["excluded"] is None


async def test_an_imported_experiment_is_refused(site):
    await site.experiment("old", start=False, source="imported")
    for path in ("assign", "convert"):
        answer = await site.call(
            "POST", f"/api/v1/experiments/old/{path}", {"visitor_id": "v"}, by=site.token
        )
        assert answer.status == 409


async def conversions(site, key="hero"):
    return (await site.manage("GET", f"/experiments/{key}/results"))["summary"]["conversions"]


async def test_convert_counts_the_primary_goal_once(site):
    await site.experiment()
    await site.call("POST", "/tracker/assign", {"browser_id": "v", "experiment": "hero"}, by=site.token)
    for _ in range(3):
        answer = await site.call(
            "POST", "/tracker/convert", {"browser_id": "v", "experiment": "hero"}, by=site.token
        )
        assert answer.status == 202
        assert answer.json == {"accepted": 1, "duplicates": 0, "goals": ["signup"]}
    assert await conversions(site) == 1


async def test_convert_without_an_experiment_counts_for_all_the_visitor_is_in(site):
    await site.experiment("one")
    await site.experiment("two", goal="purchase")
    await site.experiment("three", goal="other")
    for key in ("one", "two"):
        await site.visit("POST", f"/experiments/{key}/assign", {"visitor_id": "v"})
    answer = await site.visit("POST", "/tracker/convert", {"visitor_id": "v"}, 202)
    assert answer == {"accepted": 2, "duplicates": 0, "goals": ["signup", "purchase"]}
    assert [await conversions(site, key) for key in ("one", "two", "three")] == [1, 1, 0]
    stranger = await site.visit("POST", "/tracker/convert", {"visitor_id": "stranger"}, 202)
    assert stranger == {"accepted": 0, "duplicates": 0, "goals": []}


async def test_convert_names_a_goal_and_a_value(site):
    await site.experiment(
        goal=None, goals=[{"key": "signup", "role": "primary"}, {"key": "buy", "event": "order placed"}]
    )
    await site.visit("POST", "/experiments/hero/assign", {"visitor_id": "v"})
    for path, body in [
        ("/experiments/hero/convert", {"visitor_id": "v", "goal": "buy", "value": 20}),
        ("/tracker/convert", {"visitor_id": "v", "goal": "buy", "value": 5}),
    ]:
        assert (await site.visit("POST", path, body, 202))["goals"] == ["buy"]
    bought = await site.manage("GET", "/experiments/hero/results?goal=buy")
    assert bought["summary"]["conversions"] == 1
    assert sum(arm["value"] for arm in bought["arms"]) == 25
    assert await conversions(site) == 0


async def test_convert_with_an_id_can_be_sent_again(site):
    await site.experiment("one")
    await site.experiment("two", goal="purchase")
    for key in ("one", "two"):
        await site.visit("POST", f"/experiments/{key}/assign", {"visitor_id": "v"})
    for named in ({"experiment": "one"}, {}):
        body = {"visitor_id": "v", "id": str(uuid.uuid4()), **named}
        first = await site.visit("POST", "/tracker/convert", body, 202)
        again = await site.visit("POST", "/tracker/convert", body, 202)
        assert (again["accepted"], again["duplicates"]) == (0, first["accepted"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/tracker/assign", {"experiment": "hero"}, 400),
        ("/tracker/assign", {"browser_id": "v"}, 400),
        ("/tracker/assign", {"browser_id": "v", "visitor_id": "v", "experiment": "hero"}, 400),
        ("/tracker/assign", {"browser_id": "v", "experiment": "hero", "experiment_id": "hero"}, 400),
        ("/tracker/assign", {"browser_id": "v", "experiment": "nope"}, 404),
        ("/tracker/convert", {"browser_id": "v", "experiment": "nope"}, 404),
        ("/tracker/convert", {"browser_id": "v", "experiment": "hero", "goal": "nope"}, 404),
        ("/tracker/convert", {"browser_id": "v", "goal": "nope"}, 404),
        ("/tracker/convert", {"browser_id": "v", "value": 1e12}, 400),
        ("/tracker/convert", {"browser_id": "v", "id": "7"}, 400),
        ("/experiments/nope/assign", {"visitor_id": "v"}, 404),
        ("/experiments/hero/assign", {"visitor_id": "v" * 129}, 400),
        ("/experiments/hero/convert", {}, 400),
    ],
)
async def test_a_bad_request_is_refused(site, path, body, status):
    await site.experiment()
    answer = await site.call("POST", f"/api/v1{path}", body, by=site.token)
    assert answer.status == status
    assert await site.count("events") == 0
