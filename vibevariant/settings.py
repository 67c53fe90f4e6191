"""Every setting of the appliance: its flag, its environment variable, its default and what it is for.

A flag wins over the environment, the environment over `config.toml` in the data directory, and that over the
default. Nothing is ignored silently: a variable or key that nobody knows is an error that names the nearest.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from vibevariant.errors import SettingsError

PREFIX = "VIBEVARIANT_"
PLAIN = {"port": "PORT", "database_url": "DATABASE_URL", "log_level": "LOG_LEVEL", "env": "ENV"}
"""The variables that hosting platforms set by themselves; the prefixed name wins where both are there."""

OF_COMMANDS = ("VIBEVARIANT_URL", "VIBEVARIANT_KEY")
"""What commands that visit a running appliance read besides: where it is, and a secret key of it."""

SERVICE_LINK = re.compile(
    r"VIBEVARIANT_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
"""What Kubernetes puts into every pod beside a service named "vibevariant": not meant for us, so no error.
https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables"""


def _home_for_data() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return Path(base) / "vibevariant" if base else Path("~/.local/share/vibevariant")


class Settings(BaseSettings):
    """How this appliance runs. Made once at the start, and the same until the end."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", validate_default=True, str_strip_whitespace=True
    )

    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on; 0.0.0.0 lets other machines in, as a container needs.",
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes any that is free.")
    data_dir: Path = Field(
        default_factory=_home_for_data,
        description="Directory of the database, the secret and config.toml; made when it is missing.",
    )
    database_url: str = Field(
        "",
        description="Where the database is, as sqlite:///path; empty: vibevariant.db in the data directory.",
    )
    env: Literal["production", "development"] = Field(
        "production", description="In development a fault shows its whole trace in the answer."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important log lines to write."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="Form of the log lines; auto: text on a terminal, json elsewhere."
    )
    refresh_seconds: float = Field(
        30, gt=0, le=86_400, description="Seconds between two looks of the bandit at the counts."
    )
    grace_seconds: float = Field(
        8,
        ge=0,
        le=3600,
        description="Seconds that requests under way get to finish when the appliance stops.",
    )
    queue_limit: int = Field(
        10_000, ge=1, description="Writes that may wait before the next is told to come back later."
    )
    cache_visitors: int = Field(
        100_000, ge=0, description="Visitors whose arm is kept in memory, about 300 bytes each."
    )
    demo: bool = Field(False, description="Load the example project when the database is new.")
    base_url: str = Field(
        "",
        description="Public address of this appliance for the links it prints, like https://ab.example.com.",
    )

    @field_validator("env", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case_of_level(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _no_tilde(cls, value: Path) -> Path:
        try:
            return value.expanduser()
        except RuntimeError as fault:  # a container whose user has no home
            raise ValueError(
                "there is no home directory here; say where the data goes with --data-dir"
            ) from fault

    @field_validator("database_url")
    @classmethod
    def _a_file(cls, value: str) -> str:
        scheme = value.partition(":")[0].lower()
        if scheme in {"postgres", "postgresql"}:
            raise ValueError(
                "PostgreSQL is not spoken yet; this version keeps its data in SQLite: sqlite:///path"
            )
        if value and not (value.startswith("sqlite:///") and value.strip("/") != "sqlite:"):
            raise ValueError("it must look like sqlite:///relative/path or sqlite:////absolute/path")
        if ":memory:" in value or "?" in value:
            raise ValueError("it must name a file and nothing more; facts that live in memory are lost")
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment
        ):
            raise ValueError("it must look like https://ab.example.com")
        return value.rstrip("/")

    @property
    def database_path(self) -> Path:
        """The SQLite file: the one of `database_url`, or the one in the data directory."""
        if self.database_url:
            return Path(unquote(self.database_url.removeprefix("sqlite:///")))
        return self.data_dir / "vibevariant.db"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First comes first: flags, environment, config.toml."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Environment(settings_cls), _ConfigFile(settings_cls)


class _Environment(PydanticBaseSettingsSource):
    """The variables of this process that are ours."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        variable = _variable_set(field_name)
        return (os.environ[variable] if variable else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        known = {*OF_COMMANDS, *(variables_of(name)[0] for name in Settings.model_fields)}
        for variable in sorted(os.environ):
            if variable.startswith(PREFIX) and variable not in known and not SERVICE_LINK.fullmatch(variable):
                raise SettingsError(
                    f"The environment variable {variable} means nothing to VibeVariant.{_nearest(variable, known)}"
                )
        return {name: os.environ[v] for name in Settings.model_fields if (v := _variable_set(name))}


class _ConfigFile(PydanticBaseSettingsSource):
    """`config.toml` in the data directory, where there is one."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        path = Path(self.current_state.get("data_dir") or _home_for_data()) / "config.toml"
        try:
            values = tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, RuntimeError):
            return {}
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} cannot be read: {fault}.") from fault
        known = set(Settings.model_fields) - {"data_dir"}
        for key in values:
            if key == "data_dir":
                raise SettingsError(f"{path} stands in the data directory and cannot name another one.")
            if key not in known:
                raise SettingsError(f"{path} has the key {key}, which nobody knows.{_nearest(key, known)}")
        return values


def load_settings(**flags: Any) -> Settings:
    """The settings of this process. A flag that is None was not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    for name in given.keys() - Settings.model_fields.keys():
        raise SettingsError(f"There is no setting {name}.{_nearest(name, Settings.model_fields)}")
    try:
        return Settings(**given)
    except ValidationError as fault:
        first = fault.errors()[0]
        name = str(first["loc"][0])
        where = f"--{dashed(name)}" if name in given else _variable_set(name) or f"{name} in config.toml"
        sentence = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        value = "" if name == "database_url" else f" is {first['input']!r}"  # a URL may hold a password
        raise SettingsError(f"{where}{value}: {sentence}.", field=name) from fault


def variables_of(name: str) -> tuple[str, ...]:
    """The environment variables of a setting, the one that wins first."""
    own = PREFIX + name.upper()
    return (own, PLAIN[name]) if name in PLAIN else (own,)


def dashed(name: str) -> str:
    """A setting's name as its flag has it."""
    return name.replace("_", "-")


def default_text(field: FieldInfo) -> str:
    """A default as a person would write it: empty for "none"."""
    value = field.get_default(call_default_factory=True)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _variable_set(name: str) -> str | None:
    """The variable that sets this, if one does. An empty one counts as absent: compose files leave such."""
    for variable in variables_of(name):
        value = os.environ.get(variable, "")
        # Kubernetes says VIBEVARIANT_PORT=tcp://… (see SERVICE_LINK); old shells keep a file name in ENV.
        foreign = (name == "port" and "://" in value) or (variable == "ENV" and "/" in value)
        if value and not foreign:
            return variable
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    """The question whether another name was meant. The prefix that all variables share says nothing."""
    by_end = {other.removeprefix(PREFIX): other for other in known}
    near = difflib.get_close_matches(name.removeprefix(PREFIX), by_end, n=1)
    return f" Did you mean {by_end[near[0]]}?" if near else ""
