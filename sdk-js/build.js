/**
 * Builds dist/: each entry as ESM and as CJS, minified, with its types.
 *
 * Every entry is one file by itself, so that index.js can be served to a page as it is; only react takes the core
 * from index, for a page that uses both must have one client and not the code of two.
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));

export const ENTRIES = { index: "src/index.ts", react: "src/react.tsx", bucketing: "src/bucketing.ts" };

/** Bundles one entry; without an `outDir` nothing is written. What `external` matches stays an import. */
export async function bundle(entry, { format = "es", external = /^react(\/|$)/, outDir } = {}) {
  const suffix = format === "es" ? "js" : "cjs";
  const [built] = await build({
    root: here,
    configFile: false,
    logLevel: "warn",
    build: {
      write: outDir !== undefined,
      outDir: outDir ?? "dist",
      emptyOutDir: false,
      target: "es2020",
      lib: { entry: join(here, ENTRIES[entry]), formats: [format], fileName: () => `${entry}.${suffix}` },
      rolldownOptions: {
        external,
        output: {
          // Vite leaves the spaces in a library; what goes to a page as it is has none.
          minify: true,
          comments: false,
          paths: (id) => (id.endsWith("/index.js") ? `./index.${suffix}` : id),
          banner: entry === "react" ? '"use client";' : "",
        },
      },
    },
  });
  return built.output[0].code;
}

/** The types of both worlds: the same declarations, each naming its own kind of file. */
function declare(dist) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", "src"];
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...options, "--outDir", dist], {
    cwd: here,
    stdio: "inherit",
  });
  for (const name of readdirSync(dist).filter((file) => file.endsWith(".d.ts"))) {
    const text = readFileSync(join(dist, name), "utf8");
    const common = text.replace(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"');
    writeFileSync(join(dist, name.replace(/\.d\.ts$/, ".d.cts")), common);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Elsewhere for a test, which must not take away what others use.
  const dist = process.argv[2] ?? join(here, "dist");
  rmSync(dist, { recursive: true, force: true });
  for (const entry of Object.keys(ENTRIES)) {
    for (const format of ["es", "cjs"]) {
      await bundle(entry, { format, external: /^react(\/|$)|^\.\/index\.js$/, outDir: dist });
    }
  }
  declare(dist);
}
