"""Reads the imports of the package and says which arrows run the wrong way."""

import ast
import re
import sys
from collections.abc import Iterator

LEAVES = frozenset({"errors", "clock", "settings", "logs", "reports", "flags", "progress"})
"""Files that know none of the rooms, and each other as needed."""

ROOMS: dict[str, frozenset[str]] = {
    "stats": frozenset(),
    "experiments": frozenset({"stats", "errors", "clock"}),
    "storage": LEAVES | {"stats", "experiments"},
    "api": LEAVES | {"stats", "experiments", "storage"},
    "jobs": LEAVES | {"stats", "experiments", "storage"},
    "serving": LEAVES,
    "app": LEAVES | {"stats", "experiments", "storage", "api", "jobs", "serving"},
    "client": LEAVES,  # visits an appliance from outside, over HTTP
    "replay": LEAVES | {"stats", "experiments", "client"},
    "load_simulation": LEAVES | {"stats", "experiments", "client"},
    "cli": LEAVES
    | {
        "stats",
        "experiments",
        "storage",
        "api",
        "jobs",
        "serving",
        "app",
        "client",
        "replay",
        "load_simulation",
    },
    "__main__": frozenset({"cli"}),
    "__init__": frozenset(),
    **dict.fromkeys(LEAVES, LEAVES),
}
"""Every room, with those it may know besides itself. A new file at the top gets its line here."""

PURE = frozenset({"stats", "experiments"})
STATS_LIBRARIES = frozenset({"numpy", "scipy"})
MOST_LINES = 300


def room_of(module: str) -> str:
    """`vibevariant.storage.ledger` is in the room `storage`; the package itself is `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module that is imported, wherever in the file. `from scipy import special` is scipy.special."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}" if base in {"vibevariant", "scipy"} else base


def faults(module: str, source: str) -> list[str]:
    """What the module does that its room may not, as `line: sentence`."""
    room = room_of(module)
    if room not in ROOMS:
        return [f"0: {module} is in no room; give it a line in tests/architecture.py"]
    tree = ast.parse(source)
    found = [f"{line}: {said}" for line, name in imports(tree) if (said := _wrong(room, name))]
    if room in PURE:
        found += [
            f"{node.lineno}: {room} is pure and waits for nothing"
            for node in ast.walk(tree)
            if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith)
        ]
    return found


def _wrong(room: str, name: str) -> str:
    """Why this room may not import that; empty when it may."""
    top = name.split(".", maxsplit=1)[0]
    if name.startswith("."):
        return "imports are absolute"
    if top == "vibevariant":
        target = room_of(name)
        if target not in ROOMS:
            return (
                "" if name == f"vibevariant.{target}" and target.startswith("__") else f"{target} is no room"
            )
        allowed = target in ROOMS[room] or target in {room, "__init__"}
        return "" if allowed else f"{room} may not know {target}"
    if top == "scipy" and not name.startswith("scipy.special"):
        return "of scipy only scipy.special: the rest takes a second to import"
    if room == "stats" and top not in STATS_LIBRARIES and top not in sys.stdlib_module_names:
        return f"stats stands on numpy and scipy.special alone, not on {top}"
    if room in PURE and top in {"pydantic", "pydantic_settings"}:
        return f"{top} stands at the edges, not in {room}"
    return ""


# Put together here, so that this very file does not hold what it looks for.
_REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "registry.yarnpkg" + ".com",
)
_FOREIGN = re.compile(
    "|".join(re.escape(host) for host in _REGISTRIES)
    + r"|(?<![\w.~/$}-])/(?:root|work|home/\w+|Users/\w+)/"
    + r"|file://"
    + "/(?:opt|srv|mnt)"
)


def foreign_words(text: str) -> list[str]:
    """Hosts of package registries and paths of somebody's machine, as `line: word`."""
    return [
        f"{number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in _FOREIGN.finditer(line)
    ]
