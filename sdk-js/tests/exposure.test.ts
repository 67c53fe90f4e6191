import { expect, test } from "vitest";
import { BOLD_VISITOR, eachOnItsOwnSite, until } from "./site.js";

const site = eachOnItsOwnSite();
const ARMS = ["control", "bold"] as const;

function held(): () => void {
  let release = () => {};
  site().appliance.hold = new Promise((resolve) => {
    release = resolve;
  });
  return () => release();
}

test("an exposure says which experiment, which arm, who and when, and comes once a page", async () => {
  site().appliance.assignments = { hero: { arm: "bold" } };
  const client = site().page({ visitorId: BOLD_VISITOR });
  const before = Date.now();
  await client.ready;
  const arm = client.variant("hero", ARMS);
  client.expose("hero");
  client.expose("hero", arm);
  await client.flush();
  client.expose("hero");
  await client.flush();
  expect(site().appliance.events).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "$exposure",
      experiment: "hero",
      visitor_id: BOLD_VISITOR,
      at: expect.any(Number),
      properties: { arm: "bold" },
    },
  ]);
  const at = site().appliance.events[0]?.at ?? 0;
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test("to ask for an arm is no exposure", async () => {
  site().appliance.assignments = { hero: { arm: "bold" } };
  const client = site().page();
  await client.ready;
  client.variant("hero", ARMS);
  await client.flush();
  expect(site().appliance.events).toEqual([]);
});

test("shown while the server was waited for, the arm counts if it stands, from when it was shown", async () => {
  const release = held();
  site().appliance.assignments = { hero: { arm: "bold" } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 60_000 });
  const arm = client.variant("hero", ARMS);
  client.expose("hero", arm);
  client.track("signup");
  release();
  await client.flush();
  expect(site().appliance.exposures).toEqual([["hero", "bold"]]);
  const [signup, exposure] = site().appliance.events;
  expect([signup?.name, exposure?.name]).toEqual(["signup", "$exposure"]);
  expect(exposure?.at).toBeLessThanOrEqual(signup?.at ?? 0);
});

test("an arm that gave way is not recorded; that which came is, once it is shown", async () => {
  const release = held();
  site().appliance.assignments = { hero: { arm: "control" } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 60_000 });
  client.expose("hero", client.variant("hero", ARMS));
  release();
  await client.flush();
  expect(site().appliance.exposures).toEqual([]);
  client.expose("hero", client.variant("hero", ARMS));
  await client.flush();
  expect(site().appliance.exposures).toEqual([["hero", "control"]]);
});

test("a page that never asks again keeps the arm that gave way on its screen, and is not counted", async () => {
  const release = held();
  site().appliance.assignments = { hero: { arm: "control" } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 60_000 });
  client.variant("hero", ARMS);
  client.expose("hero");
  release();
  await client.flush();
  expect(site().appliance.exposures).toEqual([]);
});

test("a page that draws anew when it is told to counts for the arm that it drew last", async () => {
  const release = held();
  site().appliance.assignments = { hero: { arm: "control" } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 60_000 });
  client.subscribe(() => client.variant("hero", ARMS));
  client.variant("hero", ARMS);
  client.expose("hero");
  release();
  await client.flush();
  expect(site().appliance.exposures).toEqual([["hero", "control"]]);
});

test("a control that stands in for an arm is not recorded", async () => {
  site().appliance.excluded = { hero: "traffic" };
  site().appliance.assignments = { cta: { arm: "green" }, price: { arm: "low" } };
  const client = site().page({ bootstrap: { price: "high" } });
  await client.ready;
  for (const [key, arms] of [
    ["hero", ARMS],
    ["unknown", ARMS],
    ["cta", ["blue", "red"]],
    ["price", ["high", "low"]],
  ] as const) {
    client.expose(key, client.variant(key, arms));
  }
  client.expose("never-asked");
  client.track("signup");
  await client.flush();
  expect(site().appliance.events.map(({ name }) => name)).toEqual(["signup"]);
});

test("what the server rendered counts where the server gives that arm", async () => {
  site().appliance.assignments = { price: { arm: "low" } };
  const client = site().page({ bootstrap: { price: "low" } });
  client.expose("price");
  await client.flush();
  expect(site().appliance.exposures).toEqual([["price", "low"]]);
});

test("recorded without an answer, an exposure leaves only when the server's word agrees", async () => {
  for (const [given, exposures] of [
    ["bold", [["hero", "bold"]]],
    ["control", []],
  ] as const) {
    site().appliance.stored.clear();
    site().appliance.assignments = { hero: { arm: given } };
    site().appliance.refusals.assign?.push({ status: 503, headers: { "retry-after": "3600" } });
    const client = site().page({ visitorId: BOLD_VISITOR });
    await client.ready;
    client.expose("hero", client.variant("hero", ARMS));
    client.track("signup");
    await client.flush(); // the server is there again, and is asked first
    expect(site().appliance.exposures).toEqual(exposures);
    expect(site().appliance.events.map(({ name }) => name)).toContain("signup");
    expect(client.variant("hero", ARMS)).toBe("bold");
  }
});

test("without an answer, an arm that nobody chose here is not recorded", async () => {
  site().appliance.refusals.assign?.push({ status: 503, headers: { "retry-after": "3600" } });
  const client = site().page({ visitorId: BOLD_VISITOR });
  await client.ready;
  client.expose("hero", "control");
  client.variant("hero", ARMS);
  client.expose("hero", "control");
  site().appliance.assignments = { hero: { arm: "control" } };
  await client.flush();
  expect(site().appliance.exposures).toEqual([]);
});

test("a server that answers late takes back what it contradicts", async () => {
  const release = held();
  site().appliance.assignments = { hero: { arm: "control" }, cta: { arm: "red" } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 0 });
  client.variant("hero", ARMS);
  client.expose("hero");
  await client.ready;
  release();
  await client.flush();
  await until(() => site().appliance.asked.length > 0);
  expect(site().appliance.exposures).toEqual([]);
});
