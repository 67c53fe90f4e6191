"""Who sent a request: a browser says so of itself, and a site's server speaks for its visitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sanic import Request

from vibevariant.api.auth import Caller
from vibevariant.experiments.robots import is_robot
from vibevariant.experiments.segments import UNKNOWN, Device, device_of, named_device


@dataclass(frozen=True)
class Sender:
    """What a request's headers say; nothing where they are a server's, for they say nothing of the visitor."""

    user_agent: str = ""
    mobile_hint: str = ""
    purpose: str = ""

    @classmethod
    def of(cls, request: Request[Any, Any], caller: Caller) -> Sender:
        """The sender of a request. Only a project's token is a browser's."""
        if caller.kind != "token":
            return cls()
        said = request.headers
        return cls(
            said.get("user-agent", ""),
            said.get("sec-ch-ua-mobile", ""),
            said.get("sec-purpose", "") or said.get("purpose", ""),
        )

    @cached_property
    def is_robot(self) -> bool:
        """Whether nobody will see what this request is for."""
        return is_robot(self.user_agent, self.purpose)

    def device(self, attributes: Mapping[str, Any] | None) -> Device:
        """What the visitor looks at the site with: as the browser says, else as the site says."""
        said = device_of(self.user_agent, self.mobile_hint)
        return named_device(attributes) if said == UNKNOWN else said
