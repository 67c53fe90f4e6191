import { useState } from "react";
import type { Entry } from "../lib/history";
import { Button } from "./Button";
import { Card } from "./Card";
import { Moment } from "./Moment";

const NEWEST = 10;

/** What was decided and done, newest first. */
export function History({ entries, now }: { entries: readonly Entry[]; now: number }) {
  const [all, setAll] = useState(false);
  const shown = all ? entries : entries.slice(0, NEWEST);
  return (
    <Card title="History">
      {entries.length === 0 && <p className="text-soft">Nothing has changed yet.</p>}
      <ol className="flex flex-col gap-4">
        {shown.map(({ id, at, what, text, actor }) => (
          <li key={id} className="grid gap-x-4 sm:grid-cols-[9rem_1fr]">
            <p className="text-sm text-soft">
              <Moment at={at} now={now} />
            </p>
            <p className="max-w-[70ch]">
              <strong className="font-semibold">{what}.</strong> {text}{" "}
              <span className="text-sm text-soft">By {actor}.</span>
            </p>
          </li>
        ))}
      </ol>
      {entries.length > NEWEST && (
        <Button className="mt-4" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the newest" : `Show all ${entries.length}`}
        </Button>
      )}
    </Card>
  );
}
