// @vitest-environment jsdom

import { act, cleanup, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Options } from "../src/index.js";
import { useTrack, useVariant, VibeVariantProvider } from "../src/react.js";
import { TOKEN } from "./appliance.js";
import { eachInItsOwnBrowser } from "./browser.js";
import { BOLD_VISITOR, eachOnItsOwnSite, NOWHERE, until } from "./site.js";

const site = eachOnItsOwnSite();
eachInItsOwnBrowser();

beforeEach(() => {
  // React says on the console what it has to complain about.
  vi.spyOn(console, "error").mockImplementation((...words) => expect.unreachable(words.join(" ")));
});
afterEach(cleanup);

function Hero({ expose = true }: { expose?: boolean }) {
  const arm = useVariant("hero", ["control", "bold"], { expose });
  const track = useTrack();
  return (
    <button type="button" onClick={() => track("signup", { value: 9 })}>
      {arm}
    </button>
  );
}

function options(more: Partial<Options> = {}): Options {
  return { url: site().appliance.url, token: TOKEN, flushInterval: 0, timeout: 60_000, ...more };
}

function shown(): string | null {
  return screen.getByRole("button").textContent;
}

/** Lets the network and React go on until something holds. */
async function eventually(happened: () => boolean): Promise<void> {
  await act(() => until(happened));
}

test("a provider renders the arm that the server gives, and it counts as shown once it is on the screen", async () => {
  site().appliance.assignments = { hero: { arm: "control" } };
  render(
    <VibeVariantProvider {...options({ visitorId: BOLD_VISITOR })}>
      <Hero />
    </VibeVariantProvider>,
  );
  expect(shown()).toBe("bold");
  await eventually(() => shown() === "control");
  await eventually(() => site().appliance.events.length > 0);
  expect(site().appliance.exposures).toEqual([["hero", "control"]]);
});

test("in StrictMode there is one question and one exposure", async () => {
  site().appliance.assignments = { hero: { arm: "bold" } };
  const { unmount } = render(
    <StrictMode>
      <VibeVariantProvider {...options({ visitorId: BOLD_VISITOR })}>
        <Hero />
        <Hero />
      </VibeVariantProvider>
    </StrictMode>,
    { container: document.body.appendChild(document.createElement("main")) },
  );
  await eventually(() => site().appliance.events.length > 0);
  unmount();
  expect(site().appliance.askedFor("assign")).toHaveLength(1);
  expect(site().appliance.exposures).toEqual([["hero", "bold"]]);
});

test("an event goes out with a click, and what waits goes out when the provider does", async () => {
  const { unmount } = render(
    <VibeVariantProvider {...options({ flushInterval: 3_600_000 })}>
      <Hero expose={false} />
    </VibeVariantProvider>,
  );
  screen.getByRole("button").click();
  unmount();
  await until(() => site().appliance.events.length > 0);
  expect(site().appliance.events).toMatchObject([{ name: "signup", value: 9 }]);
});

test("who does not want to count as shown does not", async () => {
  site().appliance.assignments = { hero: { arm: "bold" } };
  render(
    <VibeVariantProvider {...options()}>
      <Hero expose={false} />
    </VibeVariantProvider>,
  );
  await eventually(() => shown() === "bold");
  screen.getByRole("button").click();
  await eventually(() => site().appliance.events.length > 0);
  expect(site().appliance.exposures).toEqual([]);
});

test("a client of one's own is used, and left open", async () => {
  const client = site().page({ visitorId: BOLD_VISITOR, bootstrap: { hero: "bold" } });
  const { unmount } = render(
    <VibeVariantProvider client={client}>
      <Hero />
    </VibeVariantProvider>,
  );
  expect(shown()).toBe("bold");
  unmount();
  client.track("still here");
  await client.flush();
  expect(site().appliance.events.map(({ name }) => name)).toEqual(["still here"]);
});

test("without a provider there is the control, and nothing happens", () => {
  render(<Hero />);
  expect(shown()).toBe("control");
  screen.getByRole("button").click();
});

test.each([
  [{ hero: "bold" }, "bold"],
  [{ hero: "gone" }, "control"],
  [{}, "control"],
] as const)(
  "with %j the server renders %s, and the browser takes the page over without a warning",
  async (bootstrap, first) => {
    site().appliance.assignments = { hero: { arm: "bold" } };
    const page = (
      <StrictMode>
        <VibeVariantProvider {...options({ visitorId: BOLD_VISITOR, bootstrap })}>
          <Hero />
        </VibeVariantProvider>
      </StrictMode>
    );
    const container = document.body.appendChild(document.createElement("main"));
    container.innerHTML = renderToString(page);
    expect(container.textContent).toBe(first);
    const root = await act(() =>
      hydrateRoot(container, page, { onRecoverableError: (e) => expect.unreachable(`${e}`) }),
    );
    const last = "gone" === (bootstrap as { hero?: string }).hero ? "control" : "bold";
    await eventually(() => container.textContent === last);
    container.querySelector("button")?.click();
    await act(() => root.unmount());
    await until(() => site().appliance.events.some(({ name }) => name === "signup"));
    expect(site().appliance.exposures).toEqual(last === "bold" ? [["hero", "bold"]] : []);
    container.remove();
  },
);

test("with the appliance down a page renders all the same", async () => {
  render(
    <VibeVariantProvider {...options({ visitorId: BOLD_VISITOR, url: NOWHERE })}>
      <Hero />
    </VibeVariantProvider>,
  );
  expect(shown()).toBe("bold");
});
