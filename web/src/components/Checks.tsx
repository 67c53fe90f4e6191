import { Circle, CircleCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { type Activity, allHeard } from "../api/projects";

const CHECKS = [
  {
    heard: "visitor",
    name: "A visitor was assigned",
    causes: [
      "The lines are not on the page that you opened, or an older copy of it came out of a cache: load it anew.",
      "The page cannot reach this appliance: its address is another one there, an ad blocker is in the way, or the page is on https and the appliance is not.",
      "The experiment is not running, or the token is that of another project.",
    ],
  },
  {
    heard: "exposure",
    name: "A visitor was shown an arm",
    causes: [
      "Nothing says that the arm was shown: call expose where it is, or send “expose”: true.",
      "The page that you opened is not the one on which the arms differ.",
      "This visitor takes no part: the experiment is paused, or lets in a share of the visitors alone.",
    ],
  },
  {
    heard: "event",
    name: "Something happened after it",
    causes: [
      "Nobody has done it yet: do it yourself once, on the page.",
      "The line that sends the event is not reached: the form or button that it looks for is another one.",
      "Something between this browser and the appliance stops it: try without an ad blocker.",
    ],
  },
] as const;

const A_MINUTE = 60_000;

/** What has been heard of the site so far, and what may be wrong where nothing comes. */
export function Checks({ activity }: { activity: Activity }) {
  const missing = CHECKS.find(({ heard }) => !activity[heard]);
  return (
    <div className="flex flex-col gap-4">
      <div role="status" aria-live="polite">
        <ol className="flex flex-col gap-2">
          {CHECKS.map(({ heard, name }) => (
            <li key={heard} className="flex items-center gap-3">
              {activity[heard] ? (
                <CircleCheck aria-hidden className="size-5 shrink-0 text-good" />
              ) : (
                <Circle
                  aria-hidden
                  className={`size-5 shrink-0 text-line-strong ${heard === missing?.heard ? "animate-pulse" : ""}`}
                />
              )}
              <span className={activity[heard] ? "" : "text-soft"}>
                {name}
                <span className="sr-only">{activity[heard] ? ": yes" : ": not yet"}</span>
              </span>
            </li>
          ))}
        </ol>
      </div>
      {missing !== undefined && !allHeard(activity) && (
        <Causes key={missing.heard} name={missing.name} causes={missing.causes} />
      )}
    </div>
  );
}

/** After a minute without anything new: what it usually is. */
function Causes({ name, causes }: { name: string; causes: readonly string[] }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), A_MINUTE);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return <p className="text-soft">Waiting for it. This page notices by itself.</p>;
  return (
    <div role="status" className="max-w-[70ch]">
      <p className="font-semibold">Nothing yet for “{name}”. Three usual causes:</p>
      <ol className="list-decimal pl-5">
        {causes.map((cause) => (
          <li key={cause}>{cause}</li>
        ))}
      </ol>
    </div>
  );
}
