"""What an owner writes down: a new experiment, or a change of one, as it comes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from vibevariant.api.body import AttributeName, Body, EventName, Key, Name
from vibevariant.errors import Conflict, InvalidInput
from vibevariant.experiments.definition import LONGEST_DESCRIPTION, MOST_ELEMENTS, define
from vibevariant.experiments.experiment import (
    MAX_ARMS,
    AllocationKind,
    AllocationMode,
    Experiment,
    ExperimentType,
    GoalRole,
    Operator,
    Source,
    Status,
)
from vibevariant.experiments.fields import printable_of, prose_of
from vibevariant.experiments.goals import LONGEST_WINDOW, MOST_GOALS
from vibevariant.experiments.lifecycle import reallocate, start
from vibevariant.experiments.priors import LEAST, MOST, PriorWord, prior_of
from vibevariant.experiments.targeting import MOST_CONDITIONS, targeting_of
from vibevariant.experiments.weights import to_traffic, to_weights
from vibevariant.stats.allocation import Mode
from vibevariant.stats.priors import RatePrior

USUAL_MODE: Mode = "balanced"

Weight = Annotated[float, Field(ge=0, le=100, description="A share: all sum to 1, or to 100 as percentages.")]
Traffic = Annotated[float, Field(gt=0, le=1, description="The share of visitors who may take part.")]
Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION)]


class NewVariant(Body):
    """One option of an element."""

    key: Key
    name: Name | None = None
    is_control: bool = Field(False, description="None marked: the one called `control`, else the first.")
    payload: Any = Field(None, description="Any small JSON value; the visitor's page gets it with the arm.")


class NewArm(NewVariant):
    """One option of an `ab_test`."""

    weight: Weight | None = Field(None, description="For every arm or for none; none: even shares.")


class NewElement(Body):
    """A thing that varies, such as a headline."""

    key: Key
    name: Name | None = None
    variants: Annotated[list[NewVariant], Field(min_length=2, max_length=MAX_ARMS)]


class NewGoal(Body):
    """A thing worth counting."""

    key: Key
    event: EventName | None = Field(
        None, description="The event that counts; none: the one named like the goal."
    )
    role: GoalRole | None = Field(None, description="Exactly one is primary; a goal alone always is.")
    window_hours: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] | None = Field(
        None, description="Hours after the exposure in which an event counts; none: it counts however late."
    )


class NewCondition(Body):
    """A rule on one attribute of the visitor; all of them must hold."""

    attribute: AttributeName
    operator: Operator
    value: Any = Field(
        None, description="A plain value; a list of them for `in`; true or false for `exists`."
    )


Strength = Annotated[float, Field(ge=LEAST, le=MOST)]


class CustomPrior(Body):
    """A prior of one's own, Beta(alpha, beta): worth so many conversions, and so many visitors without one."""

    alpha: Strength
    beta: Strength


MODES = (
    "What the visitors of an adaptive experiment are spent on. `learn`: on telling the arms apart soonest, evenly between "
    "two of them; `balanced` (the usual one): on both, half of the loss saved and proof nearly as soon; `earn`: on the "
    "arm that looks best, whatever there is still to learn about the others."
)


class NewExperiment(Body):
    """A question to ask."""

    key: Key
    name: Name | None = None
    description: Description | None = None
    type: ExperimentType = "ab_test"
    arms: Annotated[list[NewArm], Field(min_length=2, max_length=MAX_ARMS)] | None = Field(
        None, description="Of an `ab_test`."
    )
    elements: Annotated[list[NewElement], Field(min_length=2, max_length=MOST_ELEMENTS)] | None = Field(
        None, description="Of a `multi_element` experiment, whose arms are all their combinations."
    )
    allocation: AllocationKind = Field("adaptive", description="`adaptive`: better arms get more visitors.")
    mode: Mode | None = Field(None, description=MODES)
    goal: Key | None = Field(None, description="The one goal, counting the event of the same name.")
    goals: Annotated[list[NewGoal], Field(min_length=1, max_length=MOST_GOALS)] | None = None
    targeting: Annotated[list[NewCondition], Field(max_length=MOST_CONDITIONS)] | None = None
    traffic: Traffic = 1.0
    prior: PriorWord | CustomPrior = Field(
        "learned",
        description="What each arm's rate starts from: what finished experiments taught, a plain prior, or your own.",
    )
    source: Source = Field("live", description="`imported`: recorded elsewhere, to be brought in by /import.")
    start: bool = Field(False, description="True: start it at once, instead of leaving a draft.")
    project: Key | None = Field(None, description="None: the only project that is no example.")

    @model_validator(mode="after")
    def _goal_once(self) -> Self:
        if (self.goal is None) is (self.goals is None):
            raise ValueError("Say what counts once: a `goal`, or a list of `goals`")
        if self.start and self.source == "imported":
            raise ValueError("What was recorded elsewhere starts with its first import; leave `start` out")
        if self.allocation == "fixed" and self.mode is not None:
            raise ValueError("A mode belongs to an `adaptive` allocation; fixed weights stay as they are")
        return self

    @property
    def allocation_mode(self) -> AllocationMode:
        return "fixed" if self.allocation == "fixed" else self.mode or USUAL_MODE


class ExperimentChange(Body):
    """What may be changed. Nobody who is in an experiment is moved by it."""

    name: Name | None = None
    description: Description | None = None
    targeting: Annotated[list[NewCondition], Field(max_length=MOST_CONDITIONS)] | None = None
    weights: dict[Key, Weight] | None = Field(
        None, description="For every arm, by its key; of `fixed` ones and drafts."
    )
    traffic: Traffic | None = None
    mode: Mode | None = Field(None, description="Of `adaptive` ones; the weights follow at the next refresh.")
    prior: PriorWord | CustomPrior | None = Field(None, description="Of drafts.")


def defined(new: NewExperiment, project_id: int, now: int, actor: str) -> Experiment:
    """The experiment that was written down, checked: a draft, or started where that was asked for."""
    plain = new.model_dump(exclude_unset=True)
    draft = define(
        project_id=project_id,
        key=new.key,
        goals=plain["goals"] if new.goals is not None else [{"key": new.goal}],
        now=now,
        name=new.name,
        description=new.description,
        type=new.type,
        mode=new.allocation_mode,
        source=new.source,
        arms=plain.get("arms"),
        elements=plain.get("elements"),
        targeting=plain.get("targeting"),
        traffic=new.traffic,
        prior=plain.get("prior", new.prior),
    )
    return start(draft, now, actor) if new.start else draft


def changed(experiment: Experiment, change: ExperimentChange, now: int, actor: str) -> Experiment:
    """The experiment with the change, and with a new allocation where weights or traffic differ."""
    plain = change.model_dump(exclude_unset=True)
    texts: dict[str, Any] = {}
    if change.name is not None:
        texts["name"] = printable_of(change.name, "name")
    if change.description is not None:
        texts["description"] = prose_of(change.description, "description", longest=LONGEST_DESCRIPTION)
    if change.targeting is not None:
        texts["targeting"] = targeting_of(plain["targeting"])
    if change.mode is not None:
        texts["mode"] = _mode(experiment, change.mode)
    if change.prior is not None:
        texts["prior"] = _prior(experiment, plain["prior"])
    experiment = replace(experiment, **texts)
    if change.weights is None and change.traffic is None:
        return experiment
    weights = experiment.weights if change.weights is None else _weights(experiment, change.weights)
    traffic = experiment.traffic if change.traffic is None else to_traffic(change.traffic)
    return reallocate(experiment, weights, traffic, now, "change", actor)


def _mode(experiment: Experiment, mode: Mode) -> Mode:
    if experiment.mode == "fixed":
        raise Conflict(
            "The weights of this experiment are fixed, so it has no mode.",
            field="mode",
            hint="Make another experiment with the allocation `adaptive`.",
        )
    if experiment.status is Status.COMPLETED and mode != experiment.mode:
        raise Conflict("The experiment has ended; its mode changes nothing any more.", field="mode")
    return mode


def _prior(experiment: Experiment, given: Any) -> RatePrior:
    prior = prior_of(given)
    if prior != experiment.prior and experiment.status is not Status.DRAFT:
        raise Conflict(
            "What was assumed beforehand cannot be changed afterwards: the experiment has started.",
            field="prior",
            hint="Make another experiment with this prior; the results show what other priors would say.",
        )
    return prior


def _weights(experiment: Experiment, given: dict[str, float]) -> tuple[int, ...]:
    if experiment.kind == "adaptive" and experiment.status is not Status.DRAFT:
        raise Conflict(
            "The weights of an adaptive experiment follow from what its visitors do.",
            field="weights",
            hint="To set weights by hand, make an experiment with the allocation `fixed`.",
        )
    weights = planned_weights(experiment, given)
    if experiment.kind == "adaptive" and 0 in weights:
        raise InvalidInput(
            "An adaptive experiment gives every arm a chance.", field="weights", hint="Give none 0."
        )
    return weights


def planned_weights(experiment: Experiment, given: dict[str, float]) -> tuple[int, ...]:
    """The weights by arm as whole ten-thousandths in the order of the arms."""
    if given.keys() != experiment.arms_by_key.keys():
        raise InvalidInput(
            "The weights do not name the arms of this experiment.",
            field="weights",
            hint=f"Give one for each of: {', '.join(experiment.arms_by_key)}.",
        )
    return to_weights([given[arm.key] for arm in experiment.arms], "weights", "weights")
