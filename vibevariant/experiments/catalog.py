"""The catalog: an immutable snapshot of every project and experiment, read by the hot doors without a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vibevariant.experiments.experiment import Experiment, ExperimentGoal, Status


@dataclass(frozen=True, slots=True)
class Project:
    """A site: the home of experiments, goals and events, with its public token."""

    id: int
    key: str
    name: str
    token: str
    is_example: bool
    created_at: int


@dataclass(frozen=True)
class Catalog:
    """What exists now. A change makes a new catalog, which is swapped in whole."""

    projects: tuple[Project, ...] = ()
    experiments: tuple[Experiment, ...] = ()

    @classmethod
    def of(cls, projects: Iterable[Project], experiments: Iterable[Experiment]) -> Catalog:
        return cls(tuple(projects), tuple(experiments))

    @cached_property
    def project_by_token(self) -> Mapping[str, Project]:
        return {project.token: project for project in self.projects}

    @cached_property
    def project_by_id(self) -> Mapping[int, Project]:
        return {project.id: project for project in self.projects}

    @cached_property
    def experiment_by_id(self) -> Mapping[int, Experiment]:
        return {experiment.id: experiment for experiment in self.experiments}

    @cached_property
    def _by_project(self) -> Mapping[int, Mapping[str, Experiment]]:
        homes: dict[int, dict[str, Experiment]] = {project.id: {} for project in self.projects}
        for experiment in self.experiments:
            homes[experiment.project_id][experiment.key] = experiment
        return homes

    @cached_property
    def _serving(self) -> Mapping[int, tuple[Experiment, ...]]:
        return {
            project_id: tuple(e for e in experiments.values() if _serves(e))
            for project_id, experiments in self._by_project.items()
        }

    @cached_property
    def _goals_by_event(self) -> Mapping[tuple[int, str], tuple[tuple[Experiment, ExperimentGoal], ...]]:
        goals: dict[tuple[int, str], list[tuple[Experiment, ExperimentGoal]]] = {}
        for experiment in self.experiments:
            if experiment.status is not Status.DRAFT:
                for goal in experiment.goals:
                    goals.setdefault((experiment.project_id, goal.event), []).append((experiment, goal))
        return {event: tuple(counting) for event, counting in goals.items()}

    def experiments_of(self, project_id: int) -> Mapping[str, Experiment]:
        """The experiments of a project, by key."""
        return self._by_project.get(project_id, {})

    def serving(self, project_id: int) -> tuple[Experiment, ...]:
        """The experiments a site should show now: those that run, and those that ended with a winner."""
        return self._serving.get(project_id, ())

    def counting(self, project_id: int, event: str) -> tuple[tuple[Experiment, ExperimentGoal], ...]:
        """The experiments and goals for which an event of this name may be a conversion."""
        return self._goals_by_event.get((project_id, event), ())


def _serves(experiment: Experiment) -> bool:
    if experiment.source == "imported":
        return False
    return experiment.status is Status.RUNNING or (
        experiment.status is Status.COMPLETED and experiment.winner is not None
    )
