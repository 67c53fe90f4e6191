import { Link } from "wouter";
import type { Experiment } from "../api/experiments";
import { wordOf } from "../lib/decisions";
import { date, relative } from "../lib/time";
import { TONES } from "./Notice";
import { StatusPill } from "./Pill";
import { TrafficBar } from "./TrafficBar";

/** An experiment in a list: what it is, what is known of it, who gets what. The whole of it leads to its page. */
export function ExperimentCard({ experiment, now }: { experiment: Experiment; now: number }) {
  const { key, project, name, status, arms } = experiment;
  return (
    <li className="relative grid gap-x-8 gap-y-3 rounded-card border border-line bg-card p-4 hover:border-line-strong has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent has-[a:focus-visible]:outline-offset-2 sm:p-6 md:grid-cols-[1fr_18rem]">
      <div className="flex min-w-0 flex-col gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="min-w-0 break-words">
            <Link
              href={`/experiments/${project}/${key}`}
              className="text-ink no-underline after:absolute after:inset-0 hover:no-underline focus-visible:outline-none"
            >
              {name}
            </Link>
          </h3>
          <StatusPill status={status} />
        </div>
        <Sentence experiment={experiment} />
        <p className="text-sm text-soft">{when(experiment, now)}</p>
      </div>
      <div className="min-w-0 md:pt-1">
        {status === "completed" ? (
          <p className="text-soft">{ending(experiment)}</p>
        ) : (
          <TrafficBar arms={arms} />
        )}
      </div>
    </li>
  );
}

/** What is known of it, with its sign where there is something to do or to mind. */
function Sentence({ experiment: { status, decision } }: { experiment: Experiment }) {
  if (decision === null)
    return (
      <p>
        {status === "draft"
          ? "Not started: nobody is assigned yet."
          : "The first look at the numbers is due in a moment."}
      </p>
    );
  const { tone, word } = wordOf(decision, status === "completed");
  const { ink, Sign } = TONES[tone];
  return (
    <p className="line-clamp-4 max-w-[70ch] sm:line-clamp-2">
      {tone !== "plain" && (
        <>
          <Sign aria-hidden size={16} className={`mr-1.5 inline align-[-3px] ${ink}`} />
          <span className="sr-only">{word}: </span>
        </>
      )}
      {decision.sentence}
    </p>
  );
}

function ending({ winner, arms }: Experiment): string {
  const name = arms.find((arm) => arm.key === winner)?.name;
  return name === undefined ? "Ended without a winner." : `Everyone gets ${name}.`;
}

function when({ source, status, created_at, started_at, ended_at }: Experiment, now: number): string {
  if (source === "imported")
    return started_at === null
      ? "Recorded elsewhere, nothing brought in yet"
      : `Recorded elsewhere, from ${date(started_at)}`;
  if (started_at === null) return `Made ${relative(created_at, now)}`;
  if (status === "completed" && ended_at !== null) {
    const [first, last] = [date(started_at), date(ended_at)];
    return first === last ? first : `${first} to ${last}`;
  }
  return `Started ${relative(started_at, now)}`;
}
