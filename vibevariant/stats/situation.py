"""All that a decision rests on, in plain numbers: what `decide` reads and every sentence is rendered from."""

from dataclasses import dataclass

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class ArmSituation:
    """One arm.

    Args:
        is_served: it gets visitors now.
        p_best: calibrated chance of being the best arm.
        loss: calibrated share of conversions lost on average by choosing it.
        log_e_worse: evidence that it is worse than the control (one-sided); 0 for the control itself.
        at_most: the rate that its own is below with 95 % probability.
        name: what people call it.
    """

    key: str
    is_control: bool
    is_served: bool
    exposed: int
    conversions: int
    p_best: float
    loss: float
    log_e_worse: float
    at_most: float
    name: str


@dataclass(frozen=True, slots=True)
class Harm:
    """A guardrail on which an arm may be worse than the control, with the evidence of that (one-sided)."""

    arm: str
    goal: str
    log_e: float


@dataclass(frozen=True, slots=True)
class Rival:
    """An arm that the leader has to be proven against, with the evidence of a difference (two-sided)."""

    key: str
    log_e: float


@dataclass(frozen=True, slots=True)
class Situation:
    """An experiment's primary goal at one moment.

    Args:
        leader: key of the arm that is best as far as is known.
        rivals: the control and the runner-up, as far as they are not the leader.
        gain_over: the arm that the gain is measured against: the control, or the runner-up when the control leads.
        gain: relative change in conversions from that arm to the leader, 10 % and 90 % quantiles.
        interval_ratio: width of the widest interval between the leader and another arm, over its prior width.
        p_negligible: chance that the leader differs from another arm by less than the margin that matters, for
            the arm where it is smallest.
        expected: visitors that each arm was to get, in the order of the arms.
        sample_ratio_log_e: evidence that visitors do not reach the arms as planned; `..._before` at the last look.
        full_weeks: since the start; None-dated experiments have not started.
        next_look_ms: when the running week is full.
        ended: nothing more will come in.
        silent_since_ms: when the goal was last reached, if it has gone silent since.
        harms: what is known of the guardrails.
        answer_weeks, p_answer: chances of a clear answer by the end of so many weeks from now, at today's traffic;
            none where nothing can be forecast.
    """

    goal: str
    arms: tuple[ArmSituation, ...]
    leader: str
    rivals: tuple[Rival, ...]
    gain_over: str | None
    gain: tuple[float, float] | None
    interval_ratio: float
    p_negligible: float
    expected: tuple[float, ...]
    sample_ratio_log_e: float
    sample_ratio_log_e_before: float
    elapsed_hours: float
    full_weeks: int
    next_look_ms: int | None
    ended: bool
    silent_since_ms: int | None
    harms: tuple[Harm, ...]
    answer_weeks: tuple[int, ...]
    p_answer: tuple[float, ...]

    def called(self, key: str) -> str:
        """What people know an arm by."""
        return next(arm.name for arm in self.arms if arm.key == key)

    @property
    def visitors(self) -> int:
        return sum(arm.exposed for arm in self.arms)

    @property
    def conversions(self) -> int:
        return sum(arm.conversions for arm in self.arms)

    @property
    def served(self) -> tuple[ArmSituation, ...]:
        """The arms that get visitors now; all of them when none does."""
        return tuple(arm for arm in self.arms if arm.is_served) or self.arms

    @property
    def leading(self) -> ArmSituation:
        return next(arm for arm in self.arms if arm.key == self.leader)
