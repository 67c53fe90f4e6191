"""scripts/setup.sh on machines of every kind, made of a few stand-ins: nothing is fetched here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine import APT_GET, CHROMIUM, NODE, OLD_PYTHON, PYTHON, Machine

ROOT = Path(__file__).parent.parent


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def with_python(machine) -> Machine:
    """And with a Node and a browser: a machine on which little is to be done."""
    for name, text in (("python3", PYTHON), ("node", NODE), ("npm", NODE), ("chromium", CHROMIUM)):
        machine.add(name, text)
    return machine


def test_the_second_time_nothing_is_done(with_python):
    code, output = with_python.setup("run")
    assert code == 0
    assert output.endswith("Set up.\n")
    done = with_python.calls("npm")
    assert with_python.setup("run") == (0, "")
    assert with_python.installed() == ["requirements.lock"]
    assert with_python.calls("npm") == done


def test_what_the_tests_need_holds_what_the_appliance_needs(with_python):
    for mode in ("run", "dev", "run", "dev"):
        assert with_python.setup(mode)[0] == 0
    assert with_python.installed() == ["requirements.lock", "requirements-dev.lock"]


def test_a_changed_lock_is_installed(with_python):
    with_python.setup("dev")
    with (with_python.home / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    for mode in ("run", "run", "dev", "run"):
        assert with_python.setup(mode)[0] == 0
    assert with_python.installed() == ["requirements-dev.lock", "requirements.lock", "requirements-dev.lock"]


def test_an_installation_that_broke_off_is_done_again(with_python):
    code, output = with_python.setup("run", PIP_EXIT="1")
    assert code == 4
    assert "Run the same command again" in output
    assert not (with_python.home / ".venv.lock").exists()
    assert with_python.setup("run")[0] == 0
    assert with_python.installed() == ["requirements.lock"] * 2


def test_two_at_once_install_once(with_python):
    first = with_python.start("run", PIP_SECONDS="1")
    second = with_python.start("run", PIP_SECONDS="1")
    outputs = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert with_python.installed() == ["requirements.lock"]
    assert any("waiting for it" in output for output in outputs)


def test_the_lock_of_a_dead_one_is_taken_over(with_python):
    dead = subprocess.Popen(["true"])
    dead.wait()
    (with_python.home / ".venv.lock").mkdir()
    (with_python.home / ".venv.lock/pid").write_text(f"{dead.pid}\n")
    assert with_python.setup("run")[0] == 0


def test_a_moved_clone_gets_an_environment_of_its_own(with_python):
    with_python.setup("run")
    with_python.home = with_python.home.rename(with_python.home.with_name("moved"))
    assert with_python.setup("run")[0] == 0
    assert (with_python.home / ".venv/made-in").read_text() == f"{with_python.home}\n"
    assert str(with_python.home) in (with_python.home / ".venv/bin/vibevariant").read_text()


def test_without_python_it_says_how_to_get_one(machine):
    machine.add("python3", OLD_PYTHON)
    code, output = machine.setup("run")
    assert code == 3
    assert "needs Python 3.11 or newer" in output
    assert "python3 is 3.9.2" in output
    assert "apt-get install -y python3" in output


def test_a_python_that_is_asked_for_and_missing_is_named(with_python):
    code, output = with_python.setup("run", PYTHON="/nowhere/python3")
    assert code == 3
    assert "PYTHON=/nowhere/python3" in output


def test_without_the_venv_package_it_names_the_line_to_type(with_python):
    code, output = with_python.setup("run", NO_ENSUREPIP="yes")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert code == 3
    assert f"sudo apt-get install -y python{version}-venv" in output


def test_a_python_whose_shim_does_not_work_is_passed_over(with_python):
    with_python.add("python3.13", "#!/bin/sh\necho 'not installed' >&2\nexit 127\n")
    assert with_python.setup("run")[0] == 0


def test_uv_is_used_where_it_is_and_pip_when_uv_fails(with_python):
    with_python.add(
        "uv", f'#!/bin/sh\n[ "$1" != venv ] || exec {with_python.bin}/python3 -m venv .venv\nexit 1\n'
    )
    assert with_python.setup("run")[0] == 0
    assert with_python.installed() == ["requirements.lock"]
    with_python.add("uv", '#!/bin/sh\nprintf "uv %s\\n" "$*" >>"$LOG"\n')
    assert with_python.setup("dev")[0] == 0
    assert with_python.installed() == ["requirements.lock", "requirements-dev.lock"]


def test_it_is_plain_posix_shell():
    dash = shutil.which("dash") or shutil.which("sh")
    for script in sorted((ROOT / "scripts").glob("*.sh")):
        assert subprocess.run([dash, "-n", str(script)], env=os.environ).returncode == 0


def test_the_page_is_built_and_built_anew_when_its_sources_change(with_python):
    assert with_python.setup("run")[0] == 0
    assert with_python.page() == "the page"
    (with_python.home / "web/index.html").write_text("another")
    code, output = with_python.setup("run")
    assert (code, output.count("Building the page")) == (0, 1)
    assert with_python.page() == "another"
    assert with_python.installed() == ["requirements.lock"]


def test_the_tools_of_the_page_are_for_its_tests_alone(with_python):
    with_python.setup("run")
    shutil.rmtree(with_python.home / "web/node_modules")
    assert with_python.setup("run") == (0, "")
    assert with_python.setup("dev")[0] == 0
    assert (with_python.home / "web/node_modules").exists()
    assert with_python.setup("dev") == (0, "")


def test_without_a_node_one_is_installed_beside_the_packages(with_python):
    with_python.remove("node", "npm")
    code, output = with_python.setup("run")
    assert code == 0
    assert "No Node ^20.19 or >=22.12 on the PATH: fetching one into .venv" in output
    assert with_python.page() == "the page"
    for mode in ("run", "dev", "run", "dev"):
        assert with_python.setup(mode)[0] == 0
    assert with_python.setup("dev") == (0, "")
    with (with_python.home / "requirements-node.lock").open("a") as lock:
        lock.write("# changed\n")
    assert with_python.setup("run")[0] == 0
    assert with_python.installed() == [
        "requirements.lock", "requirements-node.lock", "requirements-dev.lock", "requirements-node.lock",
    ]  # fmt: skip


def test_a_page_that_could_not_be_built_is_built_the_next_time(with_python):
    code, output = with_python.setup("run", NPM_EXIT="1")
    assert code == 5
    assert "needs the network" in output.splitlines()[-1]
    assert not (with_python.home / ".venv.lock").exists()
    assert with_python.setup("run")[0] == 0
    assert with_python.page() == "the page"
    assert with_python.installed() == ["requirements.lock"]


@pytest.mark.parametrize(
    ("user", "sudo", "got"),
    [
        ("0", None, ["apt-get -qq update", "apt-get -qq install -y --no-install-recommends chromium"]),
        ("1000", "true", ["apt-get -qq update", "apt-get -qq install -y --no-install-recommends chromium"]),
        ("1000", "false", []),
        ("1000", None, []),
    ],
)
def test_a_browser_comes_from_the_system_where_that_needs_no_password(with_python, user, sudo, got):
    with_python.remove("chromium")
    with_python.add("apt-get", APT_GET)
    with_python.add("id", f"#!/bin/sh\necho {user}\n")
    if sudo:
        with_python.add("sudo", f'#!/bin/sh\n[ "$1" = -n ] && {sudo} && shift && "$@"\n')
    assert with_python.setup("run")[0] == 0
    assert with_python.calls("apt-get") + with_python.calls("playwright") == []
    assert with_python.setup("dev")[0] == 0
    assert with_python.setup("dev") == (0, "")
    assert with_python.calls("apt-get") == got
    assert with_python.calls("playwright") == ([] if got else ["playwright install chromium"])


def test_a_browser_that_only_says_how_to_get_one_is_none(with_python):
    with_python.add("chromium", "#!/bin/sh\necho 'install the snap' >&2\nexit 1\n")
    assert with_python.setup("dev")[0] == 0
    assert with_python.calls("playwright") == ["playwright install chromium"]


def test_without_a_browser_everything_else_can_be_tested(with_python):
    with_python.remove("chromium")
    code, output = with_python.setup("dev", PLAYWRIGHT_EXIT="1")
    assert code == 0
    assert "no route to the browser" in output
    assert "Only the tests in a browser need it" in output
