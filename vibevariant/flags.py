"""The flags of the command line, made from the settings, so that each is written down once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from vibevariant.settings import Settings, dashed, default_text, variables_of


def setting_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a command with the flags of these settings; none named: of all. Not given means None."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names or tuple(Settings.model_fields)):
            command = _option(name, Settings.model_fields[name])(command)
        return command

    return decorate


def _option(name: str, field: FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flag, kind = f"--{dashed(name)}", field.annotation
    notes = " or ".join(variables_of(name))
    default = default_text(field)
    text = f"{field.description}  [env: {notes}{f'; default: {default}' if default else ''}]"
    if kind is bool:
        return click.option(f"{flag}/--no-{dashed(name)}", name, default=None, help=text)
    if get_origin(kind) is Literal:
        choice = click.Choice([str(value) for value in get_args(kind)], case_sensitive=False)
        return click.option(flag, name, type=choice, default=None, help=text)
    types: dict[Any, Any] = {int: click.INT, float: click.FLOAT, Path: click.Path(path_type=Path)}
    return click.option(flag, name, type=types.get(kind, click.STRING), default=None, help=text)
