"""Real experiments go through the program as a site's visitors would, and it ends with a table of what it made of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.appliance import Appliance, command
from vibevariant.client import throwaway_appliance

EXAMPLES = Path(__file__).parents[2] / "vibevariant" / "jobs" / "examples.csv"
SMALL = {"52a5cf335de7b1f7a3000e04": 5, "51ddbd415d8e6fa6d2006471": 2, "553007a137346100183a0000": 2}
"""The smallest three, with their arms: two of them have a broken split, one leans towards an arm."""

CLEAR = "535fb34f20efd9acae000033"
"""Four arms, of which one is far better than the others."""

BROKEN = {"52a5cf335de7b1f7a3000e04", "51ddbd415d8e6fa6d2006471"}
ONLY = [word for key in SMALL for word in ("--only", key)]
PATIENCE = 120


def recorded() -> dict[str, list[tuple[int, int]]]:
    """Impressions and clicks of each arm, read with nothing of ours."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with EXAMPLES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["test_id"]].append((int(row["impressions"]), int(row["clicks"])))
    return found


def by_experiment(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    assert [row["experiment"] for row in rows] == [key for key in recorded() if key in SMALL]
    return {row["experiment"]: row for row in rows}


def test_three_replayed_experiments_end_with_their_table():
    done = command("replay", EXAMPLES, *ONLY, patience=PATIENCE)
    assert done.code == 0, done.err
    head, rule, *rows, second_rule, sums, verdict = done.out.splitlines()
    assert head.split()[0] == "experiment"
    assert rule == second_rule
    assert set(rule) == {"-", " "}
    assert {row.split()[0] for row in rows} == set(SMALL)
    assert sums.split()[:2] == ["all", f"{sum(n for key in SMALL for n, _ in recorded()[key]):,}"]
    assert verdict.startswith("Conversions against an even split: ")
    # Not on a terminal: plain lines of progress on standard error, and nothing else.
    lines = done.err.splitlines()
    assert 5 <= len(lines) <= 12
    assert all(line.startswith("Replaying visitors: ") for line in lines), done.err
    assert lines[-1] == f"Replaying visitors: {sums.split()[1]} of {sums.split()[1]}"


def test_an_adaptive_replay_counts_every_visitor_once_and_sends_more_of_them_to_the_better_arm():
    done = command("replay", EXAMPLES, "--only", CLEAR, "--json", patience=PATIENCE)
    assert done.err == ""
    (row,) = done.json
    counts = recorded()[CLEAR]
    assert (row["experiment"], row["arms"], row["visitors"]) == (CLEAR, 4, sum(n for n, _ in counts))
    assert row["recorded_best"] == "arm-1"
    assert row["even_split"] == pytest.approx(row["visitors"] * sum(c / n for n, c in counts) / 4)
    assert row["sentence"]
    # Arm 1 converts twice as well as two of the others, so chance cannot hide it.
    assert row["on_worse_arms"] < 0.7 * row["visitors"]
    assert row["conversions"] > row["even_split"]
    assert row["status"] in {
        "ship",
        "stop",
        "keep testing",
    }  # the appliance did the splitting: nothing is broken


def test_a_fixed_replay_gives_back_the_recorded_counts_and_finds_the_broken_ones():
    first, second = (
        command("replay", EXAMPLES, *ONLY, "--fixed", "--json", patience=PATIENCE).json for _ in range(2)
    )
    assert first == second
    for key, row in by_experiment(first).items():
        counts = recorded()[key]
        assert row["visitors"] == sum(n for n, _ in counts)
        assert row["conversions"] == sum(c for _, c in counts)
        best = int(row["recorded_best"].removeprefix("arm-"))
        assert row["on_worse_arms"] == row["visitors"] - counts[best][0]
        assert ((row["status"], row["reason"]) == ("broken", "split")) is (key in BROKEN)


def test_a_replay_on_a_running_appliance_leaves_the_experiments_there(appliance: Appliance):
    key = "51ddbd415d8e6fa6d2006471"
    words = ("replay", EXAMPLES, "--only", key, "--fixed", "--url", appliance.url, "--key", appliance.key)
    for _ in range(2):  # each in a project of its own
        assert command(*words, patience=PATIENCE).code == 0
    listed = appliance.call("GET", "/api/v1/experiments").json["experiments"]
    assert [each["key"] for each in listed] == [key, key]
    assert len({each["project"] for each in listed}) == 2
    results = appliance.call("GET", f"/api/v1/experiments/{key}/results?project={listed[0]['project']}").json
    assert [(arm["exposed"], arm["conversions"]) for arm in results["arms"]] == recorded()[key]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column"),
        (b"test_id,arm,impressions\nx,0,1\n", "no column clicks"),
        (b"test_id,arm,impressions,clicks\nx,0,100,5\nx,1,100,many\n", "Line 3"),
        (b"test_id,arm,impressions,clicks\nx,0,100,5\nx,1,4,5\n", "Line 3"),
        (b"test_id,arm,impressions,clicks\nx,0,100\n", "Line 2"),
        (b"test_id,arm,impressions,clicks\nx,0,100,5\n", "two arms or more"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "no CSV"),
        (b"test_id,arm,impressions,clicks\nx,0,100,5\nx,1," + b"9" * 200_000 + b",5\n", "no CSV"),
    ],
    ids=["empty", "a column short", "no number", "more clicks than shown", "a short line", "one arm", "a picture", "huge"],
)  # fmt: skip
def test_a_bad_file_is_refused_with_a_sentence(tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "recorded.csv"
    file.write_bytes(content)
    done = command("replay", file)
    assert done.code == 2, done
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_what_cannot_be_replayed_is_named(tmp_path: Path):
    unknown = command("replay", EXAMPLES, "--only", "no-such-thing")
    assert (unknown.code, unknown.out) == (2, "")
    assert "no-such-thing" in unknown.err
    absent = command("replay", tmp_path / "absent.csv")
    assert absent.code == 2
    assert "absent.csv" in absent.err
    nobody = command("replay", EXAMPLES, "--url", "http://127.0.0.1:9", "--key", "vv_sk_x")
    assert nobody.code == 2
    assert "No appliance answers at http://127.0.0.1:9" in nobody.err
    assert "Traceback" not in nobody.err


async def test_a_throwaway_appliance_keeps_its_hands_off_the_settings_of_the_one_in_earnest(
    tmp_path, monkeypatch
):
    database = tmp_path / "in-earnest.db"
    for variable in ("DATABASE_URL", "VIBEVARIANT_DATABASE_URL"):
        monkeypatch.setenv(variable, f"sqlite:///{database}")
    monkeypatch.setenv("VIBEVARIANT_BASE_URL", "https://ab.example.com")
    async with throwaway_appliance() as appliance:
        assert await appliance.call("GET", "/api/v1/experiments") == {"experiments": []}
    assert not database.exists()
