"""The outcome as a table, each figure beside the echo of the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.generator import Measured


@dataclass(slots=True)
class Row:
    """All repetitions of one kind of request. `beside` names the echo of the same body."""

    name: str
    beside: str
    durable: bool
    runs: list[Measured] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    unloaded: Measured | None = None

    @property
    def a_second(self) -> float:
        return median(run.requests / run.seconds for run in self.runs)

    @property
    def a_cpu_second(self) -> float:
        return median(run.requests / max(cpu, 0.01) for run, cpu in zip(self.runs, self.cpu, strict=True))

    @property
    def spread(self) -> float:
        rates = [run.requests / run.seconds for run in self.runs]
        return (max(rates) - min(rates)) / self.a_second

    @property
    def wrong(self) -> int:
        return sum(run.wrong for run in self.runs) + (self.unloaded.wrong if self.unloaded else 0)

    @property
    def busy(self) -> float:
        """Cores that the server kept busy."""
        return median(cpu / run.seconds for run, cpu in zip(self.runs, self.cpu, strict=True))


HEAD = (
    "request", "req/s", "to echo", "req per CPU-s", "to echo", "p50 ms", "p99 ms", "p50 alone", "p99 alone",
    "CPU cores", "spread", "wrong",
)  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    by_name = {row.name: row for row in rows}
    cells = [HEAD]
    for row in rows:
        echo = by_name[row.beside]
        alone = row.unloaded
        cells.append((
            row.name, f"{row.a_second:,.0f}", f"{row.a_second / echo.a_second:.2f}",
            f"{row.a_cpu_second:,.0f}", f"{row.a_cpu_second / echo.a_cpu_second:.2f}",
            f"{median(run.p50_ms for run in row.runs):.2f}", f"{median(run.p99_ms for run in row.runs):.2f}",
            f"{alone.p50_ms:.2f}" if alone else "-", f"{alone.p99_ms:.2f}" if alone else "-",
            f"{row.busy:.2f}", f"{row.spread:.0%}", f"{row.wrong}",
        ))  # fmt: skip
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ) + " |"
        for line in cells
    ]  # fmt: skip
    rule = (
        "|"
        + "|".join(
            ":" + "-" * (width + 1) if not column else "-" * (width + 1) + ":"
            for column, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([lines[0], rule, *lines[1:]])


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The same for programs, with every repetition."""
    by_name = {row.name: row for row in rows}
    return [
        {
            "name": row.name,
            "durable": row.durable,
            "requests_per_second": round(row.a_second, 1),
            "ratio_to_echo": round(row.a_second / by_name[row.beside].a_second, 3),
            "requests_per_cpu_second": round(row.a_cpu_second, 1),
            "ratio_to_echo_per_cpu_second": round(row.a_cpu_second / by_name[row.beside].a_cpu_second, 3),
            "p50_ms": round(median(run.p50_ms for run in row.runs), 3),
            "p99_ms": round(median(run.p99_ms for run in row.runs), 3),
            "p50_ms_alone": round(row.unloaded.p50_ms, 3) if row.unloaded else None,
            "p99_ms_alone": round(row.unloaded.p99_ms, 3) if row.unloaded else None,
            "wrong": row.wrong,
            "repetitions": [round(run.requests / run.seconds, 1) for run in row.runs],
            "generator_cpu": round(max(run.generator_cpu for run in row.runs), 2),
        }
        for row in rows
    ]
