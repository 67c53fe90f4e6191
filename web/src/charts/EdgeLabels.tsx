import type { ArmLook } from "../lib/arms";
import { percent } from "../lib/numbers";
import { fitted, spread } from "../lib/picture";
import type { Step } from "../lib/series";
import type { Scale } from "./scale";

/** Between two labels. */
const LABEL = 16;
/** Where a name leaves no room for the share beside it, the share stands below; without the height for that, nowhere. */
const TWO_LINES = 32;
/** From the edge of the bands to the names. */
const TEXT = 14;
const LETTER = 6.4;
/** Capitals and signs are wider: a name that stands alone at the edge must not run out of it. */
const WIDE_LETTER = 7.2;

/** One of the stacked areas. */
export interface Band {
  key: string;
  name: string;
  look: ArmLook | undefined;
}

/** How wide the edge must be for the names to stand beside their shares. */
export function edgeFor(bands: readonly Band[]): number {
  return Math.max(...bands.map(({ name }) => lettersOf(`${name} 99.9 %`))) + TEXT + LETTER;
}

function lettersOf(text: string): number {
  return text.length * LETTER;
}

interface EdgeLabelsProps {
  bands: readonly Band[];
  last: Step;
  below: (step: Step, band: number) => number;
  y: Scale;
  top: number;
  left: number;
  room: number;
}

/** Each arm's name at the edge of its band, lowest first; an arm without a share has no band to stand at. */
export function EdgeLabels({ bands, last, below, y, top, left, room }: EdgeLabelsProps) {
  const shown = bands
    .map((band, index) => ({ ...band, weight: last.weights[index] ?? 0, middle: below(last, index) }))
    .map((band) => ({ ...band, middle: y(band.middle + band.weight / 2) }))
    .filter(({ weight }) => weight > 0)
    .reverse();
  const tooLong = shown.some(({ name, weight }) => lettersOf(`${name} ${percent(weight)}`) > room - TEXT);
  const twoLines = tooLong && shown.length * TWO_LINES <= y(0) - top;
  const places = spread(
    shown.map(({ middle }) => middle),
    twoLines ? TWO_LINES : LABEL,
    top + 6,
    y(0) - (twoLines ? 18 : 6),
  );
  return (
    <g>
      {shown.map(({ key, name, look, weight, middle }, index) => {
        const at = places[index] ?? middle;
        const share = percent(weight);
        return (
          <g key={key}>
            <path
              d={`M${left} ${middle}L${left + 10} ${at}`}
              stroke={look?.colour ?? "var(--line-strong)"}
              strokeWidth={2}
              fill="none"
            />
            <text x={left + TEXT} y={at + 4} fill="var(--ink)">
              {fitted(
                name,
                room - TEXT - (tooLong ? 0 : lettersOf(` ${share}`)),
                tooLong ? WIDE_LETTER : LETTER,
              )}{" "}
              {(twoLines || !tooLong) && (
                <tspan fill="var(--soft)" {...(twoLines && { x: left + TEXT, dy: 14 })}>
                  {share}
                </tspan>
              )}
            </text>
          </g>
        );
      })}
    </g>
  );
}
