import { describe, expect, it, vi } from "vitest";
import { DAY, dateTime, duration, HOUR, MINUTE, relative, ticks } from "../../src/lib/time";

vi.hoisted(() => {
  // A place whose days have 23 and 25 hours at times.
  process.env.TZ = "Europe/Berlin";
});

const NOW = Date.UTC(2026, 10, 20, 12);

describe("how long ago", () => {
  it.each([
    [0, "just now"],
    [59_999, "just now"],
    [MINUTE, "1 minute ago"],
    [80 * MINUTE, "80 minutes ago"],
    [90 * MINUTE, "2 hours ago"],
    [35 * HOUR, "35 hours ago"],
    [36 * HOUR, "2 days ago"],
    [14 * DAY, "2 weeks ago"],
    [100 * DAY, "3 months ago"],
    [4 * 365 * DAY, "4 years ago"],
  ])("%d ms", (ms, words) => expect(relative(NOW - ms, NOW)).toBe(words));

  it("looks ahead too", () => expect(relative(NOW + 3 * DAY, NOW)).toBe("in 3 days"));

  it("takes a clock that is a little ahead for now", () => expect(relative(NOW + 500, NOW)).toBe("just now"));

  it("lasts as long", () => {
    expect(duration(30)).toBe("less than a minute");
    expect(duration(MINUTE)).toBe("1 minute");
    expect(duration(2 * DAY)).toBe("2 days");
  });
});

it("speaks in the reader's time zone", () => expect(dateTime(NOW)).toContain("13:00"));

describe("ticks", () => {
  it.each([MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 20 * DAY, 200 * DAY, 3000 * DAY, 30_000 * DAY])(
    "of %d ms lie within, rise, and are no more than asked for",
    (span) => {
      for (const most of [1, 3, 7]) {
        const found = ticks(NOW, NOW + span, most).map(({ at }) => at);
        // One more when both ends are ticks.
        expect(found.length).toBeLessThanOrEqual(most + 1);
        expect(found.every((at) => at >= NOW && at <= NOW + span)).toBe(true);
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      }
    },
  );

  it.each([
    [0, 5],
    [-DAY, 5],
    [DAY, 0],
  ])("of a span of %d with room for %d are none", (span, most) =>
    expect(ticks(NOW, NOW + span, most)).toEqual([]),
  );

  it("stand at midnight, also where the clocks change", () => {
    const before = Date.UTC(2026, 9, 22);
    const found = ticks(before, before + 7 * DAY, 8);
    expect(found.map(({ at }) => new Date(at).getHours())).toEqual(found.map(() => 0));
    expect(found.map(({ label }) => label)).toContain("25 Oct");
  });
});
