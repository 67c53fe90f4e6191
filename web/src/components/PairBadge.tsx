import { Unlink2, Zap } from "lucide-react";
import type { Together } from "../api/results";
import { pairWord } from "../lib/elements";

/** That two variants work only together, or get in each other's way. A small one has its sign where there is room. */
export function PairBadge({ pair, small = false }: { pair: Together; small?: boolean }) {
  const [look, Sign] = pair.works_only_together
    ? ["border-good bg-good-ground text-good", Zap]
    : ["border-wait bg-wait-ground text-wait", Unlink2];
  return (
    <span
      className={`inline-flex items-start gap-1 rounded-xl border py-px text-left font-semibold text-xs ${small ? "px-1 sm:px-2" : "px-2"} ${look}`}
    >
      <Sign aria-hidden size={14} className={`mt-px shrink-0 ${small ? "max-sm:hidden" : ""}`} />
      {pairWord(pair)}
    </span>
  );
}
