import { type RefObject, useEffect, useRef } from "react";
import type { Faults } from "../lib/draft";
import { TONES } from "./Notice";

interface FaultListProps {
  faults: Faults;
  /** Counts the attempts: each new one that failed is brought to attention again. */
  attempt: number;
  form: RefObject<HTMLFormElement | null>;
}

/** All that is to be mended in a form, at its top; each line leads to its field. */
export function FaultList({ faults, attempt, form }: FaultListProps) {
  const box = useRef<HTMLDivElement>(null);
  const found = Object.entries(faults);
  // The attempt moves the focus, not the typing after it.
  useEffect(() => {
    if (attempt > 0) box.current?.focus();
  }, [attempt]);
  if (found.length === 0) return null;
  const { look, ink, Sign } = TONES.harm;
  return (
    <div ref={box} tabIndex={-1} className={`flex gap-3 rounded-card border px-4 py-3 ${look}`}>
      <Sign aria-hidden className={`mt-0.5 size-[18px] shrink-0 ${ink}`} />
      <div>
        <p className="font-semibold">
          {found.length === 1 ? "One thing is to be mended:" : `${found.length} things are to be mended:`}
        </p>
        <ul>
          {found.map(([place, what]) => (
            <li key={place}>
              {fieldAt(form.current, place) ? (
                <button
                  type="button"
                  className="min-h-11 text-left underline underline-offset-3"
                  onClick={() => lead(fieldAt(form.current, place))}
                >
                  {what}
                </button>
              ) : (
                what
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function fieldAt(form: HTMLFormElement | null, place: string): HTMLElement | null {
  const field = form?.elements.namedItem(place);
  return field instanceof HTMLElement ? field : null;
}

function lead(field: HTMLElement | null): void {
  const around = field?.closest("details");
  if (around) around.open = true;
  field?.focus();
}
