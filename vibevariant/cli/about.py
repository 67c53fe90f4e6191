"""openapi describes the API; version says what runs here."""

from __future__ import annotations

import json
import platform
import sqlite3

import click

from vibevariant import __version__


@click.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3.1)."""
    from vibevariant.api.openapi import document

    click.echo(json.dumps(document(), indent=2))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print what a program reads.")
def version(*, as_json: bool) -> None:
    """Print the version of VibeVariant, Python and SQLite."""
    versions = {
        "vibevariant": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    click.echo(
        json.dumps(versions) if as_json else "  ".join(f"{name} {value}" for name, value in versions.items())
    )
