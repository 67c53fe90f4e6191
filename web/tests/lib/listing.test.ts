import { expect, it } from "vitest";
import type { Schemas } from "../../src/api/client";
import { groupsOf } from "../../src/lib/listing";
import { pasteable } from "../../src/lib/trials";

function experiment(key: string, part: Partial<Schemas["ExperimentReply"]> = {}): Schemas["ExperimentReply"] {
  return {
    key,
    project: "my-site",
    status: "running",
    source: "live",
    created_at: 1,
    started_at: 1,
    ended_at: null,
    ...part,
  } as Schemas["ExperimentReply"];
}

const PROJECTS = [
  { key: "example", name: "Examples", example: true },
  { key: "my-site", name: "My site", example: false },
  { key: "empty", name: "Empty", example: false },
] as Schemas["ProjectReply"][];

it("lists what runs before drafts, pauses and what has ended, the newest of a kind first", () => {
  const listed = [
    experiment("ended", { status: "completed", ended_at: 9 }),
    experiment("paused", { status: "paused" }),
    experiment("old", { started_at: 1 }),
    experiment("draft", { status: "draft", started_at: null }),
    experiment("new", { started_at: 5 }),
  ];
  const [group] = groupsOf(PROJECTS, listed);
  expect(group?.experiments.map(({ key }) => key)).toEqual(["new", "old", "draft", "paused", "ended"]);
});

it("puts the examples last, and leaves out projects without experiments", () => {
  const groups = groupsOf(PROJECTS, [experiment("theirs", { project: "example" }), experiment("mine")]);
  expect(groups.map(({ project }) => project.key)).toEqual(["my-site", "example"]);
});

it("offers lines to paste for what a site can still take part in", () => {
  const listed = [
    experiment("ended", { status: "completed" }),
    experiment("draft", { status: "draft" }),
    experiment("history", { source: "imported" }),
    experiment("elsewhere", { project: "empty" }),
    experiment("runs"),
  ];
  expect(pasteable(listed, "my-site").map(({ key }) => key)).toEqual(["runs", "draft"]);
});
