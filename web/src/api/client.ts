import createClient, { type FetchResponse } from "openapi-fetch";
import type { components, paths } from "./api";

export type Schemas = components["schemas"];

/** Where the appliance is: beside this page, whatever path a proxy gave it. Ends without a slash. */
export const BASE = new URL(".", document.baseURI).href.replace(/\/$/, "");

export const api = createClient<paths>({ baseUrl: BASE });

/** What the appliance said no to, in its own words (RFC 9457). */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  /** Every wrong place, written like arms[0].weight, with what is wrong there. */
  readonly faults: Readonly<Record<string, string>>;

  constructor(status: number, problem: Partial<Schemas["Problem"]>) {
    super(problem.detail ?? `The appliance answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.field = problem.field ?? undefined;
    this.hint = problem.hint ?? undefined;
    this.faults = Object.fromEntries((problem.errors ?? []).map((one) => [dotted(one.pointer), one.detail]));
    if (this.field !== undefined) this.faults = { [this.field]: this.message, ...this.faults };
  }
}

/** The place of a JSON pointer, written like arms[0].weight, as `field` has it. */
function dotted(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join("");
}

/** The body of an answer; throws Refused for any other answer, and what fetch throws when none came. */
export async function body<T extends Record<string | number, unknown>, O, M extends `${string}/${string}`>(
  request: Promise<FetchResponse<T, O, M>>,
): Promise<NonNullable<FetchResponse<T, O, M>["data"]>> {
  const { data, error, response } = await request;
  if (!response.ok) throw new Refused(response.status, isProblem(error) ? error : {});
  return data as NonNullable<FetchResponse<T, O, M>["data"]>;
}

function isProblem(error: unknown): error is Schemas["Problem"] {
  return typeof error === "object" && error !== null && "detail" in error;
}
