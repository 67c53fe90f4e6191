"""A repository of this shape around two packages of a few lines, for packaging/page.py to work in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60
STYLE = "body { margin: 0 }\n" * 50

BUILD_SDK = """
import fs from "node:fs";
fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/index.js", "export const sdk = 1;\\n");
"""
BUILD_WEB = """
import fs from "node:fs";
const out = process.env.PAGE_OUT;
fs.mkdirSync(`${out}/assets`, { recursive: true });
fs.copyFileSync("index.html", `${out}/index.html`);
fs.copyFileSync("style.css", `${out}/assets/style.css`);
fs.writeFileSync(`${out}/assets/mode.txt`, process.env.NODE_ENV ?? "none");
"""


class Clone:
    """The frame of this repository, around two packages that depend on nothing."""

    def __init__(self, home: Path) -> None:
        self.home, self.page = home, home / "vibevariant/dashboard"
        (home / "vibevariant").mkdir(parents=True)
        (home / "packaging").mkdir()
        shutil.copy(ROOT / "packaging/page.py", home / "packaging")
        self.package("sdk-js", BUILD_SDK)
        self.package("web", BUILD_WEB)
        self.write("web/index.html", "<h1>The page</h1>\n")
        self.write("web/style.css", STYLE)

    def package(self, name: str, build: str) -> None:
        about = {"name": f"@stand-in/{name}", "version": "1.0.0"}
        more = {"type": "module", "files": ["dist"], "scripts": {"build": "node build.js"}}
        self.write(f"{name}/package.json", json.dumps({**about, **more}))
        lock = {**about, "lockfileVersion": 3, "requires": True, "packages": {"": about}}
        self.write(f"{name}/package-lock.json", json.dumps(lock))
        self.write(f"{name}/build.js", build)

    def write(self, name: str, text: str) -> None:
        (self.home / name).parent.mkdir(parents=True, exist_ok=True)
        (self.home / name).write_text(text, encoding="utf-8")

    def change(self, name: str) -> None:
        (self.home / name).parent.mkdir(parents=True, exist_ok=True)
        with (self.home / name).open("a", encoding="utf-8") as file:
            file.write("\n")

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            # -S: a Node that is installed beside the tests is none of this clone's
            [sys.executable, *(["-S"] if "PATH" in variables else []), "packaging/page.py", *words],
            cwd=self.home, env=os.environ | variables, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: str, **variables: str) -> tuple[int, str]:
        process = self.start(*words, **variables)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def built(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.page)): path.read_bytes()
            for path in self.page.rglob("*")
            if path.is_file()
        }
