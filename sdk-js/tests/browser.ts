/** The browser for the tests: jsdom, with what it lacks. */

import { afterEach, beforeEach, vi } from "vitest";
import { TOKEN } from "./appliance.js";

export class Browser {
  /** How many beacons it takes on. */
  taken = Number.POSITIVE_INFINITY;
  readonly beacons: string[] = [];

  /** A real one sends it in its own time; this one at once. */
  sendBeacon = (address: string, body: string): boolean => {
    if (this.beacons.length >= this.taken) return false;
    this.beacons.push(body);
    void fetch(address, { method: "POST", body }).catch(() => {});
    return true;
  };

  show(state: "visible" | "hidden"): void {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }

  leave(): void {
    window.dispatchEvent(new Event("pagehide"));
  }

  setCookie(cookie: string): void {
    // biome-ignore lint/suspicious/noDocumentCookie: jsdom has no other.
    document.cookie = `vv_id=${cookie};path=/`;
  }

  forgetEverything(): void {
    localStorage.clear();
    this.setCookie(";max-age=0");
  }

  /** The keys of queues in localStorage. */
  queues(): string[] {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${TOKEN}:`));
  }
}

/** Each test gets one that remembers nothing. */
export function eachInItsOwnBrowser(): () => Browser {
  let browser: Browser;
  beforeEach(() => {
    browser = new Browser();
    browser.forgetEverything();
    Object.assign(navigator, { sendBeacon: browser.sendBeacon });
  });
  afterEach(() => {
    vi.useRealTimers();
    browser.show("visible");
  });
  return () => browser;
}
