/** A site for the tests: an appliance that is there, clients that are always closed, pages that follow each other. */

import { afterEach, beforeEach } from "vitest";
import { type Client, createClient, type Options } from "../src/index.js";
import { Appliance, TOKEN } from "./appliance.js";

/** Nobody listens on this port of this machine. */
export const NOWHERE = "http://127.0.0.1:9";

export class Site {
  readonly appliance = new Appliance();
  readonly errors: unknown[] = [];
  private readonly clients: Client[] = [];

  /** A client as it begins with a page; it sends only when told to. */
  page(options: Partial<Options> = {}): Client {
    const client = createClient({
      url: this.appliance.url,
      token: TOKEN,
      flushInterval: 3_600_000,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.appliance.stop();
  }
}

/** Each test gets a new one. */
export function eachOnItsOwnSite(): () => Site {
  let site: Site;
  beforeEach(async () => {
    site = new Site();
    await site.appliance.start();
  });
  afterEach(() => site.end());
  return () => site;
}

/** Ids of visitors whom the hash gives the first and the second of two arms of `hero`. */
export const CONTROL_VISITOR = "visitor-13";
export const BOLD_VISITOR = "visitor-1";

/** Waits for what happens elsewhere, whatever the clock of the test does. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}
