"""The description of the API is that of the API."""

import json
import re

import pytest

from vibevariant.api.openapi import document
from vibevariant.api.routes import ROUTES


@pytest.fixture(scope="module")
def described():
    return document()


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_route_and_alias_is_described(described):
    routes = {(route.method, path) for route in ROUTES for path in (route.path, *route.aliases)}
    assert {(method, path) for method, path, _ in operations(described)} == routes


def test_every_operation_has_its_own_id_a_summary_and_a_known_tag(described):
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in described["tags"]}
    assert all(
        operation["summary"] and set(operation["tags"]) <= tags for *_, operation in operations(described)
    )


def test_every_reference_leads_somewhere(described):
    for name in re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(described)):
        assert name in described["components"]["schemas"], name


def test_every_parameter_of_a_path_is_described(described):
    for _, path, operation in operations(described):
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_what_is_closed_says_how_it_is_opened(described):
    for _, path, operation in operations(described):
        schemes = {name for scheme in operation["security"] for name in scheme}
        access = next(route.access for route in ROUTES if path in (route.path, *route.aliases))
        assert (
            schemes
            == {
                "public": set(),
                "key": {"secretKey", "session"},
                "token": {"projectToken", "secretKey", "session"},
            }[access]
        ), path


def test_limits_patterns_and_choices_are_those_that_are_checked(described):
    schemas = described["components"]["schemas"]
    assign = schemas["AssignRequest"]
    assert assign["required"] == ["visitor_id"]
    assert assign["additionalProperties"] is False
    assert (
        assign["properties"]["visitor_id"]["minLength"],
        assign["properties"]["visitor_id"]["maxLength"],
    ) == (1, 128)
    assert schemas["EventBatch"]["properties"]["events"]["maxItems"] == 500
    new = schemas["NewExperiment"]["properties"]
    assert new["type"]["enum"] == ["ab_test", "multi_element"]
    assert new["key"]["pattern"] == "^[a-z0-9][a-z0-9_-]{0,63}$"
    assert schemas["Status"]["enum"] == ["draft", "running", "paused", "completed"]
    assert new["traffic"]["exclusiveMinimum"] == 0


def test_patterns_are_such_as_every_language_reads(described):
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(described)):
        assert r"\u{" not in json.loads(pattern)
        re.compile(json.loads(pattern))


def test_every_operation_says_what_a_refusal_looks_like(described):
    for _, _, operation in operations(described):
        assert operation["responses"]["4XX"] == {"$ref": "#/components/responses/Problem"}
    assert "application/problem+json" in described["components"]["responses"]["Problem"]["content"]


def test_the_filters_of_the_results_are_described(described):
    parameters = described["paths"]["/api/v1/experiments/{key}/results"]["get"]["parameters"]
    assert {parameter["name"] for parameter in parameters} >= {
        "start_date", "end_date", "event_type", "primary_event_type", "variant_id", "goal",
    }  # fmt: skip


SOMETIMES = {
    "Check": {"observedValue", "observedUnit", "time", "output"},
    "HealthReply": {"output"},
    "Problem": {"type", "field", "errors", "hint", "retry_after_seconds"},
}
"""What an answer may leave out. Everything else is always there, so that a typed client need not ask."""


def test_what_is_always_answered_is_required(described):
    parts = described["components"]["schemas"]
    left, seen = (
        [content["schema"] for _, _, one in operations(described) for content in contents(one)],
        set(),
    )
    while left:
        for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(left.pop())):
            if name not in seen:
                seen.add(name)
                left.append(parts[name])
    assert {"Results", "Densities", "SessionReply", "ActivityReply", "LinkReply"} <= seen
    for name in seen:
        missing = parts[name].get("properties", {}).keys() - set(parts[name].get("required", ()))
        assert missing == SOMETIMES.get(name, set()), name


def contents(operation):
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def conforms(value, schema, described):
    """Whether a value has what its schema asks for: members, types and choices, as deep as they go."""
    if "$ref" in schema:
        return conforms(
            value, described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described
        )
    if "anyOf" in schema:
        return any(conforms(value, choice, described) for choice in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    kind = schema.get("type")
    if kind == "null":
        return value is None
    if kind is not None and (
        not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        return False
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        if set(schema.get("required", ())) - value.keys() or (rest is False and value.keys() - known.keys()):
            return False
        parts = [
            (part, known.get(name, rest if isinstance(rest, dict) else {})) for name, part in value.items()
        ]
        return all(conforms(part, inner, described) for part, inner in parts)
    if isinstance(value, list):
        shape = schema.get("prefixItems") or [schema.get("items", {})] * len(value)
        return len(shape) == len(value) and all(
            conforms(part, inner, described) for part, inner in zip(value, shape, strict=True)
        )
    return True


async def test_what_is_answered_is_what_is_described(site, described):
    made = {"key": "hero", "arms": [{"key": "control"}, {"key": "bold"}], "goal": "signup"}
    for method, path, body, by in [
        ("POST", "/api/v1/experiments", made, site.key),
        ("POST", "/api/v1/experiments/{key}/start", None, site.key),
        ("POST", "/api/v1/assign", {"visitor_id": "v", "expose": True}, site.token),
        ("POST", "/api/v1/events", {"visitor_id": "v", "name": "signup"}, site.token),
        ("POST", "/api/v1/events", {"events": [{"visitor_id": "v", "name": "$x"}]}, site.token),
        ("POST", "/api/v1/tracker/assign", {"browser_id": "v", "experiment": "hero"}, site.token),
        ("POST", "/api/v1/tracker/convert", {"browser_id": "v"}, site.token),
        ("POST", "/api/v1/experiments/{key}/assign", {"visitor_id": "v"}, site.token),
        ("POST", "/api/v1/experiments/{key}/convert", {"visitor_id": "v"}, site.token),
        ("GET", "/api/v1/experiments/{key}/assignment/{user_id}", None, site.token),
        ("GET", "/api/v1/experiments", None, site.key),
        ("GET", "/api/v1/experiments/{key}", None, site.key),
        ("GET", "/api/v1/experiments/{key}/results", None, site.key),
        ("GET", "/api/v1/experiments/{key}/densities", None, site.key),
        ("GET", "/api/v1/experiments/{key}/allocations", None, site.key),
        ("GET", "/api/v1/experiments/{key}/decisions", None, site.key),
        ("PATCH", "/api/v1/experiments/{key}", {"name": "New"}, site.key),
        ("POST", "/api/v1/experiments/{key}/pause", None, site.key),
        ("POST", "/api/v1/experiments/{key}/complete", {"winner": "bold"}, site.key),
        ("GET", "/api/v1/projects", None, site.key),
        ("POST", "/api/v1/projects", {"key": "hero"}, site.key),
        ("GET", "/api/v1/projects/{key}", None, site.key),
        ("GET", "/api/v1/projects/{key}/activity", None, site.key),
        ("GET", "/api/v1/examples", None, site.key),
        ("POST", "/api/v1/setup/check", {"token": "t"}, None),
        ("GET", "/api/v1/session", None, None),
        ("GET", "/api/v1/account", None, site.key),
        ("GET", "/api/v1/keys", None, site.key),
        ("POST", "/api/v1/keys", {"name": "server"}, site.key),
        ("GET", "/health", None, None),
        ("GET", "/livez", None, None),
        ("GET", "/api/v1/experiments/{key}/results", None, None),
    ]:
        answer = await site.call(method, path.replace("{key}", "hero").replace("{user_id}", "v"), body, by=by)
        operation = described["paths"][path][method.lower()]
        responses = operation["responses"]
        response = responses.get(str(answer.status)) or described["components"]["responses"]["Problem"]
        kind, content = next(iter(response["content"].items()))
        assert answer.headers["Content-Type"].partition(";")[0] == kind, path
        assert conforms(answer.json, content["schema"], described), (method, path, answer.text)


async def test_the_description_and_the_page_are_served_without_credentials(fresh):
    answer = await fresh.call("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.json == json.loads(json.dumps(document()))
    page = await fresh.call("GET", "/docs")
    assert page.status == 200
    for route in ROUTES:
        assert all(path in page.text for path in (route.path, *route.aliases))


async def test_the_page_needs_nothing_from_elsewhere(fresh):
    page = await fresh.call("GET", "/docs")
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)
    assert len(re.findall(r"<details[ >]", page.text)) == page.text.count("</details>")
    assert page.text.count("<table>") == page.text.count("</table>")
