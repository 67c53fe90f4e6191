"""packaging/page.py on two packages of a few lines, with the real Node and its npm."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.clone import BUILD_WEB, PATIENCE, STYLE, Clone

STOP_HALFWAY = """
import fs from "node:fs";
fs.mkdirSync(process.env.PAGE_OUT);
fs.writeFileSync(`${process.env.PAGE_OUT}/index.html`, "half");
fs.writeFileSync("../halfway", "");
setInterval(() => {}, 1000);
"""


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "a clone")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose page is made; to be copied, not changed."""
    clone = Clone(tmp_path_factory.mktemp("made") / "clone")
    code, said = clone.run(NODE_ENV="development")
    assert (code, said.splitlines()[-1]) == (0, "Built."), said
    return clone.home


@pytest.fixture
def in_step(made: Path, tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path / "clone")
    shutil.copytree(made, clone.home, dirs_exist_ok=True)
    yield clone
    assert not list((clone.home / ".page").glob("new-*")), "a build left something behind"


def test_the_page_the_sdk_and_their_compressed_twins_are_made(in_step):
    built = in_step.built()
    assert sorted(built) == [
        "assets/mode.txt", "assets/mode.txt.br", "assets/mode.txt.gz",
        "assets/style.css", "assets/style.css.br", "assets/style.css.gz",
        "build.json", "index.html", "index.html.br", "index.html.gz",
        "sdk/vibevariant-sdk.tgz", "sdk/vibevariant.js", "sdk/vibevariant.js.br", "sdk/vibevariant.js.gz",
    ]  # fmt: skip
    assert built["sdk/vibevariant.js"] == b"export const sdk = 1;\n"
    assert gzip.decompress(built["assets/style.css.gz"]).decode() == STYLE
    assert built["assets/style.css.gz"][4:8] == b"\0\0\0\0", "the time would make every build another one"
    assert len(built["assets/style.css.br"]) < len(built["assets/style.css.gz"]) < len(STYLE) / 10
    with tarfile.open(in_step.page / "sdk/vibevariant-sdk.tgz") as packed:
        assert {"package/package.json", "package/dist/index.js"} <= set(packed.getnames())


def test_what_this_user_has_set_for_node_changes_nothing(in_step):
    assert in_step.built()["assets/mode.txt"] == b"none"  # it was made under NODE_ENV=development


def test_what_is_in_step_is_left_alone_and_needs_no_node(in_step, tmp_path):
    before = in_step.page.stat()
    assert in_step.run(PATH=str(tmp_path)) == (0, "")
    assert in_step.run("--check", PATH=str(tmp_path)) == (0, "")
    after = in_step.page.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_in_step_is_seen_in_less_than_a_blink(in_step):
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        assert in_step.run("--check")[0] == 0
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.3


@pytest.mark.parametrize(
    "changed",
    ["web/index.html", "web/.npmrc", "sdk-js/src/new.ts", "sdk-js/package.json", "packaging/page.py"],
)
def test_a_changed_source_is_noticed(in_step, changed):
    in_step.change(changed)
    assert in_step.run("--check") == (1, "")


@pytest.mark.parametrize("changed", ["web/node_modules/x.js", "sdk-js/dist/index.js", "web/.vite/x", "x.md"])
def test_what_is_made_or_elsewhere_is_no_source(in_step, changed):
    in_step.change(changed)
    assert in_step.run("--check") == (0, "")


def test_a_stale_page_is_made_anew_with_the_packages_that_are_there(in_step):
    in_step.write("web/index.html", "<h1>Another</h1>\n")
    in_step.write("web/build.js", BUILD_WEB.replace("/style.css`", "/style-2.css`"))
    in_step.write("web/node_modules/a-package/kept", "")
    assert in_step.run("--check") == (1, "")
    code, said = in_step.run()
    assert code == 0
    assert said.startswith("Building the page (once")
    assert in_step.run("--check") == (0, "")
    assert (in_step.home / "web/node_modules/a-package/kept").exists()
    built = in_step.built()
    assert built["index.html"] == b"<h1>Another</h1>\n"
    assert gzip.decompress(built["index.html.gz"]) == built["index.html"]
    assert "assets/style-2.css" in built
    assert "assets/style.css" not in built


def test_a_changed_lock_brings_other_packages(in_step):
    in_step.write("web/node_modules/a-package/left", "")
    in_step.change("web/package-lock.json")
    assert in_step.run()[0] == 0
    assert not (in_step.home / "web/node_modules/a-package").exists()


def test_a_build_that_is_killed_leaves_the_old_page_whole(in_step):
    before = in_step.built()
    in_step.write("web/build.js", STOP_HALFWAY)
    process = in_step.start()
    halfway, until = in_step.home / "halfway", time.monotonic() + PATIENCE
    while not halfway.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert in_step.built() == before
    in_step.write("web/build.js", BUILD_WEB)
    assert in_step.run() == (0, "")  # the sources are again those of the page that is there
    in_step.write("web/index.html", "<h1>Later</h1>\n")
    assert in_step.run()[0] == 0
    assert in_step.built()["index.html"] == b"<h1>Later</h1>\n"


def test_a_build_that_fails_shows_why_and_leaves_the_old_page_whole(in_step):
    before = in_step.built()
    in_step.write("web/build.js", 'throw new Error("a comma is missing")')
    code, said = in_step.run()
    assert code == 4
    assert "a comma is missing" in said
    assert said.splitlines()[-1] == "The page could not be built: `npm run build` in web/ failed; see above."
    assert in_step.built() == before
    in_step.write("web/build.js", BUILD_WEB)
    shutil.rmtree(in_step.page)
    assert in_step.run()[0] == 0
    assert in_step.built() == before, "the same sources make the same bytes"


def test_a_page_that_was_set_aside_when_its_builder_was_killed_comes_back(in_step):
    in_step.page.rename(in_step.home / ".page/old")
    assert in_step.run() == (0, "")
    assert "index.html" in in_step.built()


def test_without_the_network_it_says_what_is_to_be_done(clone):
    wanted = {"name": "@stand-in/web", "version": "1.0.0", "dependencies": {"left": "1.0.0"}}
    packages = {"": wanted, "node_modules/left": {"version": "1.0.0", "integrity": "sha512-AAAA"}}
    lock = {**wanted, "lockfileVersion": 3, "packages": packages}
    clone.write("web/package.json", json.dumps(wanted))
    clone.write("web/package-lock.json", json.dumps(lock))
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0"}
    code, said = clone.run(npm_config_cache=str(clone.home / "cache"), **nowhere)
    assert code == 4
    assert "`npm ci` in web/ failed" in said
    assert "needs the network" in said.splitlines()[-1]


def test_two_at_once_build_once(clone):
    both = [clone.start(), clone.start()]
    said = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Built." in each for each in said) == 1
    assert "index.html" in clone.built()


def test_an_unpacked_archive_without_the_sources_keeps_its_page(in_step, tmp_path):
    shutil.rmtree(in_step.home / "web")
    assert in_step.run(PATH=str(tmp_path)) == (0, "")
    (in_step.page / "index.html").unlink()
    code, said = in_step.run(PATH=str(tmp_path))
    assert (code, said.count("\n")) == (4, 1)
    assert "unpack it again" in said
