/** Times as they are read. All come in as epoch milliseconds and go out in the reader's time zone. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const DATE_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const SHORT_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "always" });

const UNITS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["week", WEEK],
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
] as const;

export function date(ms: number): string {
  return DATE.format(ms);
}

export function dateTime(ms: number): string {
  return DATE_TIME.format(ms);
}

/** For the edge of a picture: "7 Nov". */
export function shortDate(ms: number): string {
  return SHORT_DATE.format(ms);
}

export function shortTime(ms: number): string {
  return CLOCK.format(ms);
}

/** "2 days ago", "in 3 weeks"; what is less than a minute away is now. */
export function relative(ms: number, now: number): string {
  const [many, unit] = inUnits(Math.abs(ms - now));
  if (unit === undefined) return "just now";
  return AGO.format(ms < now ? -many : many, unit);
}

/** How long something took: "2 days". */
export function duration(ms: number): string {
  const [many, unit] = inUnits(Math.abs(ms));
  return unit === undefined ? "less than a minute" : `${many} ${unit}${many === 1 ? "" : "s"}`;
}

/** In the longest unit of which one and a half have passed: 90 minutes are 2 hours, 80 are 80 minutes. */
function inUnits(ms: number): [number, (typeof UNITS)[number][0] | undefined] {
  const found = UNITS.find(([, length]) => ms >= 1.5 * length) ?? UNITS[UNITS.length - 1];
  const [unit, length] = found as (typeof UNITS)[number];
  return ms < MINUTE ? [0, undefined] : [Math.round(ms / length), unit];
}

const STEPS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY),
];

/** Round moments from `from` to `to`, at most `most` of them, with what to write beside each. */
export function ticks(from: number, to: number, most: number): { at: number; label: string }[] {
  const span = to - from;
  if (!(span > 0) || most < 1) return [];
  const longest = STEPS.at(-1) as number;
  let step = STEPS.find((each) => span / each <= most) ?? longest;
  while (span / step > most) step += longest;
  const found = [];
  for (let at = firstAfter(from, step); at <= to; at = next(at, step)) {
    found.push({ at, label: step < DAY ? clock(at) : SHORT_DATE.format(at) });
  }
  return found;
}

/** The hour of a day, or the day itself at its beginning. */
function clock(at: number): string {
  const moment = new Date(at);
  return moment.getHours() + moment.getMinutes() === 0 ? SHORT_DATE.format(at) : CLOCK.format(at);
}

/** Steps are counted from midnight here, not from 1970 in Greenwich: a tick stands where a day begins. */
function firstAfter(from: number, step: number): number {
  let at = new Date(from).setHours(0, 0, 0, 0);
  while (at < from) at = next(at, Math.min(step, DAY));
  return at;
}

/** Days by the calendar, for some have 23 or 25 hours. */
function next(at: number, step: number): number {
  if (step < DAY) return at + step;
  const moment = new Date(at);
  return moment.setDate(moment.getDate() + step / DAY);
}
