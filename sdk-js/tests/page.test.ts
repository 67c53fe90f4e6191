// @vitest-environment jsdom

import { expect, test } from "vitest";
import { eachInItsOwnBrowser } from "./browser.js";
import { BOLD_VISITOR, eachOnItsOwnSite, NOWHERE, until } from "./site.js";

const site = eachOnItsOwnSite();
const browser = eachInItsOwnBrowser();

test("a page that is hidden or left hands over what waits to the browser", async () => {
  const client = site().page();
  await client.ready;
  client.track("hidden");
  browser().show("hidden");
  expect(browser().beacons).toHaveLength(1);
  browser().show("visible");
  client.track("left");
  browser().leave();
  expect(browser().beacons).toHaveLength(2);
  expect(browser().queues()).toEqual([]);
  await until(() => site().appliance.events.length === 2);
  expect(site().appliance.askedFor("events")[0]?.type).toMatch(/^text\/plain/);
});

test("what the browser does not take on stays for the next page", async () => {
  const client = site().page();
  await client.ready;
  for (let number = 0; number < 12; number += 1)
    client.track("big", { properties: { text: "x".repeat(8_000) } });
  browser().taken = 1;
  browser().leave();
  await until(() => site().appliance.events.length > 0);
  const sent = site().appliance.events.length;
  expect(browser().beacons[0]?.length).toBeLessThanOrEqual(50_000);
  expect(sent).toBeLessThan(12);
  await site().page().flush();
  expect(site().appliance.events).toHaveLength(12);
});

test("while the server fails, what was handed over stays too, for nobody says whether it arrived", async () => {
  const client = site().page();
  await client.ready;
  site().appliance.refusals.events?.push({ status: 503 });
  client.track("signup");
  await client.flush();
  browser().leave();
  expect(browser().beacons).toHaveLength(1);
  await until(() => site().appliance.events.length > 0);
  await site().page().flush();
  expect(site().appliance.events).toHaveLength(1);
  expect(site().appliance.duplicates).toBe(1);
});

test("before the server has spoken, nothing is handed over and everything is kept", async () => {
  const client = site().page({ url: NOWHERE });
  client.track("signup");
  browser().leave();
  expect(browser().beacons).toEqual([]);
  expect(browser().queues()).toHaveLength(1);
});

test("a closed client hears nothing of the page any more, and an opened one does again", async () => {
  const client = site().page({ visitorId: BOLD_VISITOR });
  await client.close();
  client.track("quiet");
  browser().show("hidden");
  expect(browser().beacons).toEqual([]);
  client.open();
  browser().show("hidden");
  expect(browser().beacons).toHaveLength(1);
});
