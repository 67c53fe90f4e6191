"""Which project and which experiment a request means, among those that are open to its caller."""

from __future__ import annotations

from vibevariant.api.auth import Caller
from vibevariant.errors import InvalidInput, NotFound
from vibevariant.experiments.catalog import Catalog, Project
from vibevariant.experiments.experiment import Experiment


def projects(caller: Caller, catalog: Catalog) -> tuple[Project, ...]:
    """The projects that are open to the caller."""
    if caller.project_id is None:
        return catalog.projects
    project = catalog.project_by_id.get(caller.project_id)
    return () if project is None else (project,)


def project_named(caller: Caller, catalog: Catalog, key: str) -> Project:
    """The project of this key. One of somebody else's is not there at all."""
    for project in projects(caller, catalog):
        if project.key == key:
            return project
    raise NotFound(f"There is no project `{ascii(key)[1:-1]:.64}`.", field="project")


def project(caller: Caller, catalog: Catalog, key: str | None) -> Project:
    """The project of this key; none named, the only one that is no example."""
    if key is not None:
        return project_named(caller, catalog, key)
    found = projects(caller, catalog)
    own = [project for project in found if not project.is_example] if len(found) > 1 else list(found)
    if len(own) == 1:
        return own[0]
    if not own:
        raise NotFound("There is no project yet.", hint="Make one: POST /api/v1/projects.")
    raise InvalidInput(
        f"Which project? There are {len(own)}.",
        field="project",
        hint=f"Say `project`: {', '.join(project.key for project in own[:10])}.",
    )


def experiment(caller: Caller, catalog: Catalog, key: str, project_key: str | None) -> Experiment:
    """The experiment of this key, in the project that is named or in the only one that has it."""
    found = (
        projects(caller, catalog) if project_key is None else (project_named(caller, catalog, project_key),)
    )
    homes = [home for home in found if key in catalog.experiments_of(home.id)]
    if not homes:
        raise missing([key])
    if len(homes) > 1:
        raise InvalidInput(
            f"{len(homes)} projects have an experiment `{key}`.",
            field="project",
            hint=f"Say which with `project`: {', '.join(home.key for home in homes[:10])}.",
        )
    return catalog.experiments_of(homes[0].id)[key]


def missing(keys: list[str]) -> NotFound:
    """The refusal that names the experiments that are not there."""
    named = ", ".join(f"`{ascii(key)[1:-1]:.64}`" for key in keys[:10])
    what = "no experiment" if len(keys) == 1 else "no experiments"
    return NotFound(
        f"There is {what} {named} here.", field="experiment", hint="Check the key and the project."
    )
