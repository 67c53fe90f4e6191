"""analyze: counts in, one object a line out, whatever a line holds."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.appliance import END_SECONDS, environment

TWO = {
    "arms": [
        {"key": "control", "visitors": 1000, "conversions": 50},
        {"key": "bold", "visitors": 1000, "conversions": 90},
    ],
    "weights": [1, 1],
}


def analyze(*lines: Any) -> list[dict[str, Any]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "vibevariant", "analyze"], input=text, capture_output=True, text=True,
        timeout=END_SECONDS, env=environment(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_result_holds_all_there_is_to_say():
    (result,) = analyze(TWO)
    assert set(result) == {
        *(
            "arms",
            "comparisons",
            "overall",
            "sample_ratio",
            "sensitivity",
            "forecast",
            "decision",
            "situation",
        )
    }
    bold = result["arms"][1]
    assert bold["posterior"]["alpha"] == 91  # the learned prior before any history is Beta(1, 19)
    assert bold["posterior"]["beta"] == 929
    (pair,) = result["comparisons"]
    levels = {"0.025", "0.25", "0.5", "0.75", "0.975"}
    assert {name: set(values) for name, values in pair["lift"].items()} == dict.fromkeys(
        ("relative", "absolute", "calibrated"), levels
    )
    assert pair["difference"]["estimate"] == pytest.approx(0.04)
    for name in ("z_score", "p_value", "chi2", "chi2_p", "chi2_yates", "chi2_yates_p", "fisher_p"):
        assert isinstance(pair[name], float), name
    assert pair["barnard_p"] is None  # of more visitors than it is worked out for
    low, high = pair["evidence"]["lift_95_anytime"]
    assert -0.1 < low < high < 3
    assert result["sample_ratio"]["p_value"] == 1
    assert result["decision"]["status"] == "ship"
    assert result["decision"]["reasons"] == ["proven"]


def test_without_weights_it_says_that_the_observed_shares_stand_in():
    (result,) = analyze({"arms": TWO["arms"]})
    assert result["sample_ratio"]["log_e"] is None
    assert "observed shares" in result["sample_ratio"]["reason"]


def test_epochs_are_compared_within_themselves():
    epochs = [
        {"weights": [1, 1], "arms": [{"visitors": 1000, "conversions": 30}, {"visitors": 1000, "conversions": 30}]},
        {"weights": [0.2, 0.8], "arms": [{"visitors": 400, "conversions": 36}, {"visitors": 1600, "conversions": 144}]},
    ]  # fmt: skip
    (result,) = analyze({"epochs": epochs})
    assert [(arm["key"], arm["visitors"], arm["conversions"]) for arm in result["arms"]] == [
        ("arm-0", 1400, 66),
        ("arm-1", 2600, 174),
    ]
    (pair,) = result["comparisons"]
    assert pair["p_value"] < 0.05  # added up, the second arm looks better
    assert pair["p_better"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("line", "says", "field"),
    [
        ("nonsense", "Invalid JSON", None),
        ('{"arms": []}', "at least 2", "arms"),
        ({"weights": [1, 1]}, "give `arms`", None),
        ({"arms": [{"visitors": 1, "conversions": 2}, {"visitors": 1, "conversions": 0}]}, "more conv", "arms.0"),
        ({**TWO, "control": "gone"}, "`control` names one of the arms", None),
        ({**TWO, "weights": [1, 1, 1]}, "one entry for each arm", None),
        ({**TWO, "weights": [0, 0]}, "above 0", None),
        ({**TWO, "prior": "wild"}, "Input should be", "prior.literal['learned','flat','jeffreys']"),
        ({**TWO, "surprise": 1}, "not permitted", "surprise"),
        ('{"arms": [{"visitors": NaN, "conversions": 0}, {"visitors": 1, "conversions": 0}]}', "int", None),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_why_and_the_next_one_is_read(line, says, field):
    first, wrong, last = analyze(TWO, line, TWO)
    assert wrong["error"]["line"] == 2
    assert says in wrong["error"]["detail"]
    assert field is None or wrong["error"]["field"] == field
    assert first == last
    assert "arms" in last


def test_a_line_that_is_too_long_is_passed_over():
    long = json.dumps({"arms": [], "goal": "x" * 2_000_000})
    wrong, result = analyze(long, TWO)
    assert "bytes" in wrong["error"]["detail"]
    assert "arms" in result


def test_nothing_in_nothing_out():
    assert analyze() == []
    assert analyze("", "   ") == []


def test_the_same_line_gives_the_same_bytes():
    three = {"arms": [{"visitors": 300, "conversions": n} for n in (9, 12, 20)], "prior": "jeffreys"}
    first, second = analyze(three, three)
    assert first == second


def test_traffic_is_forecast_where_it_is_known_and_never_made_up():
    counts = {"arms": [{"visitors": 400, "conversions": 20}, {"visitors": 400, "conversions": 21}]}
    unknown, slow, quick = analyze(counts, {**counts, "days": 100}, {**counts, "days": 1})
    assert unknown["forecast"] is None
    assert unknown["decision"]["reason"] == "open"
    assert slow["decision"]["reason"] == "unlikely"
    assert slow["forecast"]["p_answer"][-1] < 0.2 < quick["forecast"]["p_answer"][-1]
