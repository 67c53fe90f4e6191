"""Draws the README's pictures: a throwaway appliance with the example data, in a real browser, light and dark.

python scripts/screenshots.py [FOLDER]    (docs/pictures unless named)
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
PATIENCE_MS = 60_000
SIZE = ViewportSize(width=1100, height=760)
PICTURES = {
    "experiments": ("#/experiments", "text=Homepage Hero Test"),
    "experiment": ("#/experiments/example/homepage-hero", "figure svg path"),
}
"""Name, where it is, and what must be there before it is drawn."""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        appliance(Path(data)) as link,
        sync_playwright() as playwright,
    ):
        chromium = Path(sys.prefix, "browser").read_text(encoding="utf-8").strip()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        draw(browser, link, folder)
        browser.close()


def draw(browser: Browser, link: str, folder: Path) -> None:
    """Every picture in both schemes, by the owner whom the link makes."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Start using VibeVariant").click()
    page.get_by_text("Secret key").first.wait_for()
    url = link.partition("#")[0]
    wait_for_examples(page, url)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name, (place, there) in PICTURES.items():
            page.goto(url + place)
            page.locator(there).first.wait_for()
            page.evaluate("document.fonts.ready")
            file = folder / f"{name}-{scheme}.png"
            page.screenshot(path=file)
            print(file)


def wait_for_examples(page: Page, url: str) -> None:
    """Until all are in, and the job has read them."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while True:
        listed = page.request.get(f"{url}api/v1/experiments?project=example").json()["experiments"]
        if len(listed) == 7 and all(each["decision"] for each in listed):
            return
        if time.monotonic() > until:
            sys.exit("The examples did not fill in.")
        time.sleep(0.2)


@contextmanager
def appliance(data: Path) -> Iterator[str]:
    """A first run with example data; its one-time link."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "vibevariant",
        "serve",
        "--demo",
        "--port",
        "0",
        "--data-dir",
        str(data),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http\S+/#/setup/\S+", line):
                yield found[0]
                return
        sys.exit("The appliance did not start.")
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
