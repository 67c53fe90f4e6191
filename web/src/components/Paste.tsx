import { useState } from "react";
import { BASE } from "../api/client";
import { isLocal, type Place, snippet, type Trial, type Way } from "../lib/snippet";
import { Choice } from "./Choice";
import { Copy } from "./Copy";

const WAYS = [
  { value: "ai", name: "Your AI" },
  { value: "page", name: "Any page" },
  { value: "react", name: "React" },
  { value: "server", name: "Server" },
] as const;

const ABOUT: Record<Way, string> = {
  ai: "Paste this to your AI coding tool, in the project of your site. It holds all that it needs.",
  page: "For a page of HTML, whatever made it. Paste it where the page ends, and name what you try.",
  react:
    "Two things to install and two places to change. While the server renders, everybody has the control.",
  server: "When your server decides what a visitor gets, in whatever language: two calls.",
};

/** The lines to paste, in the way that fits the site. */
export function Paste({ place, trial }: { place: Place; trial: Trial }) {
  const [way, setWay] = useState<Way>("ai");
  return (
    <div className="flex flex-col gap-4">
      <Choice label="How your site is made" options={WAYS} value={way} onChange={setWay} />
      <p className="max-w-[70ch] text-soft">{ABOUT[way]}</p>
      <Copy key={way} prose={way === "ai"} label="Lines to paste" text={snippet(way, place, trial)} />
      {isLocal(BASE) && (
        <p className="max-w-[70ch] text-sm text-soft">
          {BASE} is this computer alone. That is fine while your site runs here too; for visitors from
          elsewhere this appliance needs an address that they can reach.
        </p>
      )}
    </div>
  );
}
