/** What a site's maker pastes: the lines that assign a visitor, show the arm and tell what happened. */

export interface Place {
  /** Where the appliance is, without a slash at the end. */
  base: string;
  /** The project's public token. */
  token: string;
}

export interface Trial {
  key: string;
  /** Keys of the arms in their order; the first is the control. */
  arms: readonly string[];
  /** The event that counts as success. */
  event: string;
}

/** What stands where there is no experiment yet, and what the button beside it makes. */
export const HERO: Trial = { key: "hero", arms: ["control", "bold"], event: "signup" };

export type Way = "page" | "react" | "server" | "ai";

export function snippet(way: Way, place: Place, trial: Trial): string {
  return { page: anyPage, react, server, ai }[way](place, trial);
}

function anyPage({ base, token }: Place, { key, arms, event }: Trial): string {
  return `<script type="module">
  import { createClient } from ${script(`${base}/sdk/vibevariant.js`)};

  const vv = createClient({ url: ${script(base)}, token: ${script(token)} });
  await vv.ready;

  // The first arm is your page as it is; the others are what you try.
  const arm = vv.variant(${script(key)}, ${listed(arms)});
  if (arm === ${script(arms[1] ?? "")}) {
    document.querySelector("h1").textContent = "Your new headline";
  }
  vv.expose(${script(key)});

  // Where the thing you hope for happens:
  document.querySelector("form")?.addEventListener("submit", () => vv.track(${script(event)}));
</script>`;
}

function react({ base, token }: Place, { key, arms, event }: Trial): string {
  return `npm install ${base}/sdk/vibevariant-sdk.tgz

// Around your app, once:
import { VibeVariantProvider } from "@vibevariant/sdk/react";

<VibeVariantProvider url=${attribute(base)} token=${attribute(token)}>
  <App />
</VibeVariantProvider>

// Where the arms differ:
import { useTrack, useVariant } from "@vibevariant/sdk/react";

function Hero() {
  const arm = useVariant(${script(key)}, ${listed(arms)});
  const track = useTrack();
  return (
    <>
      <h1>{arm === ${script(arms[1] ?? "")} ? "Your new headline" : "Your headline as it is"}</h1>
      <button onClick={() => track(${script(event)})}>Sign up</button>
    </>
  );
}`;
}

function server({ base, token }: Place, { key, event }: Trial): string {
  const call = (path: string, content: object) =>
    `curl -s ${shell(`${base}/api/v1/${path}`)} \\
  -H ${shell(`authorization: Bearer ${token}`)} -H 'content-type: application/json' \\
  -d ${shell(JSON.stringify(content))}`;
  return `# Which arm this visitor gets. "expose" says that you show it right away.
# The visitor's id is yours: the same person keeps the same one.
${call("assign", { visitor_id: "visitor-1", experiments: [key], expose: true })}

# Later, when the thing you hope for has happened:
${call("events", { visitor_id: "visitor-1", name: event })}`;
}

function ai(place: Place, trial: Trial): string {
  const { base, token } = place;
  const [control = "", ...others] = trial.arms;
  return `Add an A/B test to this project. We use VibeVariant, an A/B testing server of our own.

- Server: ${base}
- Project token: ${token} (public: it may stand in the code of a page)
- Experiment: ${trial.key}
- Arms: ${control} is everything as it is now. To try: ${others.join(", ")}.
- Goal: the event ${trial.event}

Please:
1. Find the place this experiment is about. Ask me what the new version should say or look like, unless I have told you.
2. Show the arm that VibeVariant gives, with the code below that fits this project. Keep ${control} exactly as it is.
3. Send the event ${trial.event} where it has really succeeded (the server said yes), not where a button is merely clicked.
4. If VibeVariant cannot be reached, the page must work as before. The SDK does that by itself: do not wait for it anywhere else.
5. Change nothing else, and add no other analytics.
6. When done, run the site and open it once in a browser. ${base}/#/start then says what has arrived.

If this is a React project:

${react(place, trial)}

If not, in the HTML of the page:

${anyPage(place, trial)}

If pages are rendered on a server that should decide, its two calls:

${server(place, trial)}

The whole API: ${base}/openapi.json`;
}

/** A text in JavaScript; it may stand in a script element, which "</script>" would end. */
function script(text: string): string {
  return JSON.stringify(text).replaceAll("</", "<\\/");
}

/** A list of texts in JavaScript, on one line. */
function listed(texts: readonly string[]): string {
  return `[${texts.map(script).join(", ")}]`;
}

/** A text as an attribute in JSX. */
function attribute(text: string): string {
  return text.includes('"') ? `{${script(text)}}` : `"${text}"`;
}

/** A text in a shell, where nothing within single quotes means anything but their end. */
function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether only this computer can reach the appliance under that address. */
export function isLocal(base: string): boolean {
  const { hostname } = new URL(base);
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
