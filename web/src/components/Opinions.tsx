import { Scale } from "lucide-react";
import type { Results } from "../api/results";
import { unbroken } from "../lib/numbers";
import { isBroken } from "../lib/reading";
import { opinions } from "../lib/verdicts";
import { More } from "./More";

/** What to know before relying on a number; and, where it matters what one expected, what others would say. */
export function Opinions({ results }: { results: Results }) {
  const { notes, prior } = results;
  // Whoever is named by one of them would be named from counts that cannot be trusted.
  const flips = prior.flips && !isBroken(results);
  if (notes.length === 0 && !flips) return null;
  return (
    <div className="mt-4 flex flex-col gap-1">
      {notes.length > 0 && (
        <ul
          aria-label="What to know"
          className="flex max-w-[70ch] list-disc flex-col gap-1 pl-4 text-sm text-soft"
        >
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {flips && (
        <More
          title={
            <span className="inline-flex items-center gap-1.5 rounded-full border border-wait bg-wait-ground px-2.5 font-semibold text-sm text-wait">
              <Scale aria-hidden size={14} />
              Depends on what one expected
            </span>
          }
        >
          <ul aria-label="Three verdicts" className="flex max-w-[70ch] flex-col gap-2 text-sm">
            {opinions(results).map(({ reader, who, says, chance, open }) => (
              <li key={reader}>
                {who}: <strong className="font-semibold">{says}</strong>{" "}
                {!open && <span className="text-soft">({unbroken(chance)})</span>}
              </li>
            ))}
          </ul>
        </More>
      )}
    </div>
  );
}
