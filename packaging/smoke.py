"""Tries an executable from end to end, as the machine of somebody who has just downloaded it would.

    python packaging/smoke.py dist/vibevariant

An empty folder, an empty environment and, on Linux, no network. Needs nothing but Python 3.11; where something is
wrong, it says what, and ends with 1.
"""

import json
import math
import re
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from accidents import bootloader_killed, faults_in_words, interrupted, killed_under_load
from program import SETUP_LINK, Program, cut_off_the_network
from steps import WrongError, must, step, until

SHOWN = 4000
"""Characters of the end of a log that are shown when something is wrong."""

VISITORS = 120
KINDS = {
    ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".json": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml", ".tgz": "application/gzip", ".woff2": "font/woff2",
}  # fmt: skip
ASSET_OF_PAGE = re.compile(r"""<(?:link|script)\b[^>]*\b(?:href|src)=["']?([^"'\s>]+)""")
ASSET_OF_STYLE = re.compile(r"""url\(["']?(?!data:)([^"')]+)""")
DECISIONS = {"broken", "collecting", "keep testing", "equivalent", "ship", "stop"}
AB_TEST = {"key": "hero", "arms": [{"key": "control"}, {"key": "bold"}], "goal": "signup", "start": True}
MULTI_ELEMENT = {
    "key": "page", "type": "multi_element", "goal": "signup", "start": True,
    "elements": [
        {"key": "title", "variants": [{"key": "plain"}, {"key": "loud", "payload": {"text": "Now ≥ 10 %"}}]},
        {"key": "button", "variants": [{"key": "blue"}, {"key": "red"}]},
    ],
}  # fmt: skip
WITHOUT_NUMBERS = {"reason", "reasons", "note", "lift_95_anytime", "verdicts"}
"""Words, and intervals that may have an open end."""

ARMS = {"hero": 2, "page": 4}


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    print(f"Trying {sys.argv[1]}, {cut_off_the_network()}.", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="vibevariant-smoke-"))
    program = Program(str(Path(sys.argv[1]).absolute()), folder, "--refresh-seconds", "1", "--demo")
    began = time.monotonic()
    try:
        go_the_whole_way(program)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the log says more
        print(f"WRONG: {fault if isinstance(fault, WrongError) else repr(fault)}", file=sys.stderr)
        print(f"--- the end of its log\n{program.log()[-SHOWN:]}", file=sys.stderr)
        return 1
    finally:
        program.end()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"All is well after {time.monotonic() - began:.0f} s.")
    return 0


def go_the_whole_way(program: Program) -> None:
    """From the first look at it to the last."""
    verbs_without_data(program)
    with step("start on nothing") as said:
        said.append(f"first 200 after {program.start():.2f} s")
    with step("the one-time link makes the owner"):
        answer = program.call("POST", "/api/v1/setup", {"token": program.setup_token()})
        must(answer.status == 200, f"The setup answered {answer}.")
        program.key, token = answer.json["secret_key"], answer.json["project"]["token"]
    the_page(program)
    visitors_come(program, token)
    statistics(program)
    examples(program)
    with step("SIGTERM, and a start on the same data") as said:
        told = {key: counts(program, key) for key in ARMS}
        said += [f"stopped after {program.stop():.2f} s", f"first 200 after {program.start():.2f} s"]
        must({key: counts(program, key) for key in ARMS} == told, "A restart changed the counts.")
    killed_under_load(program, token)
    bootloader_killed(program)
    interrupted(program, token)
    verbs_on_data(program)
    faults_in_words(program)
    with step("its log holds no fault, and nothing is left where it unpacks"):
        for line in program.log().splitlines():
            must(json.loads(line)["level"] in {"info", "warning"}, f"It logged {line}")
        must(not list(program.unpacked.iterdir()), f"Left: {list(program.unpacked.iterdir())}")


def verbs_without_data(program: Program) -> None:
    with step("--help, version, openapi") as said:
        must("setup-link" in well(program, "--help"), "The help does not name its verbs.")
        must("vv_sk_…" in well(program, "demo", "--help"), "The help lost what is not ASCII.")
        said.append(well(program, "version").strip())
        must("/api/v1/assign" in json.loads(well(program, "openapi"))["paths"], "openapi lacks /assign.")


def verbs_on_data(program: Program) -> None:
    with step("recount, migrate, setup-link"):
        place = ("--data-dir", str(program.data))
        again = json.loads(well(program, "recount", "--json", *place))
        must(again == {"experiments": 9, "off": []}, f"A recount found {again}.")
        must(json.loads(well(program, "migrate", "--json", *place)) == {"migrated": []}, "It migrated again.")
        must(SETUP_LINK.search(well(program, "setup-link", *place)), "setup-link prints no link.")


def well(program: Program, *words: str) -> str:
    """What a verb prints, when all goes well."""
    done = program.run(*words)
    must(done.code == 0 and "Traceback" not in done.err, f"{' '.join(words)} ended with {done}.")
    return done.out


def the_page(program: Program) -> None:
    with step("the page and its assets, the SDK, the documentation") as said:
        page = program.call("GET", "/")
        must((page.status, page.media_type) == (200, "text/html"), f"The page answered {page.status}.")
        assets = [urljoin("/", name) for name in ASSET_OF_PAGE.findall(page.body.decode())]
        must(any(name.endswith(".js") for name in assets), "The page names no script.")
        for path in assets:
            body = file_of(program, path)
            if path.endswith(".css"):
                assets += [urljoin(path, name) for name in ASSET_OF_STYLE.findall(body.decode())]
        for path in ("/sdk/vibevariant.js", "/sdk/vibevariant-sdk.tgz", "/openapi.json"):
            file_of(program, path)
        docs = program.call("GET", "/docs")
        must((docs.status, docs.media_type) == (200, "text/html"), f"/docs answered {docs.status}.")
        said.append(f"{len(assets)} assets")


def file_of(program: Program, path: str) -> bytes:
    answer = program.call("GET", path)
    must(answer.status == 200 and answer.body, f"{path} answered {answer.status}.")
    must(answer.media_type == KINDS[Path(path).suffix], f"{path} is sent as {answer.media_type}.")
    return answer.body


def visitors_come(program: Program, token: str) -> None:
    with step("two experiments, visitors, events") as said:
        for body in (AB_TEST, MULTI_ELEMENT):
            answer = program.call("POST", "/api/v1/experiments", body)
            must(answer.status == 201, f"An experiment was answered with {answer}.")
        given = set()
        for number in range(VISITORS):
            who = {"visitor_id": f"visitor-{number}", "experiments": list(ARMS), "expose": True}
            answer = program.call("POST", "/api/v1/assign", who, key=token)
            must(answer.status == 200, f"An assignment was answered with {answer}.")
            given |= {(key, arm["arm"]) for key, arm in answer.json["assignments"].items()}
        must(len(given) == sum(ARMS.values()), f"Visitors got {sorted(given)}.")
        sold = [
            {"visitor_id": f"visitor-{number}", "name": "signup", "value": 9.5, "id": str(uuid.uuid4())}
            for number in range(0, VISITORS, 4)
        ]
        answer = program.call("POST", "/api/v1/events", {"events": sold}, key=token)
        must(answer.status == 202 and answer.json["accepted"] == len(sold), f"Events: {answer}.")
        said.append(f"{VISITORS} exposed, {len(sold)} converted")
    with step("the bandit looks at the counts"):
        now = 1000 * time.time()
        until(lambda: refreshed(program) > now, "The bandit did not look")
        must("healthy" in well(program, "healthcheck", "--port", str(program.port)), "healthcheck.")


def refreshed(program: Program) -> float:
    """When the bandit last looked, in epoch milliseconds."""
    (check,) = program.call("GET", "/health").json["checks"]["jobs:refresh"]
    must(check["status"] == "pass", f"The refresh: {check}.")
    return float(check.get("time", 0))


def read_of(program: Program, path: str) -> Any:
    answer = program.call("GET", f"/api/v1/experiments/{path}")
    must(answer.status == 200, f"{path} answered {answer}.")
    return answer.json


def counts(program: Program, key: str) -> Any:
    arms = read_of(program, f"{key}/results")["arms"]
    return [(arm["key"], arm["exposed"], arm["conversions"], arm["value"]) for arm in arms]


def statistics(program: Program) -> None:
    with step("every statistic is there and finite") as said:
        for key, arms in ARMS.items():
            read = read_of(program, f"{key}/results")
            sums = (read["summary"]["exposed"], read["summary"]["conversions"])
            must(sums == (VISITORS, VISITORS // 4), f"{key} counts {sums}.")
            must(sum(arm["value"] for arm in read["arms"]) == 9.5 * VISITORS / 4, f"{key}: the value is off.")
            must((len(read["arms"]), len(read["comparisons"])) == (arms, arms - 1), f"{key} lacks arms.")
            must(abs(sum(arm["p_best"] for arm in read["arms"]) - 1) < 1e-6, f"{key}: no arm is best.")
            must(read["decision"]["status"] in DECISIONS and read["decision"]["sentence"], "No decision.")
            curves = read_of(program, f"{key}/densities")
            must(len(curves["arms"]) == arms and curves["rates"], f"{key} lacks curves.")
            parts = ("summary", "arms", "comparisons", "overall", "sample_ratio", "prior")
            looked_at = sum(numbers_in(read[part], part) for part in parts) + numbers_in(curves, "densities")
            must(looked_at > 50 * arms, f"{key} has only {looked_at} numbers.")
            said.append(f"{looked_at} numbers of {key}")


def numbers_in(part: Any, name: str) -> int:
    """How many numbers there are in it. A hole without a reason beside it is wrong."""
    if isinstance(part, dict):
        explained = part.get("reason") or any(
            isinstance(each, dict) and each.get("reason") for each in part.values()
        )
        holes = part.get("reasons", {})
        return sum(
            numbers_in(value, f"{name}.{key}")
            for key, value in part.items()
            if key not in WITHOUT_NUMBERS
            and not (value is None and (explained or key in holes or key.removesuffix("_p") in holes))
        )
    if isinstance(part, list):
        return sum(numbers_in(value, name) for value in part)
    if isinstance(part, str | bool):
        return 0
    must(part is not None and math.isfinite(part), f"{name} is {part}.")
    return 1


def examples(program: Program) -> None:
    with step("the example project") as said:
        ask = "/api/v1/examples"
        until(lambda: program.call("GET", ask).json["state"] != "loading", "The examples did not load")
        must(program.call("GET", ask).json["state"] == "loaded", "The examples did not load.")
        listed = program.call("GET", "/api/v1/experiments?project=example").json["experiments"]
        must(len(listed) == 7, f"There are {len(listed)} example experiments.")
        found = [read_of(program, f"{each['key']}/results?project=example") for each in listed]
        statuses = [read["decision"]["status"] for read in found]
        must(set(statuses) <= DECISIONS and statuses.count("broken") == 2, f"Their decisions: {statuses}.")
        must(sum(read["summary"]["exposed"] for read in found) > 20_000, "They lack visitors.")
        said += [f"{statuses.count(each)} {each}" for each in sorted(set(statuses))]


if __name__ == "__main__":
    sys.exit(main())
