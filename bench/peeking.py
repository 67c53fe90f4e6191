"""How often a rule names a winner where nothing differs, when it is looked at all the time.

    python -m bench.peeking [experiments]

Two equal arms, looked at every 50 visitors until 10,000: the share of experiments in which the usual headline (chance
of being best above 95 %, flat prior) ever names a winner, beside the share in which VibeVariant ever says `ship`.
"""

import random
import sys

from vibevariant.stats.comparison import probability_better
from vibevariant.stats.decision import proof_needed
from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.posterior import posterior
from vibevariant.stats.reading import read

BASE = 0.05
VISITORS = 10_000
LOOK_EVERY = 50
WEEK_MS = 7 * 86_400_000


def peeked(seed: int) -> tuple[bool, bool]:
    """Whether the headline ever named a winner, and whether we ever did."""
    rng = random.Random(seed)
    shown, converted = [0, 0], [0, 0]
    headline = ours = False
    for visitor in range(1, VISITORS + 1):
        arm = rng.randrange(2)
        shown[arm] += 1
        converted[arm] += rng.random() < BASE
        if visitor % LOOK_EVERY == 0 and not (headline and ours):
            if not headline:
                beta = [posterior(converted[k], shown[k]) for k in range(2)]
                better = probability_better(beta[0], beta[1])
                headline = max(better, 1 - better) > 0.95
            # Without proof nothing ships, so such looks need not be read whole.
            if not ours and evidence([Stratum(5000, 5000, *converted)]) >= proof_needed(2):
                counts = [((5000, 5000), tuple(shown), tuple(converted))]
                reading = read(["a", "b"], 0, counts, goal="signup", started_ms=0, now_ms=2 * WEEK_MS)
                ours = reading.decision.status == "ship"
    return headline, ours


def main(experiments: int) -> None:
    outcomes = [peeked(seed) for seed in range(experiments)]
    headline, ours = (sum(column) for column in zip(*outcomes, strict=True))
    print(
        f"{experiments} experiments in which nothing differs (base {BASE:.0%}, {VISITORS:,} visitors, seeds 0 to"
    )
    print(f"{experiments - 1}), looked at every {LOOK_EVERY} visitors:\n")
    print("| rule | names a winner at some time |")
    print("|---|---|")
    print(f"| chance of being best above 95 %, flat prior | {headline / experiments:.0%} |")
    print(f"| VibeVariant says `ship` | {ours / experiments:.1%} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
