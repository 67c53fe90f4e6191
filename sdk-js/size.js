/**
 * Measures each entry as a page gets it: bundled and minified, React apart, gzip -9 and Brotli.
 *
 *     node size.js            print the table; exit code 1 where an entry is over its budget
 *     node size.js --write    and put it into README.md
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { bundle } from "./build.js";

const README = join(dirname(fileURLToPath(import.meta.url)), "README.md");
const TABLE = /(<!-- sizes -->\n)[\s\S]*?(<!-- \/sizes -->)/;

/** Bytes, gzip -9. */
const BUDGETS = { bucketing: 350, index: 2_800, react: 3_300 };
const NAMES = {
  bucketing: "`@vibevariant/sdk/bucketing`",
  index: "`@vibevariant/sdk`",
  react: "`@vibevariant/sdk/react` with the core",
};

export async function measure() {
  const measured = [];
  for (const [entry, budget] of Object.entries(BUDGETS)) {
    const code = Buffer.from(await bundle(entry));
    const [gzip, brotli] = [gzipSync(code, { level: 9 }), brotliCompressSync(code)];
    measured.push({ entry, minified: code.length, gzip: gzip.length, brotli: brotli.length, budget });
  }
  return measured;
}

/** The table as README.md holds it, in bytes. */
export function tableOf(measured) {
  const rows = measured.map(({ entry, ...numbers }) => [NAMES[entry], ...Object.values(numbers)]);
  const head = ["entry", "minified", "gzip -9", "Brotli", "budget (gzip)"];
  return [head, ["---", "--:", "--:", "--:", "--:"], ...rows]
    .map((row) => `| ${row.join(" | ")} |\n`)
    .join("");
}

export function tableIn(readme = readFileSync(README, "utf8")) {
  return TABLE.exec(readme)?.[0] ?? "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await measure();
  const table = tableOf(measured);
  process.stdout.write(table);
  if (process.argv.includes("--write")) {
    const readme = readFileSync(README, "utf8");
    writeFileSync(
      README,
      readme.replace(TABLE, (_, start, end) => start + table + end),
    );
  }
  process.exitCode = measured.some(({ gzip, budget }) => gzip > budget) ? 1 : 0;
}
