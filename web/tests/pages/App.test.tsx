import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { App } from "../../src/App";
import { noticeSessionOver } from "../../src/api/session";

type Answer = [status: number, body: object];

/** What answers in the appliance's place. The page takes hold of fetch when it is loaded, so it stands before that. */
const appliance = vi.hoisted(() => {
  const stub = { answer: (_: Request): [status: number, body: object] => [404, {}] };
  globalThis.fetch = async (request) => {
    const [status, body] = stub.answer(request as Request);
    return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  };
  return stub;
});

/** The page at a place, before an appliance that answers so; a list answers one after the other. */
function open(place: string, answers: Record<string, Answer | Answer[]>) {
  vi.stubGlobal("scrollTo", () => {});
  appliance.answer = (request) => {
    const known = answers[`${request.method} ${new URL(request.url).pathname}`];
    return (Array.isArray(known?.[0]) ? (known as Answer[]).shift() : known) as Answer;
  };
  location.hash = place;
  const onError = (fault: Error) => noticeSessionOver(queries, fault);
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { retry: false } },
  });
  render(
    <QueryClientProvider client={queries}>
      <Router hook={useHashLocation}>
        <App />
      </Router>
    </QueryClientProvider>,
  );
  return queries;
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const NOBODY: Answer = [200, { signed_in: false, has_owner: true, user: null }];
const OWNER: Answer = [200, { signed_in: true, has_owner: true, user: { email: null, role: "owner" } }];
const ABSENT: Answer = [200, { state: "absent", done: 0, total: 0 }];
const PROJECTS: Answer = [200, { projects: [] }];
const NONE: Answer = [200, { experiments: [] }];
const OVER: Answer = [401, { detail: "This session is over.", code: "unauthorized" }];

const heading = (name: string) => screen.findByRole("heading", { level: 1, name });

it("makes the owner with one click, shows the key, and takes the token out of the address", async () => {
  open("/setup/good-token", {
    "GET /api/v1/session": NOBODY,
    "POST /api/v1/setup/check": [200, { good: true, first_run: true }],
    "POST /api/v1/setup": [
      200,
      { user: { email: null, role: "owner" }, project: null, secret_key: "vv_sk_once" },
    ],
  });
  await heading("Welcome to VibeVariant");
  fireEvent.click(screen.getByRole("button", { name: "Start using VibeVariant" }));
  await heading("You are the owner now");
  expect(screen.getByText("vv_sk_once")).toBeDefined();
  expect(location.hash).toBe("#/setup");
});

it("offers an owner who opens a fresh link to sign in", async () => {
  open("/setup/good-token", {
    "GET /api/v1/session": NOBODY,
    "POST /api/v1/setup/check": [200, { good: true, first_run: false }],
  });
  expect(await screen.findByRole("button", { name: "Sign in as the owner" })).toBeDefined();
});

it("says what to run where the link is used up", async () => {
  open("/setup/used-token", {
    "GET /api/v1/session": NOBODY,
    "POST /api/v1/setup/check": [200, { good: false, first_run: false }],
  });
  await heading("This link is used up");
  expect(screen.getByText("vibevariant setup-link")).toBeDefined();
});

it("leads whoever is signed in from a used link to the experiments", async () => {
  open("/setup/used-token", {
    "GET /api/v1/session": OWNER,
    "POST /api/v1/setup/check": [200, { good: false, first_run: false }],
    "GET /api/v1/experiments": NONE,
    "GET /api/v1/projects": PROJECTS,
  });
  await heading("Experiments");
  expect(location.hash).toBe("#/experiments");
});

it("signs in in the place of the page that was asked for, which then stands there", async () => {
  open("/start", {
    "GET /api/v1/session": NOBODY,
    "POST /api/v1/session": [200, { user: { email: "me@example.com", role: "owner" }, caller: "session" }],
    "GET /api/v1/projects": PROJECTS,
    "GET /api/v1/examples": ABSENT,
    "GET /api/v1/experiments": NONE,
  });
  await heading("Sign in");
  fireEvent.change(screen.getByLabelText("E-mail address"), { target: { value: "me@example.com" } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: "long enough" } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await heading("Set up your site");
});

it("leads to the sign-in page when a session ends, and forgets what it showed", async () => {
  const queries = open("/experiments", {
    "GET /api/v1/session": OWNER,
    "GET /api/v1/projects": PROJECTS,
    "GET /api/v1/experiments": [NONE, OVER],
  });
  await screen.findByRole("link", { name: "Make an experiment" });
  await queries.refetchQueries({ queryKey: ["experiments"] });
  await heading("Sign in");
  expect(queries.getQueryData(["projects"])).toBeUndefined();
});

it("says so where nobody owns the appliance yet, instead of asking for a password", async () => {
  open("/experiments", { "GET /api/v1/session": [200, { signed_in: false, has_owner: false, user: null }] });
  await heading("Nobody owns this appliance yet");
  expect(screen.queryByLabelText("Password")).toBeNull();
});
