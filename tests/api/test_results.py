"""Results: figures as counted by hand, and filters that compose."""

import pytest

HOUR = 3_600_000


@pytest.fixture
async def counted(site):
    """Two days: on each, visitors of both arms; the counts by day and arm are kept."""
    await site.experiment()
    site.counts = {}
    for day in range(2):
        for number in range(20):
            visitor = f"v{day}-{number}"
            given = await site.visit("POST", "/experiments/hero/assign", {"visitor_id": visitor})
            converts = number % (3 + day) == 0
            if converts:
                await site.visit(
                    "POST", "/events", {"visitor_id": visitor, "name": "signup", "value": 2}, 202
                )
                await site.visit("POST", "/events", {"visitor_id": visitor, "name": "scrolled"}, 202)
            exposed, conversions = site.counts.get((day, given["arm"]), (0, 0))
            site.counts[day, given["arm"]] = (exposed + 1, conversions + converts)
        site.clock.advance(days=1)
    return site


def by_arm(results):
    return {arm["key"]: (arm["exposed"], arm["conversions"]) for arm in results["arms"]}


def summed(counts, *days):
    return {
        arm: tuple(sum(counts[day, arm][part] for day in days) for part in (0, 1))
        for arm in ("control", "bold")
    }


async def test_the_figures_are_those_counted_by_hand(counted):
    results = await counted.manage("GET", "/experiments/hero/results")
    assert by_arm(results) == summed(counted.counts, 0, 1)
    for arm in results["arms"]:
        exposed, conversions = summed(counted.counts, 0, 1)[arm["key"]]
        assert arm["primary_unique_users"] == arm["primary_event_count"] == conversions
        assert arm["primary_conversion_rate"] == conversions / exposed
        assert arm["posterior"]["alpha"] == conversions + results["prior"]["alpha"]
        assert arm["posterior"]["beta"] == exposed - conversions + results["prior"]["beta"]
        assert arm["value"] == 2 * conversions
    assert sum(arm["p_best"] for arm in results["arms"]) == pytest.approx(1)
    comparison = results["comparisons"][0]
    assert {"z_score", "p_value", "significant", "chi2_p", "fisher_p", "barnard_p"} <= comparison.keys()
    assert {"estimate", "newcombe_95", "agresti_caffo_95", "wald_95"} <= comparison["difference"].keys()
    assert results["decision"]["sentence"]
    assert results["situation"]["leader"] in ("control", "bold")
    assert results["health"]["arrivals"]["counted"] > 0
    assert results["values"]["arms"]["control"]["buyers"] + results["values"]["arms"]["bold"][
        "buyers"
    ] == sum(conversions for _, conversions in counted.counts.values())


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", (0, 1)),
        ("?end_date=2026-01-01", (0,)),
        ("?start_date=2026-01-02", (1,)),
        ("?start_date=2026-01-01&end_date=2026-01-02", (0, 1)),
        ("?start_date=2026-01-02T00:00:00Z&end_date=2026-01-03T00:00:00%2B00:00", (1,)),
        ("?end_date=2026-01-01T23:30:00+01:00", (0,)),
        ("?start_date=1767268800000&end_date=1767272400000", (0,)),
        ("?start_date=2027-01-01", ()),
    ],
)
async def test_dates_are_of_the_first_exposure(counted, query, days):
    results = await counted.manage("GET", f"/experiments/hero/results{query}")
    assert by_arm(results) == summed(counted.counts, *days)


async def test_a_start_is_taken_down_to_its_hour_and_an_end_up(counted):
    noon = 1_767_268_800_000
    results = await counted.manage(
        "GET", f"/experiments/hero/results?start_date={noon + 1}&end_date={noon + 2}"
    )
    assert (results["first_ms"], results["end_ms"]) == (noon, noon + HOUR)
    assert by_arm(results) == summed(counted.counts, 0)


async def test_any_event_can_be_asked_for(counted):
    everything = summed(counted.counts, 0, 1)
    for query in ("event_type=signup", "primary_event_type=signup", "goal=signup", "event_type=scrolled"):
        results = await counted.manage("GET", f"/experiments/hero/results?{query}")
        assert by_arm(results) == everything
        assert results["event"] == query.partition("=")[2]
    nothing = await counted.manage("GET", "/experiments/hero/results?event_type=never")
    assert nothing["summary"]["conversions"] == 0


async def test_filters_compose(counted):
    results = await counted.manage(
        "GET",
        "/experiments/hero/results?start_date=2026-01-02&end_date=2026-01-02&event_type=scrolled&variant_id=bold",
    )
    assert by_arm(results) == summed(counted.counts, 1)
    assert [comparison["arm"] for comparison in results["comparisons"]] == ["bold"]
    control = await counted.manage("GET", "/experiments/hero/results?variant_id=control")
    assert [arm["key"] for arm in control["arms"]] == ["control"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("start_date=yesterday", 400, "start_date"),
        ("start_date=2026-13-01", 400, "start_date"),
        ("end_date=9999999999999999", 400, "end_date"),
        ("end_date=-1", 400, "end_date"),
        ("start_date=2026-01-02&end_date=2026-01-01", 400, "end_date"),
        ("start_date=2026-01-01&start_date=2026-01-01", 400, "start_date"),
        ("variant_id=nobody", 404, "variant_id"),
        ("goal=nobody", 404, "goal"),
        ("goal=signup&event_type=scrolled", 400, "event_type"),
        ("event_type=" + "x" * 65, 400, "event_type"),
        ("from=2026-01-01", 400, "from"),
    ],
)
async def test_a_bad_filter_is_named(counted, query, status, field):
    answer = await counted.call("GET", f"/api/v1/experiments/hero/results?{query}", by=counted.key)
    assert (answer.status, answer.json["field"]) == (status, field)


@pytest.mark.parametrize("start", [True, False])
async def test_without_visitors_nothing_crashes(site, start):
    await site.experiment(start=start)
    results = await site.manage("GET", "/experiments/hero/results")
    assert results["summary"] == {"exposed": 0, "conversions": 0, "conversion_rate": None}
    assert [arm["p_best"] for arm in results["arms"]] == pytest.approx([0.5, 0.5])
