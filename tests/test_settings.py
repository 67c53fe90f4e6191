"""Where a setting comes from, and what is said when it is wrong."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from vibevariant.errors import SettingsError
from vibevariant.flags import setting_options
from vibevariant.settings import Settings, load_settings, variables_of


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def config_toml(directory: Path, text: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.toml").write_text(text, encoding="utf-8")
    return directory


def test_without_anything_said_it_is_safe_and_at_home(home):
    settings = load_settings()
    assert (settings.host, settings.port, settings.env) == ("127.0.0.1", 8000, "production")
    assert settings.data_dir == home / ".local/share/vibevariant"
    assert settings.database_path == settings.data_dir / "vibevariant.db"


def test_the_data_directory_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert load_settings().data_dir == tmp_path / "xdg/vibevariant"


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(monkeypatch, tmp_path):
    directory = config_toml(tmp_path / "data", "port = 8003\n")
    assert load_settings().port == 8000
    assert load_settings(data_dir=directory).port == 8003
    monkeypatch.setenv("PORT", "8002")
    assert load_settings(data_dir=directory).port == 8002
    monkeypatch.setenv("VIBEVARIANT_PORT", "8001")
    assert load_settings(data_dir=directory).port == 8001
    assert load_settings(data_dir=directory, port=8000).port == 8000


def test_config_toml_is_found_where_the_environment_says(monkeypatch, tmp_path):
    directory = config_toml(tmp_path / "elsewhere", 'log_level = "debug"\ndemo = true\n')
    monkeypatch.setenv("VIBEVARIANT_DATA_DIR", str(directory))
    settings = load_settings(port=None)
    assert (settings.log_level, settings.demo, settings.data_dir) == ("DEBUG", True, directory)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_has_a_sentence_and_a_variable(name):
    assert Settings.model_fields[name].description.endswith(".")
    assert variables_of(name)[0] == f"VIBEVARIANT_{name.upper()}"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("VIBEVARIANT_PROT", "1", r"VIBEVARIANT_PROT means nothing.* Did you mean VIBEVARIANT_PORT\?"),
        ("VIBEVARIANT_ZZZZ", "1", r"VIBEVARIANT_ZZZZ means nothing to VibeVariant\.$"),
        ("PORT", "eighty", "PORT is 'eighty': it should be a valid integer"),
        ("VIBEVARIANT_PORT", "70000", "VIBEVARIANT_PORT is '70000': .*less than or equal to 65535"),
        ("VIBEVARIANT_HOST", " ", "VIBEVARIANT_HOST is ' '"),
        ("ENV", "staging", "ENV is 'staging': it should be 'production' or 'development'"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'LOUD': it should be 'DEBUG'"),
        ("VIBEVARIANT_REFRESH_SECONDS", "0", "greater than 0"),
        ("VIBEVARIANT_REFRESH_SECONDS", "nan", "VIBEVARIANT_REFRESH_SECONDS"),
        ("VIBEVARIANT_DEMO", "perhaps", "VIBEVARIANT_DEMO is 'perhaps'"),
        ("VIBEVARIANT_BASE_URL", "ab.example.com", "it must look like https://ab.example.com"),
        ("DATABASE_URL", "mysql://root@db/ab", "DATABASE_URL: it must look like sqlite:///"),
        ("DATABASE_URL", "sqlite:///", "it must look like sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:", "it must name a file"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_may_be(monkeypatch, variable, value, message):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()
    assert caught.value.hint


def test_postgres_is_recognised_and_its_password_not_repeated(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ab:hunter2@db/ab")
    with pytest.raises(SettingsError, match="PostgreSQL is not spoken yet") as caught:
        load_settings()
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", r"has the key prot, which nobody knows\. Did you mean port\?"),
        ("port = 'x'", "port in config.toml is 'x'"),
        ("port =", r"config\.toml cannot be read"),
        ("data_dir = '/'", "cannot name another one"),
    ],
)
def test_a_wrong_line_of_the_file_is_named(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(data_dir=config_toml(tmp_path / "data", text))


def test_a_wrong_flag_is_named_as_it_was_typed():
    with pytest.raises(
        SettingsError, match=r"--grace-seconds is -1: it should be greater than or equal to 0"
    ):
        load_settings(grace_seconds=-1)
    with pytest.raises(SettingsError, match=r"There is no setting prot\. Did you mean port\?"):
        load_settings(prot=1)


def test_what_others_put_into_the_environment_does_no_harm(monkeypatch):
    for variable, value in {
        "VIBEVARIANT_PORT": "tcp://10.0.0.1:80",  # Kubernetes, beside a service of our name
        "VIBEVARIANT_PORT_80_TCP_ADDR": "10.0.0.1",
        "VIBEVARIANT_SERVICE_HOST": "10.0.0.1",
        "VIBEVARIANT_SERVICE_PORT_HTTP": "80",
        "ENV": "/etc/shinit",  # the start-up file of old shells
        "VIBEVARIANT_KEY": "vv_sk_x",  # for the commands that visit an appliance
        "VIBEVARIANT_HOST": "",  # an empty line of a compose file
    }.items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    assert (settings.port, settings.env, settings.host) == (8000, "production", "127.0.0.1")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///ab.db", "ab.db"),
        ("sqlite:////var/lib/ab.db", "/var/lib/ab.db"),
        ("sqlite:///a%20b.db", "a b.db"),
    ],
)
def test_a_database_url_names_a_file(url, path):
    assert load_settings(database_url=url).database_path == Path(path)


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1


@click.command()
@setting_options()
def show_all(**flags) -> None:
    settings = load_settings(**flags)
    click.echo(f"{settings.port} {settings.demo} {settings.data_dir} {settings.log_level}")


def test_every_setting_is_a_flag_that_a_command_can_declare():
    output = CliRunner().invoke(show_all, ["--help"], terminal_width=200).output
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in output
        assert field.description.split(";")[0][:40] in output
        for variable in variables_of(name):
            assert variable in output


def test_flags_that_are_not_given_leave_room_for_the_rest(monkeypatch):
    monkeypatch.setenv("PORT", "1234")
    output = CliRunner().invoke(show_all, ["--demo", "--data-dir", "~/d", "--log-level", "debug"]).output
    assert output.startswith("1234 True ")
    assert output.endswith("/d DEBUG\n")
    assert "~" not in output


def test_a_command_may_take_some_settings_only():
    @click.command()
    @setting_options("data_dir", "log_level")
    def some(**flags) -> None:
        click.echo(sorted(flags))

    assert CliRunner().invoke(some).output == "['data_dir', 'log_level']\n"
