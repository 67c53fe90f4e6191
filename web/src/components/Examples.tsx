import { Link } from "wouter";
import { useExamples, useLoadExamples, useRemoveExamples } from "../api/examples";
import { count } from "../lib/numbers";
import { Button } from "./Button";
import { Fault } from "./Notice";

/** The example data: real experiments of others, to look around in; they come and go with a click. */
export function Examples() {
  const examples = useExamples();
  const load = useLoadExamples();
  const remove = useRemoveExamples();
  if (examples.isError) return <Fault fault={examples.error} what="The examples cannot be looked at." />;
  if (examples.data === undefined) return null;
  const { state, done, total } = examples.data;
  return (
    <div className="flex flex-col items-start gap-4">
      <p className="max-w-[70ch] text-soft">
        Six real headline experiments of a news site, and a small one that is still running. They stay apart
        from yours, and go with one click.
      </p>
      {load.isError && <Fault fault={load.error} what="The examples were not loaded." />}
      {remove.isError && <Fault fault={remove.error} what="The examples were not removed." />}
      {state === "failed" && (
        <p role="alert">Loading them failed; what went wrong stands in the appliance's log.</p>
      )}
      {state === "loading" && (
        <div role="status" className="flex w-full max-w-md flex-col gap-2">
          <progress
            aria-label="Loading the examples"
            className="h-2 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
            {...(total > 0 ? { value: done, max: total } : {})}
          />
          <span className="text-sm text-soft tabular-nums">
            {total > 0 ? `${count(done)} of ${count(total)} visitors` : "Beginning …"}
          </span>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-3">
        {(state === "absent" || state === "failed") && (
          <Button busy={load.isPending} onClick={() => load.mutate()}>
            Show me with example data
          </Button>
        )}
        {state === "loaded" && (
          <Link href="/experiments" className="inline-flex min-h-11 items-center">
            Look at the examples
          </Link>
        )}
        {state !== "absent" && (
          <Button busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove the examples
          </Button>
        )}
      </div>
    </div>
  );
}
