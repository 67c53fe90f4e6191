import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";

interface ReaderProps {
  /** What is read here: "Rate", "Time". */
  label: string;
  /** How many places there are to read at. */
  places: number;
  /** The place to begin at by keyboard. */
  first: number;
  /** The place under a point, from the left edge of the plot. */
  placeAt: (x: number) => number;
  /** From where to where a place reaches. */
  reach: (place: number) => readonly [number, number];
  /** All that stands at a place, as a sentence. */
  words: (place: number) => string;
  /** The same, to look at. */
  children: (place: number) => ReactNode;
  left: number;
  top: number;
  width: number;
  height: number;
}

const BOX = 232;
const APART = 12;

/** Reads a picture place by place, across all arms: under the pointer, and with the arrow keys. */
export function Reader({ label, places, first, placeAt, reach, words, children, ...plot }: ReaderProps) {
  const [kept, setKept] = useState<number>();
  const [shown, setShown] = useState(false);
  // Fewer places than before may be there by now.
  const place = Math.min(kept ?? first, places - 1);
  const read = (to: number) => {
    setKept(Math.min(Math.max(to, 0), places - 1));
    setShown(true);
  };
  const byPointer = ({ clientX, currentTarget }: PointerEvent) =>
    read(placeAt(clientX - currentTarget.getBoundingClientRect().left));
  const byKey = (pressed: KeyboardEvent) => {
    if (pressed.key === "Escape") {
      setShown(false);
      return;
    }
    const to = after(pressed.key, place, places);
    if (to === undefined) return;
    pressed.preventDefault();
    read(to);
  };
  const [from, to] = reach(place);
  const box = Math.min(BOX, plot.left + plot.width);
  const right = plot.left + to + APART;
  const beside = right + box <= plot.left + plot.width ? right : Math.max(0, plot.left + from - APART - box);
  return (
    <>
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={places}
        aria-valuenow={place + 1}
        aria-valuetext={words(place)}
        onPointerMove={byPointer}
        onPointerDown={byPointer}
        onPointerLeave={({ pointerType }) => pointerType === "mouse" && setShown(false)}
        onFocus={() => setShown(true)}
        onBlur={() => setShown(false)}
        onKeyDown={byKey}
        style={plot}
        className="absolute touch-pan-y"
      >
        {shown && (
          <div
            style={{ left: from, width: Math.max(1, to - from) }}
            className="pointer-events-none absolute inset-y-0 border-ink/60 border-l bg-ink/5"
          />
        )}
      </div>
      {shown && (
        <div
          aria-hidden="true"
          style={{ left: beside, top: plot.top, width: box }}
          className="pointer-events-none absolute z-10 rounded-card border border-line bg-card px-3 py-2 text-sm tabular-nums shadow-lg"
        >
          {children(place)}
        </div>
      )}
    </>
  );
}

function after(key: string, place: number, places: number): number | undefined {
  const far = Math.max(1, Math.round(places / 10));
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return place + 1;
    case "ArrowLeft":
    case "ArrowDown":
      return place - 1;
    case "PageUp":
      return place + far;
    case "PageDown":
      return place - far;
    case "Home":
      return 0;
    case "End":
      return places - 1;
    default:
      return undefined;
  }
}
