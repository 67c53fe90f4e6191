"""The house stands: imports point one way, files stay short, and nothing of one machine is in the tree."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.architecture import MOST_LINES, ROOMS, faults, foreign_words, room_of

ROOT = Path(__file__).parent.parent


def tracked(*patterns: str) -> list[Path]:
    """The files that git has or would take; in an unpacked source archive, all of them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        skipped = {".venv", ".git", "node_modules", "__pycache__"}
        found = [path for pattern in patterns or ("*",) for path in ROOT.rglob(pattern.lstrip("/"))]
        return [path for path in found if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def modules() -> list[tuple[str, Path]]:
    files = sorted((ROOT / "vibevariant").rglob("*.py"))
    named = [(".".join(path.relative_to(ROOT).with_suffix("").parts), path) for path in files]
    return [(name.removesuffix(".__init__") if name.count(".") > 1 else name, path) for name, path in named]


def test_imports_point_one_way():
    wrong = [
        f"{path.relative_to(ROOT)}:{fault}"
        for name, path in modules()
        for fault in faults(name, path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(["", *wrong])


def test_no_file_is_too_long_to_be_read_in_one_go():
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in tracked("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not long, "\n".join(["split by idea:", *long])


def test_nothing_of_one_machine_or_of_a_registry_is_in_the_tree():
    wrong = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        wrong += [f"{path.relative_to(ROOT)}:{word}" for word in foreign_words(text)]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(
    ("lock", "least"),
    [("requirements.lock", 30), ("requirements-dev.lock", 60), ("requirements-node.lock", 1)],
)
def test_the_locks_name_no_host_and_hash_every_package(lock, least):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    packages = [part for part in text.replace("\\\n", " ").splitlines() if "==" in part]
    assert len(packages) >= least
    assert [line for line in packages if "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("package", ["web", "sdk-js"])
def test_the_locks_of_npm_name_no_host_and_hold_every_package_for_every_machine(package):
    """A package that npm left out of its lock is missed on another system only, where `npm ci` then refuses."""
    asked = json.loads((ROOT / package / "package.json").read_bytes())
    packages = json.loads((ROOT / package / "package-lock.json").read_bytes())["packages"]
    for kind in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
        assert packages[""].get(kind) == asked.get(kind)
    named = {path.rpartition("node_modules/")[2] for path in packages}
    for path, about in packages.items():
        assert "resolved" not in about, path
        assert "integrity" in about or path == ""
        assert set(about.get("optionalDependencies", {})) <= named, path


def test_the_second_lock_holds_the_first():
    names = [
        {line.split(" ")[0] for line in (ROOT / lock).read_text().splitlines() if "==" in line}
        for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert names[0] < names[1]


def test_no_room_can_come_back_to_itself():
    def reach(room: str, seen: frozenset[str]) -> frozenset[str]:
        for known in ROOMS[room] - seen:
            seen = reach(known, seen | {known})
        return seen

    rooms = {room for room in ROOMS if room not in ROOMS[room]}
    assert [room for room in rooms if room in reach(room, frozenset())] == []


# The checker itself: it lets pass what may be, and it can fail.


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("vibevariant.stats.posterior", "import numpy as np\nfrom scipy import special\nimport math"),
        ("vibevariant.stats.posterior", "def f():\n    from scipy.special import betainc"),
        ("vibevariant.experiments.results", "from vibevariant.stats.comparison import compare"),
        ("vibevariant.storage.ledger", "from vibevariant import errors\nasync def f(): await g()"),
        ("vibevariant.api.assign", "from vibevariant.storage.ledger import Ledger\nimport pydantic"),
        ("vibevariant.app", "import vibevariant.api.routes, vibevariant.jobs.schedule"),
        ("vibevariant.cli", "from vibevariant import __version__"),
        ("vibevariant.logs", "from vibevariant.settings import Settings"),
    ],
)
def test_an_arrow_that_runs_the_right_way_passes(module, source):
    assert faults(module, source) == []


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        (
            "vibevariant.stats.posterior",
            "from vibevariant.experiments.goals import Goal",
            "may not know experiments",
        ),
        ("vibevariant.stats.posterior", "from vibevariant.errors import InvalidInput", "may not know errors"),
        ("vibevariant.stats.posterior", "from scipy import stats", "only scipy.special"),
        ("vibevariant.stats.posterior", "import scipy", "only scipy.special"),
        ("vibevariant.stats.posterior", "def f():\n    import pandas", "2: stats stands on numpy"),
        ("vibevariant.stats.posterior", "async def f(): pass", "waits for nothing"),
        (
            "vibevariant.experiments.goals",
            "x = [y async for y in z]\nasync def f(): pass",
            "2: experiments is pure",
        ),
        ("vibevariant.experiments.goals", "from pydantic import BaseModel", "stands at the edges"),
        ("vibevariant.experiments.goals", "from vibevariant import storage", "may not know storage"),
        (
            "vibevariant.experiments.goals",
            "from vibevariant.settings import Settings",
            "may not know settings",
        ),
        ("vibevariant.experiments.goals", "from .assignment import decide", "absolute"),
        ("vibevariant.storage.ledger", "import vibevariant.api.routes as r", "may not know api"),
        ("vibevariant.api.assign", "from vibevariant.jobs import schedule", "may not know jobs"),
        ("vibevariant.jobs.schedule", "if True:\n    import vibevariant.api", "may not know api"),
        ("vibevariant.api.assign", "from vibevariant.app import create_app", "may not know app"),
        ("vibevariant.app", "from vibevariant.cli import main", "may not know cli"),
        ("vibevariant.settings", "from vibevariant.storage.sqlite import open", "may not know storage"),
        ("vibevariant.storage.ledger", "from vibevariant.helpers import x", "helpers is no room"),
        ("vibevariant.helpers", "", "in no room"),
    ],
)
def test_an_arrow_that_runs_the_wrong_way_is_found(module, source, said):
    found = faults(module, source)
    assert len(found) >= 1
    assert said in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "index = https://files." + "pythonhosted" + ".org/x",
        "see " + "/root" + "/notes.txt",
        "cd " + "/home" + "/ann/vv",
        "'" + "/Users" + "/ann/'",
    ],
)
def test_a_word_of_one_machine_is_found(text):
    assert foreign_words("first\n" + text)[0].startswith("2: ")


@pytest.mark.parametrize(
    "text", ["~/.local/share", "/var/lib/x", "https://a.example/work/1", "$HOME/root/", "/api/v1"]
)
def test_a_word_of_no_machine_passes(text):
    assert foreign_words(text) == []


def test_a_module_is_in_the_room_of_its_directory():
    assert room_of("vibevariant.storage.ledger") == "storage"
    assert room_of("vibevariant.app") == "app"
    assert room_of("vibevariant") == "__init__"
