import { expect, test, vi } from "vitest";
import { uuid } from "../src/uuid.js";

test("an id is a UUID of version 7 that begins with the time", () => {
  vi.useFakeTimers({ now: 0x0192_3456_789a });
  expect(uuid()).toMatch(/^01923456-789a-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  vi.useRealTimers();
});

test("ids differ, and later ones sort after earlier ones", () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const ids = Array.from({ length: 1_000 }, () => {
    vi.advanceTimersByTime(1);
    return uuid();
  });
  vi.useRealTimers();
  expect(new Set(ids).size).toBe(1_000);
  expect([...ids].sort()).toEqual(ids);
  vi.useFakeTimers({ now: 1 });
  expect(new Set(Array.from({ length: 10_000 }, uuid)).size).toBe(10_000);
  vi.useRealTimers();
});
