"""The curves behind the results: the same filters, the same refusals, and numbers that can be drawn."""

import pytest


@pytest.fixture
async def counted(site):
    """Visitors of two days; those of the second one convert."""
    await site.experiment()
    for day in range(2):
        for number in range(15):
            visitor = f"v{day}-{number}"
            await site.visit("POST", "/experiments/hero/assign", {"visitor_id": visitor})
            if day:
                await site.visit("POST", "/events", {"visitor_id": visitor, "name": "signup"}, 202)
        site.clock.advance(days=1)
    return site


async def asked(site, query=""):
    return await site.manage("GET", f"/experiments/hero/densities{query}")


def means(drawn):
    """The mean rate of each curve, by the trapezoid rule."""
    rates = drawn["rates"]
    found = {}
    for arm in drawn["arms"]:
        heights = [rate * density for rate, density in zip(rates, arm["density"], strict=True)]
        found[arm["key"]] = sum(
            (heights[n] + heights[n + 1]) / 2 * (rates[n + 1] - rates[n]) for n in range(len(rates) - 1)
        )
    return found


async def test_the_curves_are_those_of_the_results(counted):
    drawn = await asked(counted)
    assert drawn.keys() == {"experiment", "goal", "rates", "arms"}
    assert (drawn["experiment"], drawn["goal"]) == ("hero", "signup")
    assert len(drawn["rates"]) == 120
    assert drawn["rates"] == sorted(drawn["rates"])
    results = await counted.manage("GET", "/experiments/hero/results")
    assert [(arm["key"], arm["name"], arm["is_control"]) for arm in drawn["arms"]] == [
        (arm["key"], arm["name"], arm["is_control"]) for arm in results["arms"]
    ]
    for arm in results["arms"]:
        assert means(drawn)[arm["key"]] == pytest.approx(arm["posterior"]["mean"], abs=0.01)


@pytest.mark.parametrize(
    "query", ["?start_date=2026-01-02", "?end_date=2026-01-01", "?event_type=scrolled", "?goal=signup"]
)
async def test_a_filter_draws_what_the_results_say_under_it(counted, query):
    drawn = means(await asked(counted, query))
    results = await counted.manage("GET", f"/experiments/hero/results{query}")
    for arm in results["arms"]:
        assert drawn[arm["key"]] == pytest.approx(arm["posterior"]["mean"], abs=0.01)


async def test_one_arm_is_drawn_beside_the_control(counted):
    drawn = await asked(counted, "?variant_id=bold")
    assert [arm["key"] for arm in drawn["arms"]] == ["control", "bold"]
    assert [arm["key"] for arm in (await asked(counted, "?variant_id=control"))["arms"]] == ["control"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("start_date=yesterday", 400, "start_date"),
        ("variant_id=nobody", 404, "variant_id"),
        ("goal=nobody", 404, "goal"),
        ("points=9", 400, "points"),
    ],
)
async def test_a_bad_filter_is_named(counted, query, status, field):
    answer = await counted.call("GET", f"/api/v1/experiments/hero/densities?{query}", by=counted.key)
    assert (answer.status, answer.json["field"]) == (status, field)


@pytest.mark.parametrize("start", [True, False])
async def test_before_the_first_visitor_a_flat_prior_makes_every_rate_as_plausible(site, start):
    await site.experiment(start=start, prior="flat")
    drawn = await asked(site)
    for arm in drawn["arms"]:
        assert arm["density"] == pytest.approx([1] * 120)
