import type { Schemas } from "../api/client";
import { TONES, type Tone } from "./Notice";

type Status = Schemas["ExperimentReply"]["status"];

const STATUS: Record<Status, { tone: Tone; word: string }> = {
  draft: { tone: "plain", word: "Draft" },
  running: { tone: "good", word: "Running" },
  paused: { tone: "wait", word: "Paused" },
  completed: { tone: "plain", word: "Completed" },
};

/** The status of an experiment. */
export function StatusPill({ status }: { status: Status }) {
  const { tone, word } = STATUS[status];
  return <Pill tone={tone}>{word}</Pill>;
}

export function Pill({ tone = "plain", children }: { tone?: Tone; children: string }) {
  const { look, ink } = TONES[tone];
  return (
    <span className={`inline-block rounded-full border px-2.5 text-sm font-semibold ${look} ${ink}`}>
      {children}
    </span>
  );
}
