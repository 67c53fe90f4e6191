import type { ExperimentDetails } from "../api/experiment";
import type { Results, Together } from "../api/results";
import { pairSentence } from "../lib/elements";
import { unbroken } from "../lib/numbers";
import { isBroken } from "../lib/reading";
import { Card } from "./Card";
import { Combinations } from "./Combinations";
import { ElementEffects } from "./ElementEffects";
import { PairBadge } from "./PairBadge";

interface ElementsProps {
  experiment: ExperimentDetails;
  results: Results;
}

/** Of an experiment with several elements: the best combination, all of them, and what each element does. */
export function Elements({ experiment, results }: ElementsProps) {
  if (experiment.type !== "multi_element") return null;
  const broken = isBroken(results);
  // Of counts that are off nothing is said, neither of an element nor of a pair.
  const found = broken ? null : results.elements;
  const [first, ...others] = found?.sentences ?? [];
  return (
    <Card title="What each element does">
      <div className="flex flex-col gap-6">
        {first !== undefined && (
          <div className="max-w-[70ch]">
            <p className="font-semibold sm:text-lg">{unbroken(first)}</p>
            <ul className="mt-3 flex list-disc flex-col gap-1 pl-4">
              {others.map((sentence) => (
                <li key={sentence}>{unbroken(sentence)}</li>
              ))}
            </ul>
          </div>
        )}
        <Combinations experiment={experiment} results={results} together={found?.together ?? []} />
        {found !== null && found.together.length > 0 && <Pairs together={found.together} />}
        {found !== null && <ElementEffects found={found} />}
        {broken && (
          <p className="max-w-[70ch] text-sm text-soft">
            Nothing is said of the elements while visitors are not split as planned.
          </p>
        )}
      </div>
    </Card>
  );
}

function Pairs({ together }: { together: readonly Together[] }) {
  return (
    <div>
      <h3 className="mb-2">What two do together</h3>
      <ul className="flex flex-col gap-3">
        {together.map((pair) => (
          <li key={pair.name} className="max-w-[70ch]">
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <strong className="font-semibold wrap-anywhere">{pair.name}</strong>
              <PairBadge pair={pair} />
            </span>
            <span className="block">{unbroken(pairSentence(pair))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
