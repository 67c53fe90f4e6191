import { useId } from "react";
import { Link } from "wouter";
import type { ExperimentDetails } from "../api/experiment";
import type { Decision, Results } from "../api/results";
import { advice, wordOf } from "../lib/decisions";
import { stakes } from "../lib/reading";
import { Button, buttonLook } from "./Button";
import { TONES } from "./Notice";

interface RecommendationProps {
  experiment: ExperimentDetails;
  results: Results;
  decision: Decision;
  onComplete: () => void;
}

/** What to do and why, before any number: the largest text of the page. */
export function Recommendation({ experiment, results, decision, onComplete }: RecommendationProps) {
  const id = useId();
  const { tone, word } = wordOf(decision.status, experiment.status === "completed");
  const { look, ink, Sign } = TONES[tone];
  const [headline, rest] = divided(decision.sentence);
  const atStake = stakes(results);
  const { text, act } = advice(experiment, decision);
  return (
    <section aria-labelledby={id} className="rounded-card border border-line bg-card p-4 sm:p-6">
      <p
        className={`mb-3 inline-flex items-center gap-1.5 rounded-full border px-3 py-0.5 font-semibold ${look} ${ink}`}
      >
        <Sign aria-hidden size={16} />
        {word}
      </p>
      <h2 id={id} className="max-w-[46ch] text-[1.375rem] leading-[1.875rem] sm:text-xl">
        {headline}
      </h2>
      {rest !== "" && <p className="mt-2 max-w-[70ch] text-base sm:text-lg">{rest}</p>}
      {atStake.length > 0 && (
        <div className="mt-5 max-w-[70ch]">
          <h3 className="text-sm text-soft">What is at stake</h3>
          <ul className="mt-1 flex flex-col gap-1">
            {atStake.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
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
        {act === "check" && (
          <Link href={`/start/${experiment.project}/${experiment.key}`} className={buttonLook("primary")}>
            Check the set-up
          </Link>
        )}
      </div>
    </section>
  );
}

/** The first sentence, and what follows it. */
export function divided(sentence: string): [string, string] {
  const end = /[.!?] (?=\p{Lu}|\p{Ll})/u.exec(sentence);
  return end === null ? [sentence, ""] : [sentence.slice(0, end.index + 1), sentence.slice(end.index + 2)];
}
