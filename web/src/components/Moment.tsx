import { dateTime, relative } from "../lib/time";

/** A time as one speaks of it, with the exact one behind it. */
export function Moment({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {relative(at, now)}
    </time>
  );
}
