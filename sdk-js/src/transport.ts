/** The transport: how bytes leave the page. */

import { attempt } from "./attempt.js";
import { sizeOf } from "./json.js";

/** Bytes: from here on, browsers may refuse what is to outlive the page. */
const KEEPALIVE = 50_000;
/** Milliseconds after which a request that nobody answers is over. */
const PATIENCE = 10_000;

export interface Answer {
  /** 0: nobody answered, or somebody who does not speak JSON, such as the portal of a hotel. */
  status: number;
  /** Milliseconds the server wants to be left alone; 0, NaN or none: it said nothing. */
  wait?: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at where it is used.
  body?: any;
}

/**
 * Sends JSON. A string goes out as text/plain, which a browser sends to another origin without asking first;
 * the token stands in the body for the same reason. Never rejects.
 */
export async function post(address: string, content: object): Promise<Answer> {
  try {
    const response = await fetch(address, {
      method: "POST",
      body: JSON.stringify(content),
      keepalive: sizeOf(content) < KEEPALIVE,
      signal: AbortSignal.timeout?.(PATIENCE) ?? null,
    });
    const body = await response.json().catch(() => {});
    const status = response.ok && !body ? 0 : response.status;
    // A date, which the appliance never sends, is as good as nothing: the backoff is there.
    return { status, wait: Number(response.headers.get("retry-after")) * 1000, body };
  } catch {
    return { status: 0 };
  }
}

/** Sends JSON from a page that may end now. Whether the browser took it on. */
export function beacon(address: string, content: object): boolean | undefined {
  return attempt(() => navigator.sendBeacon(address, JSON.stringify(content)));
}
