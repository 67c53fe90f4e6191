import { afterEach, expect, test, vi } from "vitest";
import type { Client, Details } from "../src/index.js";
import { TOKEN } from "./appliance.js";
import { eachOnItsOwnSite, NOWHERE, until } from "./site.js";

const site = eachOnItsOwnSite();
const HOUR = 3_600_000;
afterEach(() => vi.useRealTimers());

/** Batches that came, each as the names of its events. */
function batches(): string[][] {
  const asked = site().appliance.askedFor("events");
  return asked.map(({ body }) => body.events.map(({ name }: { name: string }) => name));
}

/** From here on, timers go off when the test says so; the network goes on as it does. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5); // backoff without jitter
}

/** Long enough for a request to begin that is about to. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function refused(client: Client, ...refusals: { status: number; headers?: Record<string, string> }[]) {
  site().appliance.refusals.events?.push(...refusals);
  client.track("signup");
  await client.flush();
}

test("events go out together as text/plain, with the token, the sender's clock and all that was said", async () => {
  const client = site().page({ visitorId: "visitor-1" });
  client.track("purchase", {
    value: 49.5,
    properties: { plan: "pro", trial: false, coupon: null, seats: 3 },
  });
  client.track("signup");
  const before = Date.now();
  await client.flush();
  const [sent] = site().appliance.askedFor("events");
  expect(sent?.type).toMatch(/^text\/plain/);
  expect(Object.keys(sent?.body).sort()).toEqual(["events", "sent_at", "token"]);
  expect(sent?.body.token).toBe(TOKEN);
  expect(sent?.body.sent_at).toBeGreaterThanOrEqual(before);
  expect(sent?.body.events).toEqual([
    {
      id: expect.any(String),
      name: "purchase",
      visitor_id: "visitor-1",
      at: expect.any(Number),
      value: 49.5,
      properties: { plan: "pro", trial: false, coupon: null, seats: 3 },
    },
    { id: expect.any(String), name: "signup", visitor_id: "visitor-1", at: expect.any(Number) },
  ]);
});

test("events wait for each other as long as the interval says", async () => {
  const client = site().page({ flushInterval: 5_000 });
  await client.ready;
  await client.flush();
  stopTheClock();
  client.track("one");
  vi.advanceTimersByTime(4_000);
  client.track("two");
  expect(batches()).toEqual([]);
  vi.advanceTimersByTime(1_000);
  await until(() => batches().length > 0);
  expect(batches()).toEqual([["one", "two"]]);
});

test("what was tried again counts once, for it keeps its id", async () => {
  const client = site().page();
  await client.ready;
  site().appliance.cuts = 2;
  client.track("signup");
  for (let turn = 0; turn < 4; turn += 1) await client.flush();
  expect(batches()).toEqual([["signup"], ["signup"], ["signup"]]);
  expect(site().appliance.events).toHaveLength(1);
  expect(site().appliance.duplicates).toBe(2);
});

test("a refusal drops the batch and is reported; what comes later goes out", async () => {
  const client = site().page();
  await client.ready;
  await refused(client, { status: 400 });
  client.track("later");
  await client.flush();
  expect(batches()).toEqual([["signup"], ["later"]]);
  expect(site().errors.map(String)).toEqual(["Error: events: 400 No."]);
});

test.each([408, 429, 500, 503])("after %i the same events are tried again", async (status) => {
  const client = site().page();
  await client.ready;
  await refused(client, { status });
  await client.flush();
  expect(batches()).toEqual([["signup"], ["signup"]]);
  expect(site().appliance.events).toHaveLength(1);
  expect(site().errors).toEqual([]);
});

test("each further try waits twice as long", async () => {
  const client = site().page({ flushInterval: 10 });
  await client.ready;
  await client.flush();
  vi.spyOn(Math, "random").mockReturnValue(0.5); // backoff without jitter
  const { setTimeout: wait } = globalThis;
  const waits: number[] = [];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, milliseconds = 0) => {
    const ours = [2_000, 4_000, 8_000, 16_000].includes(milliseconds);
    if (ours) waits.push(milliseconds);
    return wait(work, ours ? 0 : milliseconds);
  }) as typeof setTimeout);
  await refused(client, { status: 503 }, { status: 503 }, { status: 503 });
  await until(() => site().appliance.events.length > 0);
  expect(waits).toEqual([2_000, 4_000, 8_000]);
});

test("the server says in Retry-After when it wants to be asked again", async () => {
  const client = site().page();
  await client.ready;
  await client.flush();
  stopTheClock();
  await refused(client, { status: 503, headers: { "retry-after": "30" } });
  const fetched = vi.spyOn(globalThis, "fetch");
  vi.advanceTimersByTime(29_999);
  await aMoment();
  expect(fetched).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  await until(() => site().appliance.events.length > 0);
});

test("after three tries that nobody answered, the page plans no more, and again once one is answered", async () => {
  const client = site().page();
  await client.ready;
  await client.flush();
  stopTheClock();
  const fetched = vi.spyOn(globalThis, "fetch");
  await site().appliance.stop();
  client.track("signup");
  await client.flush();
  for (const tries of [2, 3, 3]) {
    vi.advanceTimersByTime(HOUR);
    if (tries > fetched.mock.settledResults.length) await client.flush(); // the one that has just begun
    expect(fetched).toHaveBeenCalledTimes(tries);
  }
  client.track("more");
  vi.advanceTimersByTime(HOUR);
  expect(fetched).toHaveBeenCalledTimes(3);
  await site().appliance.start();
  await client.flush();
  expect(batches()).toEqual([["signup", "more"]]);
  client.track("again");
  vi.advanceTimersByTime(HOUR);
  await until(() => batches().length > 1);
});

test("a batch has at most 500 events and 50 kB, and order is kept", async () => {
  const client = site().page();
  await client.ready;
  for (let number = 0; number < 30; number += 1) {
    client.track(`n${number}`, { properties: { text: "é".repeat(1_500) } });
  }
  await client.flush();
  expect(batches().flat()).toEqual(Array.from({ length: 30 }, (_, number) => `n${number}`));
  const bodies = site()
    .appliance.askedFor("events")
    .map(({ body }) => JSON.stringify(body));
  expect(bodies.length).toBe(2);
  for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(50_000);
});

test("the server's word on single events is reported, and none of them is sent again", async () => {
  const client = site().page();
  site().appliance.rejected = [{ index: 0, code: "reserved_name", detail: "Names that begin with `$`." }];
  client.track("$mine");
  await client.flush();
  await client.flush();
  expect(batches()).toHaveLength(1);
  expect(site().errors.map(String)).toEqual(["Error: events: Names that begin with `$`."]);
});

test("a token that nobody knows is reported once, and nothing more is sent", async () => {
  site().appliance.refusals.assign?.push({ status: 401 });
  const client = site().page();
  await client.ready;
  client.track("signup");
  await client.flush();
  await client.flush();
  expect(site().appliance.asked).toHaveLength(1);
  expect(site().errors.map(String)).toEqual(["Error: assign: 401 No."]);
});

test("nothing is thrown into the page, whatever it gives and whatever onError does", async () => {
  const heard: string[] = [];
  const client = site().page({
    onError(error) {
      heard.push(String(error));
      throw new Error("of the page");
    },
  });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  client.track("circle", circle as Details);
  client.track("big", { value: 1n as unknown as number });
  client.track("cut", { properties: { text: "\ud83d" } });
  client.track("huge", { properties: { text: "x".repeat(120_000) } });
  await client.flush();
  expect(heard).toEqual([
    expect.stringMatching(/circle: TypeError/),
    expect.stringMatching(/big: TypeError/),
    "Error: huge: Error: too large",
  ]);
  expect(batches()).toEqual([["cut"]]);
});

test("without an appliance a client does all it can, quietly", async () => {
  const client = site().page({ url: NOWHERE });
  client.variant("hero", ["a", "b"]);
  client.expose("hero");
  client.track("signup");
  await client.flush();
  await client.close();
  expect(site().errors).toEqual([]);
});

test("to close is to send what waits", async () => {
  const client = site().page();
  client.track("signup");
  await client.close();
  expect(batches()).toEqual([["signup"]]);
});
