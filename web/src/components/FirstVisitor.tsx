import { Link } from "wouter";
import type { ExperimentDetails } from "../api/experiment";
import { buttonLook } from "./Button";
import { Emptiness } from "./Emptiness";

/** Before anybody came: what to do so that somebody does. */
export function FirstVisitor({ experiment }: { experiment: ExperimentDetails }) {
  const { status, source } = experiment;
  if (source === "imported") {
    return (
      <Emptiness sentence="No history yet.">
        <p className="max-w-[60ch]">
          This experiment was recorded elsewhere. Bring its visitors in with <code>POST /api/v1/import</code>:
          the first import starts it.
        </p>
      </Emptiness>
    );
  }
  switch (status) {
    case "draft":
      return (
        <Emptiness sentence="Nobody takes part yet.">
          <p>Start it, then open your site once.</p>
        </Emptiness>
      );
    case "running":
      return (
        <Emptiness sentence="0 visitors so far. Open your site once and watch this number.">
          <Link href={`/start/${experiment.project}/${experiment.key}`} className={buttonLook("primary")}>
            What to put into your site
          </Link>
        </Emptiness>
      );
    case "paused":
      return (
        <Emptiness sentence="0 visitors so far.">
          <p>It is paused: nobody is let in until it goes on.</p>
        </Emptiness>
      );
    case "completed":
      return (
        <Emptiness sentence="0 visitors.">
          <p>It ended before anybody came.</p>
        </Emptiness>
      );
  }
}
