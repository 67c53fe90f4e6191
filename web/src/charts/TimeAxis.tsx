import { DAY, shortDate, shortTime, ticks } from "../lib/time";
import type { Scale } from "./scale";

interface TimeAxisProps {
  x: Scale;
  y: Scale;
  from: number;
  to: number;
  left: number;
  edge: number;
  until: string;
}

/** Room for a date below the axis. */
const TICK = 84;

/** Shares upwards and times along, from the first to the last. */
export function TimeAxis({ x, y, from, to, left: start, edge, until }: TimeAxisProps) {
  const floor = y(0) + 18;
  const marks = ticks(from, to, Math.floor((edge - start) / TICK))
    .map(({ at, label }) => ({ label, left: x(at) }))
    .filter(({ left }) => left > start + TICK && left < edge - TICK / 2);
  return (
    <g fill="var(--soft)">
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={start} x2={edge} y1={y(share)} y2={y(share)} stroke="var(--line)" />
          <text x={start - 6} y={y(share) + 4} textAnchor="end">
            {100 * share}
          </text>
        </g>
      ))}
      <text x={start} y={floor}>
        {to - from < DAY ? shortTime(from) : shortDate(from)}
      </text>
      {marks.map(({ label, left }) => (
        <text key={left} x={left} y={floor} textAnchor="middle">
          {label}
        </text>
      ))}
      <text x={edge} y={floor} textAnchor="end">
        {until}
      </text>
    </g>
  );
}
