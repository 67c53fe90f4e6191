"""The built page, with the SDK beside it: read once into memory, so that no name that is asked for reaches the disk."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Self

PLAIN = "identity"
BESIDE = {"br": ".br", "gzip": ".gz"}
"""Content codings, the smallest first, with the ending under which the build leaves one beside its file."""

ROOMS = ("assets", "sdk")
"""The folders of which every file is served, by its name."""

TYPES = {
    ".cjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tgz": "application/gzip",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Our own table, because what `mimetypes` says depends on the machine."""

_CODING = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE)
_UNSAID = 0.0001
"""The weight of a plain answer of which nothing is said: possible, and below all that is asked for."""


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """One file with its contents by content coding; plain is always there."""

    media_type: str
    digest: str
    bodies: Mapping[str, bytes]

    def tag(self, coding: str) -> str:
        """The entity tag. Each coding has its own, for they are other bytes (RFC 9110, section 8.8.3)."""
        return f'"{self.digest}"' if coding == PLAIN else f'"{self.digest}-{coding}"'


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """What the build of web/ and sdk-js/ left, by its path; nothing where it was never built."""

    files: Mapping[str, BuiltFile] = field(default_factory=dict)

    @classmethod
    def of_package(cls) -> Self:
        """The page that came with this program, installed or frozen."""
        return cls.read(resources.files("vibevariant") / "dashboard")

    @classmethod
    def read(cls, folder: Traversable) -> Self:
        """The page in a folder."""
        found: dict[str, BuiltFile] = {}
        for prefix, place in (("", folder), *((f"{room}/", folder / room) for room in ROOMS)):
            files = {each.name: each for each in place.iterdir() if each.is_file()} if place.is_dir() else {}
            for name in files:
                stem, dot, ending = name.rpartition(".")
                if dot + ending not in BESIDE.values() or stem not in files:
                    found[prefix + name] = _file(name, files)
        return cls(found)


def _file(name: str, files: Mapping[str, Traversable]) -> BuiltFile:
    body = files[name].read_bytes()
    media_type = TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
    bodies = {
        coding: files[name + ending].read_bytes()
        for coding, ending in BESIDE.items()
        if name + ending in files
    }
    if "gzip" not in bodies and media_type.startswith(("text/", "application/json", "image/svg")):
        packed = gzip.compress(body, 9, mtime=0)
        if len(packed) < len(body):
            bodies["gzip"] = packed
    return BuiltFile(media_type, hashlib.sha256(body).hexdigest()[:32], {**bodies, PLAIN: body})


def best_coding(accepted: str, there: Collection[str]) -> str:
    """Which of the codings there are to answer in (RFC 9110, section 12.5.3).

    A plain answer is sent even to who refuses it: that helps more than none.
    """
    weights = {
        found[1].lower().removeprefix("x-"): float(found[2] or 1)
        for part in accepted.split(",")
        if (found := _CODING.fullmatch(part))
    }
    others = weights.get("*")

    def weight(coding: str) -> float:
        unsaid = _UNSAID if coding == PLAIN and others is None else others or 0.0
        return weights.get(coding, unsaid)

    best = max((coding for coding in (*BESIDE, PLAIN) if coding in there), key=weight)
    return best if weight(best) > 0 else PLAIN
