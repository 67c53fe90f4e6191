import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isLocal, snippet, type Trial, type Way } from "../../src/lib/snippet";

const PLACE = { base: "https://ab.example.com/vv", token: "vv_proj_abc" };
const TRIAL: Trial = { key: "hero", arms: ["control", "bold", "calm"], event: "signup" };
/** The name of an event may hold anything that can be printed. */
const HOSTILE: Trial = { ...TRIAL, event: `it's "done" \\ </script><b>` };

describe("what is pasted", () => {
  it.each<Way>(["page", "react", "server", "ai"])(
    "names the appliance, the token and the experiment (%s)",
    (way) => {
      const text = snippet(way, PLACE, TRIAL);
      for (const part of [PLACE.base, PLACE.token, TRIAL.key, TRIAL.event]) expect(text).toContain(part);
    },
  );

  it("names every arm in order, the control first", () => {
    for (const way of ["page", "react", "ai"] as const)
      expect(snippet(way, PLACE, TRIAL)).toContain('["control", "bold", "calm"]');
  });
});

describe("the lines for any page", () => {
  it("stay one script element, whatever the event is called", () => {
    const read = new DOMParser().parseFromString(snippet("page", PLACE, HOSTILE), "text/html");
    expect(read.querySelectorAll("script")).toHaveLength(1);
    expect(read.querySelectorAll("b")).toHaveLength(0);
  });

  it("run: they show the arm, say so, and send the event as it is called", async () => {
    const read = new DOMParser().parseFromString(snippet("page", PLACE, HOSTILE), "text/html");
    const lines = (read.querySelector("script")?.textContent ?? "").replace(/import .*;/, "");
    document.body.innerHTML = "<h1>As it is</h1><form></form>";
    const said: unknown[] = [];
    const createClient = (options: object) => ({
      ready: said.push(options),
      variant: (key: string, arms: string[]) => said.push(key, arms) && "bold",
      expose: (key: string) => said.push(`exposed ${key}`),
      track: (event: string) => said.push(event),
    });
    await new Function("createClient", `return (async () => {${lines}})()`)(createClient);
    document.querySelector("form")?.dispatchEvent(new Event("submit"));
    expect(document.querySelector("h1")?.textContent).toBe("Your new headline");
    expect(said).toEqual([
      { url: PLACE.base, token: PLACE.token },
      "hero",
      TRIAL.arms,
      "exposed hero",
      HOSTILE.event,
    ]);
  });
});

describe("the lines for a server", () => {
  it("make a shell call the two doors with what they take", () => {
    const calls = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n`;
    const words = execFileSync("sh", ["-c", calls + snippet("server", PLACE, HOSTILE)], {
      encoding: "utf8",
    }).split("\0");
    expect(words.filter((word) => word.startsWith("http"))).toEqual([
      `${PLACE.base}/api/v1/assign`,
      `${PLACE.base}/api/v1/events`,
    ]);
    expect(words.filter((word) => word.startsWith("{")).map((word) => JSON.parse(word))).toEqual([
      { visitor_id: "visitor-1", experiments: ["hero"], expose: true },
      { visitor_id: "visitor-1", name: HOSTILE.event },
    ]);
    expect(words).toContain(`authorization: Bearer ${PLACE.token}`);
  });
});

describe("an address that only this computer can reach", () => {
  it.each([
    ["http://localhost:8000", true],
    ["http://127.0.0.1:8000/vv", true],
    ["http://[::1]:8000", true],
    ["https://ab.example.com", false],
    ["http://192.168.0.7:8000", false],
    ["https://localhost.example.com", false],
  ])("%s: %s", (base, local) => {
    expect(isLocal(base)).toBe(local);
  });
});
