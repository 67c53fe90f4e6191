"""Every path, in order: the site map of the appliance."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

from vibevariant.api import (
    accounts,
    assign,
    dashboard,
    docs,
    events,
    examples,
    experiments,
    health,
    imports,
    keys,
    lifecycle,
    openapi,
    projects,
    results,
    setup,
    tracker,
)
from vibevariant.api.definition import ExperimentChange, NewExperiment
from vibevariant.api.door import Route, install
from vibevariant.experiments.densities import Densities
from vibevariant.experiments.results import Results

V1 = "/api/v1"
ONE = f"{V1}/experiments/{{key}}"

ROUTES: tuple[Route, ...] = (
    # What a site calls, with its project token.
    Route(
        "POST", f"{V1}/assign", assign.assign, "token", "visitors", "Assign a visitor",
        "The arms of a visitor, in the experiments named or in all that run. A first-timer is assigned for good; "
        "with `expose` the visitor counts as shown from now on.",
        request=assign.AssignRequest, responses={200: assign.AssignReply}, quiet=True,
    ),
    Route(
        "POST", f"{V1}/events", events.events, "token", "visitors", "Send one event or up to 500",
        "Answers after everything is stored. Sending an event again (by its id) changes nothing.",
        request=events.EventsRequest, responses={202: events.EventsReply}, quiet=True,
    ),
    Route(
        "POST", f"{V1}/tracker/assign", tracker.tracker_assign, "token", "visitors", "Assign and render",
        "One experiment; the visitor counts as shown. Who takes no part gets the control, and why.",
        request=tracker.TrackerAssignRequest, responses={200: tracker.Rendering}, aliases=("/tracker/assign",),
        quiet=True,
    ),
    Route(
        "POST", f"{V1}/tracker/convert", tracker.tracker_convert, "token", "visitors", "Convert",
        "Makes one event of the goal named, else of the primary goal of the experiment, or of all the visitor is in.",
        request=tracker.TrackerConvertRequest, responses={202: tracker.ConvertReply}, aliases=("/tracker/convert",),
        quiet=True,
    ),
    Route(
        "POST", f"{ONE}/assign", tracker.experiment_assign, "token", "visitors", "Assign and render, by path",
        request=tracker.ExperimentAssignRequest, responses={200: tracker.Rendering},
        aliases=("/api/experiments/{key}/assign",), quiet=True,
    ),
    Route(
        "POST", f"{ONE}/convert", tracker.experiment_convert, "token", "visitors", "Convert, by path",
        request=tracker.ConvertRequest, responses={202: tracker.ConvertReply},
        aliases=("/api/experiments/{key}/convert",), quiet=True,
    ),
    Route(
        "GET", f"{ONE}/assignment/{{user_id}}", tracker.assignment, "token", "visitors", "Get or create an assignment",
        "The visitor counts as shown, unless `expose=false`.",
        query=tracker.AssignmentQuery, responses={200: tracker.Rendering}, quiet=True,
    ),
    # Experiments, with a secret key or the owner's session.
    Route(
        "GET", f"{V1}/experiments", experiments.list_experiments, "key", "experiments", "List experiments",
        query=experiments.ListQuery, responses={200: experiments.ExperimentList}, aliases=("/api/experiments",),
    ),
    Route(
        "POST", f"{V1}/experiments", experiments.make_experiment, "key", "experiments", "Make an experiment",
        "A draft, unless `start` is true: nobody is assigned before it is started.",
        request=NewExperiment, responses={201: experiments.ExperimentReply}, aliases=("/api/experiments",),
    ),
    Route(
        "GET", ONE, experiments.show_experiment, "key", "experiments", "Show an experiment and its results",
        query=experiments.ProjectQuery, responses={200: experiments.ExperimentDetails},
        aliases=("/api/experiments/{key}",),
    ),
    Route(
        "PATCH", ONE, experiments.change_experiment, "key", "experiments", "Change an experiment",
        "A change of weights or traffic makes a new allocation and moves nobody.",
        query=experiments.ProjectQuery, request=ExperimentChange, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "DELETE", ONE, experiments.delete_experiment, "key", "experiments", "Delete an experiment",
        "With its assignments and counts; the events stay, they are the project's.",
        query=experiments.ProjectQuery, responses={204: None},
    ),
    Route(
        "POST", f"{ONE}/start", lifecycle.start, "key", "experiments", "Start, or go on after a pause",
        query=experiments.ProjectQuery, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "POST", f"{ONE}/pause", lifecycle.pause, "key", "experiments", "Pause: nobody new is let in",
        query=experiments.ProjectQuery, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "POST", f"{ONE}/complete", lifecycle.complete, "key", "experiments", "End, with or without a winner",
        "With a winner, everyone gets that arm from now on. Nothing counts any more.",
        query=experiments.ProjectQuery, request=lifecycle.Completion, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "POST", f"{ONE}/arms", lifecycle.add_arm, "key", "experiments", "Add an arm",
        "To an `ab_test` that runs. It gets an even share at first; who is in stays where they are.",
        query=experiments.ProjectQuery, request=lifecycle.AddedArm, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "POST", f"{ONE}/arms/{{arm}}/drop", lifecycle.drop_arm, "key", "experiments", "Drop an arm",
        "Nobody new gets it, and its visitors are shown the control; what was counted stays.",
        query=experiments.ProjectQuery, request=lifecycle.ArmChange, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "POST", f"{ONE}/arms/{{arm}}/restore", lifecycle.restore_arm, "key", "experiments", "Bring a dropped arm back",
        query=experiments.ProjectQuery, request=lifecycle.ArmChange, responses={200: experiments.ExperimentReply},
    ),
    Route(
        "GET", f"{ONE}/results", results.show_results, "key", "experiments", "Results",
        "Counts, posteriors, comparisons and the decision, for the days, the goal and the arm asked for.",
        query=results.ResultsQuery, responses={200: Results},
        aliases=(f"{ONE}/analytics", "/api/experiments/{key}/analytics"),
    ),
    Route(
        "GET", f"{ONE}/densities", results.show_densities, "key", "experiments", "The curves behind the results",
        "The posterior density of each arm's rate, ready to be drawn; asked for like the results.",
        query=results.ResultsQuery, responses={200: Densities},
    ),
    Route(
        "GET", f"{ONE}/allocations", lifecycle.list_allocations, "key", "experiments", "List the allocations",
        query=experiments.ProjectQuery, responses={200: lifecycle.AllocationList},
    ),
    Route(
        "GET", f"{ONE}/decisions", lifecycle.list_decisions, "key", "experiments", "List the decisions",
        query=experiments.ProjectQuery, responses={200: lifecycle.DecisionList},
    ),
    Route(
        "POST", f"{V1}/import", imports.bring_in, "key", "experiments", "Import a recorded history",
        "Assignments, exposures and events as they were elsewhere. Importing again changes nothing.",
        request=imports.ImportRequest, responses={200: imports.ImportReply},
    ),
    # Projects and examples.
    Route(
        "GET", f"{V1}/projects", projects.list_projects, "key", "projects", "List projects",
        responses={200: projects.ProjectList},
    ),
    Route(
        "POST", f"{V1}/projects", projects.make_project, "key", "projects", "Make a project",
        request=projects.NewProject, responses={201: projects.ProjectReply},
    ),
    Route(
        "GET", f"{V1}/projects/{{key}}", projects.show_project, "key", "projects", "Show a project",
        responses={200: projects.ProjectReply},
    ),
    Route(
        "GET", f"{V1}/projects/{{key}}/activity", projects.show_activity, "key", "projects",
        "Look whether anything has come in", "Cheap enough to be asked each second while one waits.",
        responses={200: projects.ActivityReply}, quiet=True,
    ),
    Route(
        "DELETE", f"{V1}/projects/{{key}}", projects.delete_project, "key", "projects", "Delete a project",
        "With its experiments, visitors, events and keys.", responses={204: None},
    ),
    Route(
        "GET", f"{V1}/examples", examples.show_examples, "key", "projects", "Look how far the examples are",
        responses={200: examples.ExamplesReply},
    ),
    Route(
        "POST", f"{V1}/examples", examples.load_examples, "key", "projects", "Load the example project",
        responses={202: examples.ExamplesReply},
    ),
    Route(
        "DELETE", f"{V1}/examples", examples.remove_examples, "key", "projects", "Remove the example project",
        responses={204: None},
    ),
    # Who may do what.
    Route(
        "POST", f"{V1}/setup", setup.set_up, "public", "accounts", "Use the link of the first run",
        "Makes the owner and a first project, or signs the owner in; gives a secret key, shown this once.",
        request=setup.Setup, responses={200: setup.SetupReply},
    ),
    Route(
        "POST", f"{V1}/setup/check", setup.check_link, "public", "accounts", "Look whether the link is still good",
        "Uses nothing up.", request=setup.LinkCheck, responses={200: setup.LinkReply}, quiet=True,
    ),
    Route(
        "GET", f"{V1}/session", accounts.show_session, "public", "accounts", "Look whether this browser is signed in",
        responses={200: accounts.SessionReply},
    ),
    Route(
        "POST", f"{V1}/session", accounts.sign_in, "public", "accounts", "Sign in",
        request=accounts.SignIn, responses={200: accounts.AccountReply},
    ),
    Route("DELETE", f"{V1}/session", accounts.sign_out, "public", "accounts", "Sign out", responses={204: None}),
    Route(
        "GET", f"{V1}/account", accounts.show_account, "key", "accounts", "Show the account",
        responses={200: accounts.AccountReply},
    ),
    Route(
        "PUT", f"{V1}/account", accounts.set_account, "key", "accounts", "Set e-mail address and password",
        request=accounts.Credentials, responses={200: accounts.AccountReply},
    ),
    Route("GET", f"{V1}/keys", keys.list_keys, "key", "accounts", "List secret keys", responses={200: keys.KeyList}),
    Route(
        "POST", f"{V1}/keys", keys.make_key, "key", "accounts", "Make a secret key",
        "It is shown this once.", request=keys.NewKey, responses={201: keys.NewKeyReply},
    ),
    Route("DELETE", f"{V1}/keys/{{prefix}}", keys.revoke_key, "key", "accounts", "Revoke a key", responses={204: None}),
    # The appliance itself.
    Route(
        "GET", "/health", health.health, "public", "appliance", "Health", "503 when it cannot do its work.",
        responses={200: health.HealthReply, 503: health.HealthReply}, media_type=health.MEDIA_TYPE,
        aliases=("/api/health", f"{V1}/health"), quiet=True,
    ),
    Route(
        "GET", "/livez", health.alive, "public", "appliance", "Whether the process is alive",
        responses={200: health.AliveReply}, media_type=health.MEDIA_TYPE, quiet=True,
    ),
    Route(
        "GET", "/", dashboard.show_page, "public", "pages", "The dashboard", "503 where it was not built.",
        responses={200: str, 503: str}, media_type="text/html",
    ),
    Route(
        "GET", "/assets/{name}", dashboard.show_asset, "public", "pages", "A part of the dashboard",
        responses={200: bytes}, media_type="*/*", quiet=True,
    ),
    Route(
        "GET", "/icon.svg", dashboard.show_icon, "public", "pages", "The dashboard's icon",
        responses={200: str}, media_type="image/svg+xml", quiet=True,
    ),
    Route(
        "GET", "/sdk/{name}", dashboard.show_sdk, "public", "pages", "The SDK",
        "`vibevariant.js` for pages, as a module that any site may load; `vibevariant-sdk.tgz` for npm.",
        responses={200: bytes}, media_type="*/*", quiet=True,
    ),
    Route("GET", "/docs", docs.show_docs, "public", "pages", "This API, to read", responses={200: str},
          media_type="text/html"),
    Route("GET", "/openapi.json", openapi.show_openapi, "public", "pages", "This API, for programs",
          responses={200: dict[str, Any]}),
)  # fmt: skip


def register(app: Sanic[Any, Any]) -> None:
    """Opens every door. The app's `ctx` is a Context."""
    install(app, ROUTES)
