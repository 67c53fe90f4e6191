// @vitest-environment jsdom

import { expect, test, vi } from "vitest";
import { eachInItsOwnBrowser } from "./browser.js";
import { BOLD_VISITOR, eachOnItsOwnSite, NOWHERE } from "./site.js";

const site = eachOnItsOwnSite();
const browser = eachInItsOwnBrowser();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
const ARMS = ["control", "bold"] as const;

test("the id is kept in a cookie and in localStorage, and either brings it back", () => {
  const { visitorId } = site().page();
  expect(visitorId).toMatch(UUID);
  expect(document.cookie).toContain(`vv_id=${visitorId}`);
  expect(localStorage.getItem("vv_id")).toBe(visitorId);
  expect(site().page().visitorId).toBe(visitorId);
  localStorage.clear();
  expect(site().page().visitorId).toBe(visitorId);
  browser().setCookie(";max-age=0");
  expect(site().page().visitorId).toBe(visitorId);
  expect(document.cookie).toContain(`vv_id=${visitorId}`);
});

test("an id that the server set in the cookie wins", () => {
  localStorage.setItem("vv_id", "older");
  browser().setCookie("of-the-server");
  expect(site().page().visitorId).toBe("of-the-server");
  expect(localStorage.getItem("vv_id")).toBe("of-the-server");
});

test("an id of the site's own is written nowhere", () => {
  expect(site().page({ visitorId: "anna@example.com" }).visitorId).toBe("anna@example.com");
  expect(document.cookie).toBe("");
  expect(localStorage.getItem("vv_id")).toBeNull();
});

test("`local` writes no cookie, `memory` nothing at all", async () => {
  const { visitorId } = site().page({ storage: "local" });
  expect(document.cookie).toBe("");
  expect(localStorage.getItem("vv_id")).toBe(visitorId);
  await site().end();
  browser().forgetEverything();
  const client = site().page({ storage: "memory" });
  client.track("signup");
  await client.ready;
  expect(document.cookie).toBe("");
  expect(localStorage).toHaveLength(0);
  expect(client.visitorId).toMatch(UUID);
});

test("a client that is not opened writes nothing", () => {
  site().page({ open: false });
  expect(document.cookie).toBe("");
  expect(localStorage).toHaveLength(0);
});

test("where storage is forbidden, a page works for itself", async () => {
  vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("no", "SecurityError");
  });
  vi.spyOn(document, "cookie", "get").mockImplementation(() => {
    throw new DOMException("no", "SecurityError");
  });
  vi.spyOn(document, "cookie", "set").mockImplementation(() => {
    throw new DOMException("no", "SecurityError");
  });
  site().appliance.assignments = { hero: { arm: "bold" } };
  const client = site().page();
  client.track("signup");
  await client.ready;
  client.expose("hero", client.variant("hero", ARMS));
  await client.flush();
  expect(site().appliance.events.map(({ name }) => name)).toEqual(["signup", "$exposure"]);
  expect(site().errors).toEqual([]);
});

test("a full disk is nobody's fault", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const client = site().page();
  client.track("signup");
  await client.flush();
  expect(site().appliance.events).toHaveLength(1);
});

test("a returning visitor has the arm at once, and with the server down", async () => {
  site().appliance.assignments = { hero: { arm: "control", payload: { title: "Ship" } } };
  site().appliance.excluded = { cta: "traffic" };
  await site().page({ visitorId: BOLD_VISITOR }).ready;
  for (const url of [site().appliance.url, NOWHERE]) {
    const client = site().page({ visitorId: BOLD_VISITOR, url });
    expect(client.variant("hero", ARMS)).toBe("control");
    expect(client.payload("hero")).toEqual({ title: "Ship" });
    expect(client.variant("cta", ARMS)).toBe("control");
    await client.ready;
    expect(client.variant("hero", ARMS)).toBe("control");
  }
  const other = site().page({ visitorId: "somebody else", url: NOWHERE });
  expect(other.payload("hero")).toBeNull();
});

test("what the server says anew shows on the next page, and this page counts for neither", async () => {
  site().appliance.assignments = { hero: { arm: "bold" } };
  await site().page({ visitorId: BOLD_VISITOR }).ready;
  site().appliance.assignments = { hero: { arm: "control" } };
  const page = site().page({ visitorId: BOLD_VISITOR });
  await page.ready;
  page.expose("hero", page.variant("hero", ARMS));
  expect(page.variant("hero", ARMS)).toBe("bold");
  await page.flush();
  expect(site().appliance.exposures).toEqual([]);
  expect(site().page({ visitorId: BOLD_VISITOR }).variant("hero", ARMS)).toBe("control");
});
