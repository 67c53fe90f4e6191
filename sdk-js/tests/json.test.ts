import { expect, test } from "vitest";
import { plain, sizeOf } from "../src/json.js";

test("halves of surrogate pairs become U+FFFD, in values and in names, and pairs stay", () => {
  expect(plain({ "a\ud83d": "cut \ud83d", pair: "😀", both: "\ude00\ud83d" })).toEqual({
    "a\ufffd": "cut \ufffd",
    pair: "😀",
    both: "\ufffd\ufffd",
  });
});

test("a text that only looks like an escape is left alone", () => {
  const texts = ["\\ud83d", "\\\\ud83d", '"\\ud83d"', "\u001f\n\\", "C:\\u\\dd83d"];
  expect(plain(texts)).toEqual(texts);
});

test("what JSON has no word for becomes null, as the server takes it", () => {
  expect(plain({ value: Number.NaN, gone: undefined })).toEqual({ value: null });
  expect(() => plain({ value: 1n })).toThrow(TypeError);
});

test("a size is counted in bytes, not in characters", () => {
  expect(sizeOf("é😀")).toBe(2 + 2 + 4);
});
