import { expect, test } from "vitest";
import { bucket } from "../src/bucketing.js";
import { TOKEN } from "./appliance.js";
import { BOLD_VISITOR, CONTROL_VISITOR, eachOnItsOwnSite, NOWHERE, until } from "./site.js";

const site = eachOnItsOwnSite();
const ARMS = ["control", "bold"] as const;

test("the visitors of these tests are where their names say", () => {
  expect(bucket(CONTROL_VISITOR, "hero")).toBeLessThan(5_000);
  expect(bucket(BOLD_VISITOR, "hero")).toBeGreaterThanOrEqual(5_000);
});

test("the arm is the one that the server assigned, for which it is asked once, without a preflight", async () => {
  site().appliance.assignments = { hero: { arm: "bold" }, cta: { arm: "red" } };
  const client = site().page({ visitorId: CONTROL_VISITOR, url: `${site().appliance.url}//` });
  await client.ready;
  expect(client.variant("hero", ARMS)).toBe("bold");
  expect(client.variant("cta", ["blue", "red"])).toBe("red");
  expect(site().appliance.asked).toEqual([
    {
      path: "/api/v1/assign",
      type: expect.stringMatching(/^text\/plain/),
      body: { token: TOKEN, visitor_id: CONTROL_VISITOR },
    },
  ]);
});

test("while the server is waited for, the local choice shows, and subscribers hear of the answer", async () => {
  let release = () => {};
  site().appliance.hold = new Promise((resolve) => {
    release = resolve;
  });
  site().appliance.assignments = { hero: { arm: "control", payload: { title: "Ship" } } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 60_000 });
  const seen: string[] = [];
  const end = client.subscribe(() => seen.push(client.variant("hero", ARMS)));
  client.subscribe(() => {
    throw new Error("of the page");
  });
  expect(client.variant("hero", ARMS)).toBe("bold");
  expect(client.payload("hero")).toBeNull();
  release();
  await client.ready;
  expect(seen).toEqual(["control"]);
  expect(client.payload("hero")).toEqual({ title: "Ship" });
  end();
});

test("what ended its subscription is not called", async () => {
  const client = site().page();
  client.subscribe(() => expect.unreachable())();
  await client.ready;
});

test("with the server down, ready does not reject, and the local choice stands", async () => {
  for (const [visitorId, arm] of [
    [CONTROL_VISITOR, "control"],
    [BOLD_VISITOR, "bold"],
  ] as const) {
    const client = site().page({ visitorId, url: NOWHERE });
    expect(client.variant("hero", ARMS)).toBe(arm);
    await client.ready;
    expect(client.variant("hero", ARMS)).toBe(arm);
    expect(client.payload("hero")).toBeNull();
  }
});

test("an answer after the timeout flips nothing that was shown, and decides what was not", async () => {
  let release = () => {};
  site().appliance.hold = new Promise((resolve) => {
    release = resolve;
  });
  site().appliance.assignments = { hero: { arm: "control", payload: 1 }, cta: { arm: "red", payload: 2 } };
  const client = site().page({ visitorId: BOLD_VISITOR, timeout: 0 });
  expect(client.variant("hero", ARMS)).toBe("bold");
  await client.ready;
  let answered = false;
  client.subscribe(() => {
    answered = true;
  });
  release();
  await until(() => answered);
  expect(client.variant("hero", ARMS)).toBe("bold");
  expect(client.payload("hero")).toBeNull();
  expect(client.variant("cta", ["blue", "red"])).toBe("red");
  expect(client.payload("cta")).toBe(2);
});

test("who is excluded sees the control, and so does everyone where the server knows no such experiment", async () => {
  site().appliance.excluded = { hero: "traffic" };
  const client = site().page({ visitorId: BOLD_VISITOR });
  await client.ready;
  expect(client.variant("hero", ARMS)).toBe("control");
  expect(client.variant("other", ARMS)).toBe("control");
  expect(client.variant("constructor", ARMS)).toBe("control");
  expect(client.variant("__proto__", ARMS)).toBe("control");
  expect(site().errors).toEqual([]);
});

test("an arm that the code does not name gives way to the control, and is reported once", async () => {
  site().appliance.assignments = { hero: { arm: "bolder", payload: 1 } };
  const client = site().page({ visitorId: BOLD_VISITOR });
  await client.ready;
  for (let turn = 0; turn < 3; turn += 1) expect(client.variant("hero", ARMS)).toBe("control");
  expect(client.payload("hero")).toBeNull();
  await until(() => site().errors.length > 0);
  expect(site().errors.map(String)).toEqual(['Error: hero: no arm "bolder" in the code']);
});

test("what the server rendered wins over the hash and over the answer, and gets the payload of its arm", async () => {
  site().appliance.assignments = { hero: { arm: "bold", payload: 1 }, cta: { arm: "red", payload: 2 } };
  const client = site().page({ visitorId: BOLD_VISITOR, bootstrap: { hero: "control", cta: "red" } });
  expect(client.variant("hero", ARMS)).toBe("control");
  expect(client.variant("cta", ["blue", "red"])).toBe("red");
  await client.ready;
  expect(client.variant("hero", ARMS)).toBe("control");
  expect(client.payload("hero")).toBeNull();
  expect(client.payload("cta")).toBe(2);
});

test("a payload that is false or nought is given as it is", async () => {
  site().appliance.assignments = { hero: { arm: "bold", payload: 0 }, cta: { arm: "red", payload: false } };
  const client = site().page();
  await client.ready;
  expect([client.payload("hero"), client.payload("cta")]).toEqual([0, false]);
});

test("local choices of three arms follow the weights of the server's first allocation", async () => {
  const client = site().page({ visitorId: BOLD_VISITOR, url: NOWHERE });
  await client.ready;
  const place = bucket(BOLD_VISITOR, "price");
  const arm = place < 3_334 ? "a" : place < 6_667 ? "b" : "c";
  expect(client.variant("price", ["a", "b", "c"])).toBe(arm);
});

test("an id with half of a surrogate pair is sent well-formed, and the same id is hashed", async () => {
  const client = site().page({ visitorId: "cut \ud83d" });
  await client.ready;
  expect(client.visitorId).toBe("cut \ufffd");
  expect(site().appliance.asked[0]?.body.visitor_id).toBe("cut \ufffd");
});

test("a client that is not opened asks nothing", async () => {
  const client = site().page({ open: false, visitorId: BOLD_VISITOR });
  expect(client.variant("hero", ARMS)).toBe("bold");
  client.open();
  await client.ready;
  client.open();
  expect(site().appliance.asked).toHaveLength(1);
});

test("an answer about somebody else, or in another shape, is no answer", async () => {
  for (const reply of [{ visitor_id: "somebody" }, {}, []]) {
    site().appliance.assignments = { hero: { arm: "control" } };
    Object.assign(site().appliance, { reply: () => reply });
    const client = site().page({ visitorId: BOLD_VISITOR });
    await client.ready;
    expect(client.variant("hero", ARMS)).toBe("bold");
  }
});
