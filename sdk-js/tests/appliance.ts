/** A little appliance: answers assign and events over real HTTP, and counts each event by its id as the real one does. */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { QueuedEvent } from "../src/queue.js";

export const TOKEN = "vv_proj_test";

interface Asked {
  path: string;
  type: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body.
  body: any;
}

interface Refusal {
  status: number;
  headers?: Record<string, string>;
}

export class Appliance {
  assignments: Record<string, { arm: string; payload?: unknown }> = {};
  excluded: Record<string, string> = {};
  rejected: { index: number; code: string; detail: string }[] = [];
  /** What is answered before anything else, one for each request to that path. */
  readonly refusals: Record<string, Refusal[]> = { assign: [], events: [] };
  /** So many batches are stored and then not answered. */
  cuts = 0;
  /** Before this is resolved, `assign` is not answered. */
  hold: Promise<void> = Promise.resolve();
  readonly asked: Asked[] = [];
  readonly stored = new Map<string, QueuedEvent>();
  duplicates = 0;
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get events(): QueuedEvent[] {
    return [...this.stored.values()];
  }

  get exposures(): (string | undefined)[][] {
    const shown = this.events.filter(({ name }) => name === "$exposure");
    return shown.map(({ experiment, properties }) => [experiment, properties?.arm as string]);
  }

  askedFor(path: string): Asked[] {
    return this.asked.filter((each) => each.path === `/api/v1/${path}`);
  }

  /** Listens; the second time at the same port. */
  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(parts).toString());
        this.asked.push({ path: request.url ?? "", type: request.headers["content-type"], body });
        void this.answer(request.url ?? "", body, response);
      });
    });
    await new Promise<void>((listening) => this.server?.listen(this.port, "127.0.0.1", listening));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private async answer(address: string, body: Asked["body"], response: ServerResponse): Promise<void> {
    const path = address.split("/").at(-1) as string;
    if (path === "assign") await this.hold;
    if (path === "events" && this.cuts > 0) {
      this.cuts -= 1;
      this.reply(path, body);
      response.destroy();
      return;
    }
    const refusal = this.refusals[path]?.shift();
    const headers = { "content-type": "application/json", ...refusal?.headers };
    response.writeHead(refusal?.status ?? 200, headers);
    response.end(JSON.stringify(refusal ? { detail: "No." } : this.reply(path, body)));
  }

  private reply(path: string, body: Asked["body"]): object {
    if (path === "assign") {
      const { assignments, excluded } = this;
      return { visitor_id: body.visitor_id, assignments, excluded };
    }
    for (const event of body.events) {
      if (this.stored.has(event.id)) this.duplicates += 1;
      this.stored.set(event.id, event);
    }
    return { accepted: body.events.length, duplicates: 0, rejected: this.rejected };
  }
}
