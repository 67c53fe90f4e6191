// @vitest-environment jsdom

import { expect, test, vi } from "vitest";
import { TOKEN } from "./appliance.js";
import { eachInItsOwnBrowser } from "./browser.js";
import { BOLD_VISITOR, eachOnItsOwnSite, NOWHERE } from "./site.js";

const site = eachOnItsOwnSite();
const browser = eachInItsOwnBrowser();
const ARMS = ["control", "bold"] as const;
const DAY = 86_400_000;

test("an exposure of a page without the server counts on a later page, if the server gives that arm", async () => {
  for (const arm of ARMS) {
    const page = site().page({ visitorId: BOLD_VISITOR, url: NOWHERE });
    page.expose("hero", page.variant("hero", ARMS));
    await page.flush();
    site().appliance.assignments = { hero: { arm } };
    await site().page({ visitorId: BOLD_VISITOR }).flush();
    expect(browser().queues()).toEqual([]);
    expect(site().appliance.exposures).toEqual(arm === "bold" ? [["hero", "bold"]] : []);
    site().appliance.stored.clear();
    await site().end();
    browser().forgetEverything();
    await site().appliance.start();
  }
});

test("what a page could not send, the next one sends, once", async () => {
  const first = site().page();
  await first.ready;
  await site().appliance.stop();
  first.track("signup");
  await first.flush();
  await site().appliance.start();
  const second = site().page();
  second.track("later");
  await second.flush();
  expect(site().appliance.events.map(({ name }) => name)).toEqual(["signup", "later"]);
  expect(site().appliance.duplicates).toBe(0);
  expect(browser().queues()).toEqual([]);
});

test("two tabs lose nothing to each other, and what both send counts once", async () => {
  const [left, right] = [site().page(), site().page()];
  await Promise.all([left.ready, right.ready]);
  left.track("left 1");
  right.track("right 1");
  left.track("left 2");
  expect(browser().queues()).toHaveLength(2);
  const third = site().page(); // takes over what the two still hold
  expect(browser().queues()).toHaveLength(1);
  right.track("right 2");
  await Promise.all([left.flush(), right.flush(), third.flush()]);
  const names = site().appliance.events.map(({ name }) => name);
  expect(names.sort()).toEqual(["left 1", "left 2", "right 1", "right 2"]);
  expect(site().appliance.duplicates).toBe(3);
  expect(browser().queues()).toEqual([]);
});

test("of another page's queue only what can be read is taken over", async () => {
  localStorage.setItem(`${TOKEN}:broken`, "[{");
  localStorage.setItem(`${TOKEN}:null`, "null");
  localStorage.setItem("of the site", "stays");
  const client = site().page();
  client.track("signup");
  await client.flush();
  expect(site().appliance.events).toHaveLength(1);
  expect(browser().queues()).toEqual([]);
  expect(localStorage.getItem("of the site")).toBe("stays");
});

test("at most 500 events and 100 kB are kept, for a week, and the oldest go first", async () => {
  const client = site().page({ url: NOWHERE });
  await client.ready;
  const names = () =>
    JSON.parse(localStorage.getItem(browser().queues()[0] as string) ?? "[]") as { name: string }[];
  for (let number = 0; number < 510; number += 1) client.track(`n${number}`);
  expect(names().map(({ name }) => name)).toEqual(
    Array.from({ length: 500 }, (_, place) => `n${place + 10}`),
  );
  for (let number = 0; number < 20; number += 1)
    client.track(`big${number}`, { properties: { text: "x".repeat(8_000) } });
  expect(names().at(-1)?.name).toBe("big19");
  expect(names().length).toBe(12);
  expect(localStorage.getItem(browser().queues()[0] as string)?.length).toBeLessThanOrEqual(100_001);
  vi.useFakeTimers({ now: Date.now() + 7 * DAY + 60_000, toFake: ["Date"] });
  client.track("a week later");
  expect(names().map(({ name }) => name)).toEqual(["a week later"]);
});
