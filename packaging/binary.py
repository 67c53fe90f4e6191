"""Builds the executable for the kind of machine it runs on, and measures it: what `make binary` runs.

    dist/vibevariant                   one file, to be copied anywhere; it unpacks itself at every start
    dist/vibevariant-PLATFORM.tar.gz   one folder, which starts faster and needs no temporary space

Both bring their Python along. What has not changed since the last time is not built again.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from program import Program
from steps import WrongError, step

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
WORK = DIST / ".build"
MADE_FROM = WORK / "made-from"
SOURCES = ("vibevariant/**/*", "packaging/*", "requirements.lock")
TOOLS = ("objcopy", "objdump", "strip")
"""What PyInstaller and the specification need on Linux, all of it in the package binutils."""

LARGEST = 60_000_000
"""Bytes of the one file: more than that, and something has come in that has no place in it."""

SLOWEST = 2.0
"""Seconds to the first answer of the one file, on a quiet machine."""

RUNS = 5
GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")


def main() -> int:
    try:
        one_file, folder, archive = build()
        measure(one_file, folder, archive)
    except WrongError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def build() -> tuple[Path, Path, Path]:
    """The file, the folder and the folder's archive, made anew where something of theirs has changed."""
    made = DIST / "vibevariant", DIST / f"vibevariant-{kind_of_machine()}"
    archive = made[1].with_name(f"{made[1].name}.tar.gz")
    # The page first, for it is a part of the package.
    if subprocess.run([sys.executable, ROOT / "packaging/page.py"], check=False).returncode != 0:
        raise WrongError("Without the page there is no executable.")
    now = digest()
    if all(path.exists() for path in (*made, archive)) and _said(MADE_FROM) == now:
        print(f"{made[0].relative_to(ROOT)} is in step with its sources.")
        return *made, archive
    if missing := [tool for tool in TOOLS if sys.platform == "linux" and not shutil.which(tool)]:
        raise WrongError(f"{', '.join(missing)}: not found. Debian, Ubuntu: sudo apt-get install -y binutils")
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with step("one file and one folder, with PyInstaller"):
        _freeze()
        for path in (*made, archive):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for new, path in zip(("vibevariant", "folder"), made, strict=True):
            (WORK / "made" / new).rename(path)
    with step(f"{archive.relative_to(ROOT)}"), tarfile.open(archive, "w:gz", compresslevel=6) as packed:
        packed.add(made[1], made[1].name, filter=_of_nobody)
    MADE_FROM.write_text(now, encoding="utf-8")
    return *made, archive


def kind_of_machine() -> str:
    """Like linux-x64: what an executable has to be built on to run there."""
    system = {"darwin": "macos"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return f"{system}-{ {'x86_64': 'x64', 'amd64': 'x64', 'aarch64': 'arm64'}.get(machine, machine) }"


def digest() -> str:
    """Of all that the executables are made from."""
    whole = hashlib.sha256(f"{sys.version} {importlib.metadata.version('pyinstaller')}".encode())
    files = {file for pattern in SOURCES for file in ROOT.glob(pattern) if file.is_file()}
    for file in sorted(files):
        if "__pycache__" not in file.parts:
            whole.update(f"\n{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return whole.hexdigest()


def _said(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _freeze() -> None:
    command: list[str | Path] = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
        "--distpath", WORK / "made", "--workpath", WORK / "work", ROOT / "packaging/vibevariant.spec",
    ]  # fmt: skip
    own = {
        **os.environ,
        "PYINSTALLER_CONFIG_DIR": str(WORK / "cache"),  # else it is in the home directory
        "PYTHONPATH": str(ROOT),  # this package, whichever one is installed
        "PYTHONHASHSEED": "0",  # the same order of everything every time
    }
    if subprocess.run(command, cwd=ROOT, env=own, check=False).returncode != 0:
        raise WrongError("PyInstaller could not build it; what is above says why.")


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of who built it."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def measure(one_file: Path, folder: Path, archive: Path) -> None:
    """Prints sizes and times. A file that is too large is wrong; times are the machine's too, so they only inform."""
    needs = f"Linux with glibc {glibc_of(folder)} or newer" if sys.platform == "linux" else sys.platform
    print(f"Runs on {needs}, {platform.machine()}. Seconds to the first 200 of /livez, {RUNS} starts each:")
    in_folder = [file for file in folder.rglob("*") if file.is_file()]
    for program, shipped, files in (
        (one_file, one_file, [one_file]),
        (folder / "vibevariant", archive, in_folder),
    ):
        cold, warm = starts(program, files, cold=True), starts(program, files, cold=False)
        size = f"{shipped.stat().st_size / 1e6:.1f} MB"
        print(
            f"  {shipped.relative_to(ROOT)!s:42} {size:>8}   cold {_shown(cold)}   warm {_shown(warm)}",
            flush=True,
        )
        if program == one_file and statistics.median(warm) > SLOWEST:
            print(f"  More than {SLOWEST:.0f} s: too much for a quiet machine; a busy one proves nothing.")
    if one_file.stat().st_size > LARGEST:
        raise WrongError(f"{one_file.name} is larger than {LARGEST / 1e6:.0f} MB: look what came in.")


def starts(program: Path, files: list[Path], *, cold: bool) -> list[float]:
    """Seconds of some starts on nothing; cold is with its files out of the cache, as far as the kernel lets them go."""
    took = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="vibevariant-start-") as place:
            if cold:
                _forget(files)
            started = Program(str(program), Path(place))
            try:
                took.append(started.start())
                started.stop()
            finally:
                started.end()
    return took


def _forget(files: list[Path]) -> None:
    if hasattr(os, "posix_fadvise"):
        for file in files:
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _shown(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def glibc_of(folder: Path) -> str:
    """The oldest glibc that all its libraries can do with: what they name, they need."""
    versions = {
        (int(major), int(minor))
        for file in folder.rglob("*")
        if file.is_file() and (".so" in file.name or file.name == "vibevariant")
        for major, minor in GLIBC.findall(file.read_bytes())
    }
    return ".".join(map(str, max(versions)))


if __name__ == "__main__":
    sys.exit(main())
