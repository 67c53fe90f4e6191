import type { Horizon } from "../lib/captions";

const QUARTERS = [0.25, 0.5, 0.75];

/** A bar for every horizon, each on its own line over one scale from never to surely. Its words stand beside it. */
export function Chances({ found }: { found: readonly Horizon[] }) {
  return (
    <ul className="flex max-w-xl flex-col gap-3 tabular-nums">
      {found.map(({ weeks, by, chance, said }) => (
        <li
          key={weeks}
          className="grid grid-cols-[7rem_1fr] items-center gap-x-4 sm:grid-cols-[7rem_1fr_9rem]"
        >
          <span>{by}</span>
          <span className="text-right font-semibold sm:order-last sm:text-left">{said}</span>
          <svg
            aria-hidden="true"
            viewBox="0 0 100 12"
            preserveAspectRatio="none"
            className="col-span-2 mt-1 block h-3 w-full sm:col-span-1 sm:mt-0"
          >
            <rect width="100" height="12" fill="var(--sunken)" />
            <rect width={100 * chance} height="12" fill="var(--accent)" fillOpacity="0.3" />
            {QUARTERS.map((share) => (
              <line
                key={share}
                x1={100 * share}
                x2={100 * share}
                y1="0"
                y2="12"
                stroke="var(--line)"
                vectorEffect="non-scaling-stroke"
              />
            ))}
            <line
              x1={100 * chance}
              x2={100 * chance}
              y1="0"
              y2="12"
              stroke="var(--accent)"
              strokeWidth="2"
              vectorEffect="non-scaling-stroke"
            />
          </svg>
        </li>
      ))}
    </ul>
  );
}
