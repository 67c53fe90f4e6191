import type { Experiment } from "../api/experiments";
import { armLooks, called } from "../lib/arms";
import { percent } from "../lib/numbers";
import { Swatch } from "./ArmName";

/** How newcomers are shared out among the arms that are shown: a bar, and the same in words below it. */
export function TrafficBar({ arms: all }: { arms: Experiment["arms"] }) {
  const looks = armLooks(all);
  const arms = all.filter((arm) => !arm.dropped);
  return (
    <div className="flex flex-col gap-2">
      <div aria-hidden className="flex h-2 gap-px overflow-hidden rounded-full bg-sunken">
        {arms.map((arm) => (
          <span
            key={arm.key}
            className="transition-[flex-grow] duration-150"
            style={{ background: looks.get(arm.key)?.colour, flexGrow: arm.weight, flexBasis: 0 }}
          />
        ))}
      </div>
      <ul aria-label="Share of newcomers" className="flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
        {arms.map((arm) => (
          <li key={arm.key} className="flex max-w-full items-center gap-1.5">
            <Swatch look={looks.get(arm.key)} />
            <span className="truncate" title={arm.name}>
              {called(arm)}
            </span>
            <span className="shrink-0 text-soft tabular-nums">{percent(arm.weight)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
