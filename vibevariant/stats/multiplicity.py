"""Many goals, and still few false findings: the more one looks at, the more turns up by chance.

One goal, the primary one, decides. Secondary goals are told apart from luck together; guardrails each stand alone,
because a harm must not go unsaid for the company it keeps.
"""

import math
from collections.abc import Mapping, Sequence

# Of the secondary goals that are called changed, at most this share is false on average.
FALSE_DISCOVERIES = 0.05
# e-value of "worse than the control" from which a guardrail is harmed: falsely in at most 1 of 20 experiments.
HARM = 20


def discoveries(log_e: Sequence[float], rate: float = FALSE_DISCOVERIES) -> tuple[bool, ...]:
    """Say of each of m hypotheses, by the log of its e-value, whether it is rejected.

    e-BH (Wang and Ramdas, JRSS B 84, 2022): reject the k largest, for the largest k whose k-th largest e-value is at
    least m / (rate k). The share of false ones is at most `rate` on average however the goals hang together and
    whenever one looks; Benjamini and Hochberg's own procedure promises neither for p-values that were peeked at.
    """
    if not 0 < rate < 1:
        raise ValueError(f"a rate of false discoveries lies inside 0 and 1, not at {rate}")
    if any(math.isnan(each) for each in log_e):
        raise ValueError("the log of an e-value is a number")
    hypotheses = len(log_e)
    ordered = sorted(log_e, reverse=True)
    enough = [math.log(hypotheses / (rate * k)) for k in range(1, hypotheses + 1)]
    # A last bit lost in a logarithm does not undo a discovery.
    passed = [k for k in range(hypotheses) if ordered[k] >= enough[k] - 1e-12]
    return tuple(bool(passed) and each >= ordered[passed[-1]] for each in log_e)


def harmed(log_e_worse: Mapping[str, float], among: int = 1) -> tuple[str, ...]:
    """Name the guardrails that an arm harms, most surely harmed first, by the logs of their one-sided e-values.

    `among` is the number of arms that are compared with the control: each gets its share of the false alarms.
    """
    enough = math.log(HARM * max(1, among))
    found = [goal for goal, log_e in log_e_worse.items() if log_e >= enough]
    return tuple(sorted(found, key=lambda goal: -log_e_worse[goal]))
