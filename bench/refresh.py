"""What it costs to read an experiment once, everything included, and every part of it.

    OMP_NUM_THREADS=1 python -m bench.refresh [runs] > bench/refresh.md

Beside it, where it can be imported, what gbstats (PyPI; GrowthBook's statistics) takes to analyse the same counts, in
turn with ours: one metric, its Bayesian engine, each arm against the control. It knows no allocations, and answers
fewer questions: chance to win, interval, risk and the sample ratio.
"""

import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module, metadata
from statistics import median
from typing import Any

import numpy as np

from bench.machine import machine
from vibevariant.stats.aipw import counterfactual_rate
from vibevariant.stats.analysis import analyse
from vibevariant.stats.comparison import compare
from vibevariant.stats.confidence_sequence import anytime_interval
from vibevariant.stats.drift import traffic_mix
from vibevariant.stats.evidence import AllocationCounts, evidence, evidence_better
from vibevariant.stats.fixed_sample import fixed_sample
from vibevariant.stats.forecast import forecast
from vibevariant.stats.health import sample_ratio
from vibevariant.stats.lift_quantiles import lift_quantiles_over
from vibevariant.stats.posterior import posterior
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY
from vibevariant.stats.quantiles import quantiles_of
from vibevariant.stats.ranking import Ranking, rank, strata
from vibevariant.stats.reading import MARGIN, ranked, read
from vibevariant.stats.sensitivity import prior_sensitivity

# Arms, visitors of each, allocations, base rate; the last ones are not among the goals.
CASES = (
    (2, 5000, 5, 0.05),
    (9, 1000, 20, 0.05),
    (2, 250, 5, 0.05),
    (2, 5000, 5, 0.45),
    (9, 1000, 20, 0.45),
)
GOALS_MS = {(2, 5000, 5, 0.05): 25, (9, 1000, 20, 0.05): 40}
SPREAD = 0.1
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
WEEKLY = 2500
BASELINE = 0
KEYS = tuple("abcdefghi")


class Case:
    """Counts under weights that followed them, and what is read of these."""

    def __init__(self, arms: int, visitors: int, number: int, base: float, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        rates = np.minimum(base * np.exp(rng.normal(0, SPREAD, arms)), 0.99)
        self.arms, self.allocations = arms, list[AllocationCounts]()
        for place in range(number):
            shares = np.exp(rng.normal(0, 0.3, arms) * (place > 0))
            weights = np.floor(10_000 * shares / shares.sum()).astype(int)
            exposed = rng.multinomial(arms * visitors // number, weights / weights.sum())
            self.allocations.append(
                (
                    tuple(weights.tolist()),
                    tuple(exposed.tolist()),
                    tuple(rng.binomial(exposed, rates).tolist()),
                )
            )
        self.others = list(range(1, arms))
        self.exposed, self.conversions = (
            [sum(counts[which][arm] for counts in self.allocations) for arm in range(arms)]
            for which in (1, 2)
        )
        self.posteriors = [posterior(s, n) for s, n in zip(self.conversions, self.exposed, strict=True)]
        means = np.linspace(-0.1, 0.1, arms)
        self.shift = PriorShift(tuple((means - means.mean()).tolist()), 0.95)
        self.ranking = self.ranked()

    def ranked(self) -> Ranking:
        return rank(self.allocations, range(self.arms), self.arms)

    @property
    def rivals(self) -> list[int]:
        others = {BASELINE, self.ranking.runner_up} - {self.ranking.leader}
        return sorted(arm for arm in others if arm is not None)

    def of_arms(self) -> object:
        """Independent rates: chances of being best, losses, intervals."""
        return compare(self.posteriors), [(arm.interval(), arm.quantile(0.95)) for arm in self.posteriors]

    def split(self) -> object:
        return sample_ratio([(weights, shown) for weights, shown, _ in self.allocations])

    def situation(self) -> object:
        """What the table of decisions asks."""
        lifts = list(self.ranking.over_leader.values())
        return (
            [evidence_better(strata(self.allocations, arm, BASELINE)) for arm in self.others],
            [evidence(strata(self.allocations, arm, self.ranking.leader)) for arm in self.rivals],
            quantiles_of(lifts, (0.025, 0.1, 0.9, 0.975)),
            [lift.probability_within(*MARGIN) for lift in lifts],
        )

    def over_control(self) -> object:
        """Calibrated lifts over the control."""
        # What a ranking keeps it must not bring along.
        fresh = self.ranking.posterior._lifts  # noqa: SLF001
        if self.ranking.leader != BASELINE:
            fresh.pop(BASELINE, None)
        lifts = [self.ranking.posterior.lift(BASELINE, arm) for arm in self.others]
        return quantiles_of(lifts, LEVELS), [lift.p_better for lift in lifts]

    def proof(self) -> object:
        """Evidence, and the interval that goes with it."""
        found = []
        for arm in self.others:
            seen = strata(self.allocations, BASELINE, arm)
            log_e = evidence(seen)
            found.append((log_e, anytime_interval(seen, log_e=log_e)))
        return found

    def mix(self) -> object:
        return [traffic_mix(self.allocations, BASELINE, arm) for arm in self.others]

    def classical(self) -> object:
        of_control = self.conversions[BASELINE], self.exposed[BASELINE]
        return [fixed_sample(*of_control, self.conversions[arm], self.exposed[arm]) for arm in self.others]

    def independent(self) -> object:
        return lift_quantiles_over(self.posteriors[BASELINE], self.posteriors[1:])

    def had_all_seen(self) -> object:
        return [counterfactual_rate(self.allocations, arm) for arm in range(self.arms)]

    def outlook(self) -> object:
        return forecast(
            self.allocations, self.ranking.leader, self.ranking.over_leader, self.rivals,
            visitors_per_week=WEEKLY, margin=MARGIN, rng=np.random.default_rng(1),
        )  # fmt: skip

    def sensitivity(self) -> object:
        return prior_sensitivity(
            self.allocations, range(self.arms), KEYS[: self.arms], posterior=self.ranking.posterior
        )

    def shifted(self) -> object:
        """The second posterior, which early signals have moved: not read where there are none."""
        return self.ranking.posterior.under(BEFORE_HISTORY, self.shift).p_best(range(self.arms))

    def everything(self) -> object:
        """What a refresh and a page ask for, by the appliance's own functions."""
        keys = KEYS[: self.arms]
        ranking = ranked(keys, BASELINE, self.allocations)
        reading = read(
            keys, BASELINE, self.allocations, goal="goal", started_ms=0, now_ms=14 * 86_400_000,
            ranking=ranking, visitors_per_week=WEEKLY,
        )  # fmt: skip
        return analyse(reading, ranking, self.allocations)


PARTS: dict[str, Callable[[Case], object]] = {
    "independent rates: chances, losses, intervals": Case.of_arms,
    "sample ratio": Case.split,
    "what the decision asks: harm, proof, margin": Case.situation,
    "calibrated lifts over the control": Case.over_control,
    "evidence and anytime interval": Case.proof,
    "traffic mix": Case.mix,
    "classical tests and intervals": Case.classical,
    "independent lifts, 5 relative and 5 absolute": Case.independent,
    "rates had everyone seen the arm": Case.had_all_seen,
    "forecast": Case.outlook,
    "the verdict under three priors": Case.sensitivity,
}


def gbstats_of(case: Case) -> Callable[[], object] | None:
    """Its analysis of the same counts; None where it cannot be imported."""
    try:
        program, settings = import_module("gbstats.gbstats"), import_module("gbstats.models.settings")
    except ImportError:
        return None
    keys = [str(arm) for arm in range(case.arms)]
    metric: Any = settings.MetricSettingsForStatsEngine(
        id="goal", name="goal", statistic_type="mean", main_metric_type="binomial"
    )
    analysis: Any = settings.AnalysisSettingsForStatsEngine(
        var_names=keys, var_ids=keys, weights=[1 / case.arms] * case.arms
    )
    rows = [
        {"dimension": "All", "variation": key, "users": n, "count": n, "main_sum": s, "main_sum_squares": s}
        for key, n, s in zip(keys, case.exposed, case.conversions, strict=True)
    ]
    return lambda: program.process_single_metric(rows, metric, [analysis])


def took(runs: int, *parts: Callable[[], object]) -> list[tuple[float, float]]:
    """Median and fastest in ms, of parts run in turn."""
    times: list[list[float]] = [[] for _ in parts]
    for run in range(runs + 1):
        for each, part in zip(times, parts, strict=True):
            start = time.perf_counter()
            part()
            if run:
                each.append(1000 * (time.perf_counter() - start))
    return [(median(each), min(each)) for each in times]


def main(runs: int) -> None:
    warnings.simplefilter("ignore")
    where = machine()
    print(
        f"One reading, everything included: medians of {runs} runs in ms, {where['processor']}, Python {where['python']}, "
        f"load {where['load_before']} on {where['cores']} cores.\n"
    )
    cases = [Case(*shape) for shape in CASES]
    names = [f"{a} arms, {n:,} visitors each, {e} allocations, base {base:.0%}" for a, n, e, base in CASES]
    print(f"| | {' | '.join(names)} |")
    print(f"|---|{'---:|' * len(cases)}")
    rows: list[tuple[str, list[str]]] = [("calibrated posterior and ranking", [])]
    rows += [(name, []) for name in PARTS]
    whole, fastest, peers, shifted = [], [], [], []
    for case in cases:
        parts = [case.ranked, *(lambda part=part, case=case: part(case) for part in PARTS.values())]
        for (_, cells), (ms, _) in zip(rows, took(runs, *parts), strict=True):
            cells.append(f"{ms:.2f}")
        peer = gbstats_of(case)
        (ms, least), (theirs, _), (second, _) = took(
            runs, case.everything, peer or (lambda: None), case.shifted
        )
        whole.append(f"**{ms:.1f}**")
        fastest.append(f"{least:.1f}")
        peers.append(f"{theirs:.1f} ({ms / theirs:.1f})" if peer else "not installed")
        shifted.append(f"{second:.2f}")
    for name, cells in rows:
        print(f"| {name} | {' | '.join(cells)} |")
    goals = [f"{GOALS_MS[shape]}" if shape in GOALS_MS else "-" for shape in CASES]
    version = f" {metadata.version('gbstats')}" if "gbstats" in sys.modules else ""
    rows = [
        ("**everything**", whole),
        ("the fastest of these runs", fastest),
        ("goal", goals),
        (f"gbstats{version}, in turn with it (everything by it)", peers),
        ("beside it: the posterior that early signals move", shifted),
    ]
    for name, cells in rows:
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
