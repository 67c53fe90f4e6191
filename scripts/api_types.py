"""Writes the types that the page knows the API by, web/src/api/api.d.ts, from the API's own description.

python scripts/api_types.py [--check]    (--check only looks whether they are in step)
"""

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    check = ["--check"] if "--check" in sys.argv[1:] else []
    node = runpy.run_path(str(ROOT / "packaging/page.py"))["need_node"]()
    describe = [sys.executable, "-P", "-m", "vibevariant", "openapi"]
    described = subprocess.run(describe, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    write = [*node.npm, "run", "--silent", "types", "--", *check]
    written = subprocess.run(
        write, cwd=ROOT / "web", env=node.environment(), input=described.stdout, check=False
    )
    if written.returncode != 0 and check:
        print("web/src/api/api.d.ts is not what the API says of itself; `make types` brings it in step.")
    return written.returncode


if __name__ == "__main__":
    sys.exit(main())
