import { useId } from "react";
import { Link } from "wouter";
import type { ExperimentDetails } from "../api/experiment";
import type { Decision, Results } from "../api/results";
import { advice, wordOf } from "../lib/decisions";
import { unbroken } from "../lib/numbers";
import { Button, buttonLook } from "./Button";
import { TONES } from "./Notice";
import { Opinions } from "./Opinions";

interface RecommendationProps {
  experiment: ExperimentDetails;
  results: Results;
  decision: Decision;
  onComplete: () => void;
  onDrop: (arm: string) => void;
}

/** What to do and why, before any number: the largest text of the page. All of its words are the appliance's. */
export function Recommendation({ experiment, results, decision, onComplete, onDrop }: RecommendationProps) {
  const id = useId();
  const { tone, word } = wordOf(decision, experiment.status === "completed");
  const { look, ink, Sign } = TONES[tone];
  const [headline, rest] = divided(decision.sentence);
  const { text, act } = advice(experiment, decision);
  // Some sentences end with it already.
  const outlook = decision.sentence.includes(decision.outlook) ? null : decision.outlook;
  return (
    <section aria-labelledby={id} className="rounded-card border border-line bg-card p-4 sm:p-6">
      <p
        className={`mb-3 inline-flex items-center gap-1.5 rounded-full border px-3 py-0.5 font-semibold ${look} ${ink}`}
      >
        <Sign aria-hidden size={16} />
        {word}
      </p>
      <h2 id={id} className="max-w-[46ch] text-[1.375rem] leading-[1.875rem] sm:text-xl">
        {unbroken(headline)}
      </h2>
      {rest !== "" && <p className="mt-2 max-w-[70ch] text-base sm:text-lg">{unbroken(rest)}</p>}
      <dl className="mt-5 grid gap-x-8 gap-y-4 sm:grid-cols-2">
        <Said what="How sure" words={decision.sure} />
        <Said what="What is at stake" words={decision.stakes} />
        <Said what="What would change this" words={outlook} wide />
      </dl>
      <div className="mt-5 flex flex-wrap items-center justify-between gap-3 border-line border-t pt-4">
        <div className="max-w-[60ch]">
          <h3 className="text-sm text-soft">What to do</h3>
          <p className="mt-1">{text}</p>
        </div>
        {act === "complete" && (
          <Button kind="primary" onClick={onComplete}>
            Complete it…
          </Button>
        )}
        {act === "drop" && decision.arm !== null && (
          <Button kind="primary" onClick={() => onDrop(decision.arm as string)}>
            Stop showing it…
          </Button>
        )}
        {act === "check" && (
          <Link href={`/start/${experiment.project}/${experiment.key}`} className={buttonLook("primary")}>
            Check the set-up
          </Link>
        )}
      </div>
      <Opinions results={results} />
      <p className="mt-4 max-w-[80ch] text-xs text-soft">{unbroken(decision.false_alarms)}</p>
    </section>
  );
}

function Said({ what, words, wide = false }: { what: string; words: string | null; wide?: boolean }) {
  if (words === null || words === "") return null;
  return (
    <div className={wide ? "sm:col-span-2" : ""}>
      <dt className="font-semibold text-sm text-soft">{what}</dt>
      <dd className="mt-1 max-w-[70ch]">{unbroken(words)}</dd>
    </div>
  );
}

/** The first sentence, and what follows it. */
export function divided(sentence: string): [string, string] {
  const end = /[.!?] (?=\p{Lu}|\p{Ll})/u.exec(sentence);
  return end === null ? [sentence, ""] : [sentence.slice(0, end.index + 1), sentence.slice(end.index + 2)];
}
