"""Before a wheel or a source archive is packed, the page goes in (packaging/page.py makes it)."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface[BuilderConfig]):
    def dependencies(self) -> list[str]:
        """A Node of 60 MB, only where there is a page to make and nothing to make it with."""
        page = self._page()
        return [] if page["in_step"]() or page["find_node"]() else [page["NODE_WHEEL"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- hatchling's names
        page = self._page()
        try:
            page["build"]()
        except page["CannotBuildError"] as fault:
            self.app.abort(str(fault))

    def _page(self) -> dict[str, Any]:
        return runpy.run_path(str(Path(self.root, "packaging/page.py")))
