import { expect, test } from "vitest";
import { measure, tableIn, tableOf } from "../size.js";

/** Another version of zlib packs a few bytes more or less. */
const SLACK = 0.01;

test("every entry stays within its budget, and the README's table is what was measured", async () => {
  const measured = await measure();
  console.log(tableOf(measured));
  const written = tableIn().match(/\d+ \| \d+ \| \d+ \| \d+/g) ?? [];
  expect(written).toHaveLength(measured.length);
  measured.forEach(({ minified, gzip, brotli, budget }, place) => {
    expect(gzip).toBeLessThanOrEqual(budget);
    const numbers = (written[place] as string).split(" | ").map(Number);
    [minified, gzip, brotli, budget].forEach((number, column) => {
      expect(Math.abs(number - (numbers[column] as number))).toBeLessThanOrEqual(number * SLACK);
    });
  });
});
