"""scripts/setup.sh on machines of every kind, made of a few stand-ins: nothing is fetched here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "dirname", "cat", "cmp", "mkdir", "rm", "grep", "cp", "chmod", "sleep")

PYTHON = f"""#!/bin/sh
# Stands in for a Python, and for the pip of the environments that it makes.
printf '%s\\n' "$*" >>"$LOG"
case "$*" in
    *ensurepip,*) [ -z "${{NO_ENSUREPIP:-}}" ] ;;
    "-m venv .venv") mkdir -p .venv/bin .venv/lib; cp "$0" .venv/bin/python; cp "$0" .venv/bin/pip ;;
    *purelib*) echo .venv/lib ;;
    *pip*install*) sleep "${{PIP_SECONDS:-0}}"; exit "${{PIP_EXIT:-0}}" ;;
    *) exec {sys.executable} "$@" ;;
esac
"""
OLD_PYTHON = """#!/bin/sh
case "$*" in *python_version*) echo 3.9.2 ;; *) exit 1 ;; esac
"""


class Machine:
    """A directory with the project's frame, and a PATH that holds nothing but what is put on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.bin, self.log = home / "clone of mine", home / "bin", home / "log"
        (self.home / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        self.log.touch()
        for name in ("scripts/setup.sh", "requirements.lock", "requirements-dev.lock"):
            shutil.copy(ROOT / name, self.home / name)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def add(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(self, mode: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            [str(self.home / "scripts/setup.sh"), mode],
            env={"PATH": str(self.bin), "LOG": str(self.log), **environment},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def setup(self, mode: str, **environment: str) -> tuple[int, str]:
        process = self.start(mode, **environment)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def installed(self) -> list[str]:
        """The locks that were installed, in order."""
        calls = [line for line in self.log.read_text().splitlines() if " install " in line]
        assert all("--require-hashes" in call and "--only-binary :all:" in call for call in calls)
        return [call.split(" -r ")[1] for call in calls]


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def with_python(machine) -> Machine:
    machine.add("python3", PYTHON)
    return machine


def test_the_second_time_nothing_is_done(with_python):
    code, output = with_python.setup("run")
    assert code == 0
    assert output.endswith("Set up.\n")
    assert with_python.setup("run") == (0, "")
    assert with_python.installed() == ["requirements.lock"]


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
