// Reads [[visitor, key], …] and writes the bucket of each.
import { readFileSync } from "node:fs";

const { bucket } = await import(process.argv[2]);
const pairs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(pairs.map(([visitor, key]) => bucket(visitor, key))));
