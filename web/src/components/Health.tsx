import type { ExperimentDetails } from "../api/experiment";
import type { Results } from "../api/results";
import { checks } from "../lib/checks";
import { Card } from "./Card";
import { TONES } from "./Notice";

/** Whether the numbers can be trusted, in words. */
export function Health({ experiment, results }: { experiment: ExperimentDetails; results: Results }) {
  return (
    <Card title="Health">
      <ul className="flex flex-col gap-3">
        {checks(experiment, results).map(({ tone, word, text }) => {
          const { ink, Sign } = TONES[tone];
          return (
            <li key={text} className="flex gap-3">
              <Sign aria-hidden className={`mt-0.5 size-[18px] shrink-0 ${ink}`} />
              <p className="max-w-[70ch]">
                <strong className={`font-semibold ${ink}`}>{word}.</strong> {text}
              </p>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
