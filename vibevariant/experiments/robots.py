"""Robots: visits of nobody, by crawlers, by previews of links, by checks, and of pages that are fetched in advance.

Only what says so of itself is known here. A program that merely names its library (curl, okhttp, aiohttp) is none of
these: apps and servers send what their own visitors do.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vibevariant.experiments.segments import LONGEST_USER_AGENT

REMEMBERED = 2048
"""User agents whose answer is kept: all visitors of a site together have some hundreds."""

# Nearly every robot calls itself one, or gives the address of a page about itself, which no browser does. CUBOT makes
# telephones.
_KINDS = r"(?<!cu)bots?(?![a-z])|crawl|spider|scraper|scrapy|slurp|archiver|validator|https?://"
_HEADLESS = (
    r"headless|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress/|prerender|rendertron"
)
_CHECKS = r"lighthouse|pagespeed|gtmetrix|ptst/|pingdom|site24x7|statuscake|synthetics|catchpoint|uptime"
_PREVIEWS = r"preview|^whatsapp/|facebookexternalhit|facebookcatalog|vkshare|embedly|iframely|slack-imgproxy|flipboardproxy"
_FETCHERS = r"mediapartners|google-[a-z]|googleother|googleweblight|feedfetcher|duplexweb|favicon|httrack|zgrab|censys|nutch"
_ROBOT = re.compile(f"{_KINDS}|{_HEADLESS}|{_CHECKS}|{_PREVIEWS}|{_FETCHERS}")

_IN_ADVANCE = ("prefetch", "prerender")


def is_robot(user_agent: str, purpose: str = "") -> bool:
    """Whether a browser's request is one of nobody's.

    Args:
        purpose: the value of `Sec-Purpose`, or of `Purpose` as older browsers say: what the page was fetched for.
    """
    if purpose.strip().lower().startswith(_IN_ADVANCE):
        return True
    return _calls_itself_one(user_agent[:LONGEST_USER_AGENT])


@lru_cache(maxsize=REMEMBERED)
def _calls_itself_one(user_agent: str) -> bool:
    return _ROBOT.search(user_agent.lower()) is not None
