/** The connection: requests to the appliance, and when the next try is due. */

import { type Answer, beacon, post } from "./transport.js";

/** Milliseconds before the second try; each further one waits twice as long, up to the longest wait. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30 * 60_000;
/** After so many requests in a row that nobody answered (an ad blocker, no network), this page plans no more. */
const MOST_SILENCES = 3;

export interface Connection {
  /** The answer, also when it is a refusal; none: it failed and is worth another try, which is planned. */
  request(path: string, content: object): Promise<Answer | undefined>;
  /** Has a page that may end now send this. Not true: it cannot be relied on to arrive. */
  part(path: string, content: object): boolean | undefined;
  /** Has the work done in a while, unless it is planned already. */
  plan(milliseconds: number): void;
  /** Whether anything may be planned; at first, nothing may. */
  wake(awake: boolean): void;
}

export function createConnection(
  url: string,
  token: string,
  work: () => void,
  report: (problem: string) => void,
): Connection {
  let awake = false;
  let planned: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let silences = 0;

  const addressOf = (path: string) => `${url.replace(/\/+$/, "")}/api/v1/${path}`;

  function stop(): void {
    clearTimeout(planned);
    planned = undefined;
  }

  function plan(milliseconds: number): void {
    if (!awake || silences >= MOST_SILENCES) return;
    planned ??= setTimeout(() => {
      planned = undefined;
      work();
    }, milliseconds);
  }

  return {
    async request(path, content) {
      const answer = await post(addressOf(path), { token, ...content });
      const { status, wait, body } = answer;
      if (status && status < 500 && status !== 408 && status !== 429) {
        failures = silences = 0;
        if (status >= 400) report(`${path}: ${status} ${body?.detail}`);
        return answer;
      }
      silences = status ? 0 : silences + 1;
      const backoff = FIRST_WAIT * 2 ** failures++ * (0.5 + Math.random());
      stop();
      plan(wait || Math.min(backoff, LONGEST_WAIT));
    },
    // Nobody says whether it arrived. While requests fail, it most likely does not.
    part: (path, content) => beacon(addressOf(path), { token, ...content }) && !failures,
    plan,
    wake(now) {
      awake = now;
      if (!now) stop();
    },
  };
}
