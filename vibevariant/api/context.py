"""What a door may use: built once by the app, handed to every handler as `request.app.ctx`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vibevariant.api.built_page import BuiltPage
from vibevariant.api.passwords import Passwords
from vibevariant.clock import Clock
from vibevariant.reports import ExamplesReport, JobReport
from vibevariant.settings import Settings
from vibevariant.storage.accounts import Accounts
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.observer import Observer
from vibevariant.storage.posteriors import Posteriors
from vibevariant.storage.projects import Projects
from vibevariant.storage.setup_link import SetupLink


@dataclass(slots=True)
class Context:
    """Everything the doors share.

    The job and the example loader are handed in as plain functions, because the rooms `api` and `jobs` do not know
    each other.
    """

    settings: Settings
    clock: Clock
    database: Database
    catalog: LiveCatalog
    projects: Projects
    experiments: Experiments
    ledger: Ledger
    posteriors: Posteriors
    observer: Observer
    accounts: Accounts
    setup_link: SetupLink
    dashboard: BuiltPage
    started_at: int
    passwords: Passwords = field(default_factory=Passwords)
    jobs: Callable[[], dict[str, JobReport]] = field(default=dict)
    examples: Callable[[], ExamplesReport] = field(default=ExamplesReport)
    load_examples: Callable[[], None] = field(default=lambda: None)
    remove_examples: Callable[[], Awaitable[bool]] | None = None
