"""analyze reads the counts of experiments, one a line, and writes what they say, one a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO, Annotated, Any, Literal, Self

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import to_json

LONGEST_LINE = 1024 * 1024
"""Bytes. Fifty arms under a thousand allocations take less."""

MOST_ARMS = 50
MOST_EPOCHS = 1_000
MOST_COUNT = 10_000_000_000
ENOUGH_DAYS = 14
"""No claim waits for more than two weeks."""

Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
Shares = Annotated[list[Annotated[float, Field(ge=0, le=1e12)]], Field(min_length=2, max_length=MOST_ARMS)]


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class CountedArm(_Line):
    """Visitors of an arm, and how many of them converted."""

    visitors: Count
    conversions: Count
    key: Key | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.conversions > self.visitors:
            raise ValueError("more conversions than visitors: count each visitor once")
        return self


Arms = Annotated[list[CountedArm], Field(min_length=2, max_length=MOST_ARMS)]


class Epoch(_Line):
    """Counts of a time in which the weights were these."""

    weights: Shares
    arms: Arms


class CustomPrior(_Line):
    """A Beta prior of each arm's rate."""

    alpha: Annotated[float, Field(gt=0, le=1e9)]
    beta: Annotated[float, Field(gt=0, le=1e9)]


class Counts(_Line):
    """One line: an experiment's counts."""

    arms: Arms | None = None
    control: Key | None = None
    prior: Literal["learned", "flat", "jeffreys"] | CustomPrior = "learned"
    weights: Shares | None = None
    epochs: Annotated[list[Epoch], Field(min_length=1, max_length=MOST_EPOCHS)] | None = None
    goal: Annotated[str, Field(min_length=1, max_length=64)] = "conversion"
    days: Annotated[float, Field(ge=0, le=36_500)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.arms is None and self.epochs is None:
            raise ValueError("give `arms`, or `epochs` with the arms of each")
        if self.weights is not None and self.epochs is not None:
            raise ValueError("each epoch has its own weights; leave `weights` out")
        sizes = {len(part) for epoch in self.epochs or [] for part in (epoch.weights, epoch.arms)}
        sizes |= {len(part) for part in (self.arms, self.weights) if part is not None}
        if len(sizes) != 1:
            raise ValueError("`arms`, `weights` and every epoch have one entry for each arm")
        if any(not sum(weights) for weights in (self.weights, *(e.weights for e in self.epochs or []))
               if weights is not None):  # fmt: skip
            raise ValueError("some weight is above 0")
        if self.arms is not None and self.epochs is not None and self.totals() != self.sums():
            raise ValueError("`arms` are the sums of the epochs; leave them out or mend them")
        keys = self.keys()
        if len(set(keys)) != len(keys):
            raise ValueError("every arm has a key of its own")
        if self.control is not None and self.control not in keys:
            raise ValueError(f"`control` names one of the arms: {', '.join(keys)}")
        return self

    def named(self) -> list[CountedArm]:
        """The arms that carry the keys."""
        return self.arms if self.arms is not None else (self.epochs or [])[0].arms

    def keys(self) -> list[str]:
        return [arm.key or f"arm-{place}" for place, arm in enumerate(self.named())]

    def totals(self) -> list[tuple[int, int]]:
        return [(arm.visitors, arm.conversions) for arm in self.arms or []]

    def sums(self) -> list[tuple[int, int]]:
        columns = zip(*(epoch.arms for epoch in self.epochs or []), strict=True)
        return [
            (sum(arm.visitors for arm in column), sum(arm.conversions for arm in column))
            for column in columns
        ]


@click.command()
def analyze() -> None:
    """Read counts, one experiment in JSON a line, and write what they say, one result a line.

    A line: {"arms": [{"key": "control", "visitors": 100, "conversions": 3}, {"key": "bold", "visitors": 100,
    "conversions": 8}]}. A line that cannot be read gives an object with its number and what is wrong, and the next
    one is read.
    """
    try:
        for number, line in enumerate(_lines(sys.stdin.buffer), start=1):
            if line is None or line.strip():
                sys.stdout.buffer.write(to_json(_result(number, line), inf_nan_mode="null") + b"\n")
                sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has enough
        sys.stderr.close()


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Lines, of which no more than one is in memory; None stands for one that is too long."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None


def _result(number: int, line: bytes | None) -> dict[str, Any]:
    if line is None:
        return _wrong(number, f"The line has more than {LONGEST_LINE:,} bytes.")
    try:
        counts = Counts.model_validate_json(line)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return _wrong(number, first["msg"].removeprefix("Value error, "), place)
    return _read(counts)


def _wrong(line: int, what: str, place: str = "") -> dict[str, Any]:
    return {"error": {"line": line, "detail": what, "field": place or None}}


def _read(counts: Counts) -> dict[str, Any]:
    from vibevariant.cli.analysis import described
    from vibevariant.stats.allocation import observed_weights, to_ten_thousandths
    from vibevariant.stats.analysis import analyse
    from vibevariant.stats.evidence import AllocationCounts
    from vibevariant.stats.posterior import Beta
    from vibevariant.stats.priors import RatePrior
    from vibevariant.stats.reading import ranked, read
    from vibevariant.stats.situation import HOUR_MS

    keys = counts.keys()
    allocations: list[AllocationCounts]
    if counts.epochs is not None:
        allocations = [
            (
                to_ten_thousandths(epoch.weights),
                [arm.visitors for arm in epoch.arms],
                [arm.conversions for arm in epoch.arms],
            )
            for epoch in counts.epochs
        ]
    else:
        exposed, converted = ([pair[part] for pair in counts.totals()] for part in (0, 1))
        weights = observed_weights(exposed) if counts.weights is None else to_ten_thousandths(counts.weights)
        allocations = [(weights, exposed, converted)]
    control = counts.control or ("control" if "control" in keys else keys[0])
    custom = counts.prior if isinstance(counts.prior, CustomPrior) else None
    prior = (
        RatePrior(counts.prior)
        if isinstance(counts.prior, str)
        else RatePrior("custom", Beta(custom.alpha, custom.beta) if custom else None)
    )
    place = keys.index(control)
    # Without a word on how long it took, two full weeks are taken for granted, and no traffic is made up from them.
    days = ENOUGH_DAYS if counts.days is None else counts.days
    ranking = ranked(keys, place, allocations)
    visitors = sum(sum(exposed) for _, exposed, _ in allocations)
    reading = read(
        keys, place, allocations, goal=counts.goal, started_ms=0, now_ms=round(days * 24 * HOUR_MS),
        prior=prior.from_past(()), ranking=ranking, visitors_per_week=7 * visitors / counts.days if counts.days else None,
    )  # fmt: skip
    planned = counts.weights is not None or counts.epochs is not None
    return described(reading, analyse(reading, ranking, allocations), planned=planned)
