import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The package as npm would deliver it, in a project of its own. */
const PACKAGE = resolve(import.meta.dirname, "..");
const MINUTE = 60_000;
let project: string;
let installed: string;

function run(...words: string[]): string {
  return execFileSync(process.execPath, words, { cwd: project, encoding: "utf8" }).trim();
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "vibevariant-sdk-"));
  installed = join(project, "node_modules/@vibevariant/sdk");
  mkdirSync(installed, { recursive: true });
  const source = join(project, "source");
  run(join(PACKAGE, "build.js"), join(source, "dist"));
  for (const name of ["package.json", "README.md"]) copyFileSync(join(PACKAGE, name), join(source, name));
  const npm = process.env.npm_execpath;
  const words = ["pack", "--ignore-scripts", "--pack-destination", project];
  const options = { cwd: source, stdio: "pipe" } as const;
  if (npm) execFileSync(process.execPath, [npm, ...words], options);
  else execFileSync("npm", words, options);
  const [tarball] = readdirSync(project).filter((name) => name.endsWith(".tgz"));
  execFileSync("tar", ["-xzf", join(project, tarball as string), "--strip-components=1", "-C", installed]);
  for (const name of ["react", "@types/react", "csstype"]) {
    mkdirSync(join(project, "node_modules/@types"), { recursive: true });
    symlinkSync(join(PACKAGE, "node_modules", name), join(project, "node_modules", name));
  }
}, MINUTE);

afterAll(() => rmSync(project, { recursive: true, force: true }));

const USES = `
const { createClient } = sdk;
const client = createClient({ url: "http://127.0.0.1:9", token: "t", visitorId: "visitor-1", open: false });
console.log([
  client.variant("hero", ["control", "bold"]),
  bucketing.bucket("visitor-1", "hero"),
  typeof react.useVariant,
  typeof window,
].join(" "));`;

test("CommonJS requires every entry, in Node, without a window", () => {
  const code = `
    const [sdk, bucketing, react] = ["", "/bucketing", "/react"].map((e) => require("@vibevariant/sdk" + e));
    ${USES}`;
  expect(run("--input-type=commonjs", "-e", code)).toBe("bold 7179 function undefined");
});

test("ES modules import every entry, in Node, without a window", () => {
  const code = `
    import * as sdk from "@vibevariant/sdk";
    import * as bucketing from "@vibevariant/sdk/bucketing";
    import * as react from "@vibevariant/sdk/react";
    ${USES}`;
  expect(run("--input-type=module", "-e", code)).toBe("bold 7179 function undefined");
});

test(
  "both find their types",
  () => {
    const code = `
    import { type Client, createClient } from "@vibevariant/sdk";
    import { armAt } from "@vibevariant/sdk/bucketing";
    import { useVariant } from "@vibevariant/sdk/react";
    const client: Client = createClient({ url: "/vv", token: "t" });
    export const arm: "control" | "bold" = client.variant("hero", ["control", "bold"]);
    export const place: number = armAt(0, [10_000]);
    export const used: () => "a" | "b" = () => useVariant("hero", ["a", "b"]);
    // @ts-expect-error: no such arm
    export const wrong: "control" = client.variant("hero", ["control", "bold"]);`;
    for (const name of ["site.cts", "site.mts"]) writeFileSync(join(project, name), code);
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const options = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "node16",
      "--moduleResolution",
      "node16",
    ];
    expect(run(tsc, "--noEmit", ...options, "--target", "es2022", "site.cts", "site.mts")).toBe("");
  },
  MINUTE,
);

test("there is what is needed, nothing else, and nothing that runs or comes along", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.sideEffects).toBe(false);
  expect(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
  expect(readdirSync(installed).sort()).toEqual(["README.md", "dist", "package.json"]);
  const code = readdirSync(join(installed, "dist")).filter((name) => /(?<!\.d)\.c?[jt]s$/.test(name));
  expect(code.sort()).toEqual([
    "bucketing.cjs",
    "bucketing.js",
    "index.cjs",
    "index.js",
    "react.cjs",
    "react.js",
  ]);
});

test("index.js stands alone, and react.js says that it is for the browser", () => {
  const read = (name: string) => readFileSync(join(installed, "dist", name), "utf8");
  expect(read("index.js")).not.toMatch(/\bimport\b|\brequire\b/);
  for (const name of ["react.js", "react.cjs"]) expect(read(name)).toMatch(/^"use client";/);
  expect(read("react.js").match(/from"([^"]+)"/g)).toEqual(['from"react"', 'from"./index.js"']);
});
