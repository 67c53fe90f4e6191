"""The wiring: opens the storage, builds the rooms, registers the doors and the jobs."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

from vibevariant.api.built_page import BuiltPage
from vibevariant.api.context import Context
from vibevariant.api.routes import register
from vibevariant.clock import Clock
from vibevariant.jobs.load_examples import ExampleLoader
from vibevariant.jobs.reader import Reader
from vibevariant.jobs.refresh_posteriors import RefreshPosteriors
from vibevariant.jobs.schedule import schedule
from vibevariant.serving import sanic_config
from vibevariant.settings import Settings
from vibevariant.storage.accounts import Accounts
from vibevariant.storage.changes import Changes
from vibevariant.storage.database import Database
from vibevariant.storage.experiments import Experiments
from vibevariant.storage.leases import Leases
from vibevariant.storage.ledger import Ledger
from vibevariant.storage.live_catalog import LiveCatalog
from vibevariant.storage.observer import Observer
from vibevariant.storage.posteriors import Posteriors
from vibevariant.storage.projects import Projects
from vibevariant.storage.setup_link import SetupLink


async def create_app(
    settings: Settings,
    clock: Clock | None = None,
    name: str = "vibevariant",
    dashboard: BuiltPage | None = None,
) -> Sanic[Any, Any]:
    """An appliance ready to be served, with the page that came with the program unless another is given.

    Its storage closes when the server stops.

    Raises a StorageError when the database cannot be opened: a second process, a newer schema, a full disk.
    """
    clock = clock or Clock()
    dashboard = dashboard or BuiltPage.of_package()
    database = await Database.open(
        settings.database_path, now=clock.now_ms(), queue_limit=settings.queue_limit
    )
    try:
        projects, experiments = Projects(database), Experiments(database)
        catalog = LiveCatalog(projects, experiments)
        await catalog.reload()
        ledger = Ledger(database, lambda: catalog.current, settings.cache_visitors)
        posteriors, observer = Posteriors(database), Observer(database, ledger)
        refresh = RefreshPosteriors(
            database, catalog, experiments, ledger, posteriors, observer,
            Changes(database), Leases(database), Reader(), clock,
        )  # fmt: skip
        examples = ExampleLoader(projects, experiments, catalog, ledger, refresh, clock)
        context = Context(
            settings=settings, clock=clock, database=database, catalog=catalog, projects=projects,
            experiments=experiments, ledger=ledger, posteriors=posteriors, observer=observer,
            accounts=Accounts(database),
            setup_link=SetupLink(settings.data_dir), dashboard=dashboard, started_at=clock.now_ms(),
            jobs=lambda: {"refresh": refresh.report}, examples=lambda: examples.report,
            load_examples=examples.start, remove_examples=examples.remove,
        )  # fmt: skip
        config = sanic_config(grace_seconds=settings.grace_seconds)
        app: Sanic[Any, Any] = Sanic(name, ctx=context, config=config, configure_logging=False)
        register(app)
    except BaseException:
        await database.close()
        raise
    scheduler = schedule(refresh, settings.refresh_seconds)

    @app.before_server_start
    async def start(_: Sanic[Any, Any]) -> None:
        scheduler.start()
        if settings.demo and examples.wanted():
            examples.start()

    @app.after_server_stop
    async def stop(_: Sanic[Any, Any]) -> None:
        await refresh.finish()  # first, for the scheduler cuts off what runs
        if scheduler.running:
            scheduler.shutdown(wait=False)
        await examples.stop()
        await database.close()

    return app
