import { curveStepAfter } from "@visx/curve";
import { scaleLinear } from "@visx/scale";
import { Area, LinePath } from "@visx/shape";
import { useId } from "react";
import { Swatch } from "../components/ArmName";
import type { ArmLook } from "../lib/arms";
import { count, percent } from "../lib/numbers";
import { SHARES_HEIGHT } from "../lib/picture";
import { gathered, pauses, type Step, stepAt } from "../lib/series";
import { dateTime, shortDate, shortTime } from "../lib/time";
import { type Band, EdgeLabels, edgeFor } from "./EdgeLabels";
import { Reader } from "./Reader";
import { TimeAxis } from "./TimeAxis";
import { useWidth } from "./useWidth";

interface SharesProps {
  steps: readonly Step[];
  /** All arms, in the order of the steps' weights; those at `places` are drawn on their own. */
  arms: readonly { key: string; name: string }[];
  places: readonly number[];
  looks: ReadonlyMap<string, ArmLook>;
  /** The word at the right edge. */
  until: string;
}

const TOP = 8;
const LEFT = 30;
const BOTTOM = 26;

/** Which share of newcomers got which arm, stacked, from the start until now. */
export function Shares({ steps, arms, places, looks, until }: SharesProps) {
  const [element, width] = useWidth<HTMLDivElement>();
  const hatch = useId();
  const series = gathered(steps, places);
  const hidden = arms.length - places.length;
  const bands = [
    ...places.map((place) => {
      const arm = arms[place];
      return { key: arm?.key ?? "", name: arm?.name ?? "", look: looks.get(arm?.key ?? "") };
    }),
    ...(hidden > 0 ? [{ key: "", name: `${count(hidden)} more`, look: undefined }] : []),
  ];
  const gutter = Math.max(104, Math.min(edgeFor(bands), width * 0.32));
  const floor = SHARES_HEIGHT - BOTTOM;
  const [from, to] = [series[0]?.from ?? 0, series.at(-1)?.to ?? 1];
  const x = scaleLinear({ domain: [from, to], range: [LEFT, Math.max(LEFT + 1, width - gutter)] });
  const y = scaleLinear({ domain: [0, 1], range: [floor, TOP] });
  // A step ends where the next begins; the last one ends at the edge.
  const corners = [...series, ...series.slice(-1).map((step) => ({ ...step, from: step.to }))];
  const below = (step: Step, band: number) =>
    step.weights.slice(0, band).reduce((sum, weight) => sum + weight, 0);
  return (
    <div ref={element} className="relative" style={{ height: SHARES_HEIGHT }}>
      {width > 0 && series.length > 0 && (
        <>
          <svg aria-hidden="true" width={width} height={SHARES_HEIGHT} className="block text-xs">
            <defs>
              <pattern
                id={hatch}
                width="7"
                height="7"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width="7" height="7" fill="var(--card)" fillOpacity="0.75" />
                <line x1="0" x2="0" y1="0" y2="7" stroke="var(--line-strong)" strokeWidth="1.5" />
              </pattern>
            </defs>
            {bands.map(({ key, look }, band) => (
              <g key={key}>
                <Area
                  data={corners}
                  x={(step) => x(step.from)}
                  y0={(step) => y(below(step, band))}
                  y1={(step) => y(below(step, band + 1))}
                  curve={curveStepAfter}
                  fill={look?.colour ?? "var(--line-strong)"}
                  fillOpacity={look === undefined ? 0.15 : 0.35}
                  stroke="none"
                />
                <LinePath
                  data={corners}
                  x={(step) => x(step.from)}
                  y={(step) => y(below(step, band + 1))}
                  curve={curveStepAfter}
                  stroke={look?.colour ?? "var(--line-strong)"}
                  strokeWidth={bands.length > 8 ? 1 : 2}
                  strokeDasharray={look?.dash ?? "none"}
                />
              </g>
            ))}
            {pauses(series).map((pause) => (
              <Pause
                key={pause.from}
                from={x(pause.from)}
                to={x(pause.to)}
                floor={floor}
                fill={`url(#${hatch})`}
              />
            ))}
            <TimeAxis x={x} y={y} from={from} to={to} left={LEFT} edge={width - gutter} until={until} />
            <EdgeLabels
              bands={bands}
              last={series.at(-1) as Step}
              below={below}
              y={y}
              top={TOP}
              left={width - gutter}
              room={gutter}
            />
          </svg>
          <Reader
            label="Read the shares over time"
            places={series.length}
            first={series.length - 1}
            placeAt={(at) => stepAt(series, x.invert(at + LEFT))}
            reach={(place) => [x(series[place]?.from ?? from) - LEFT, x(series[place]?.to ?? to) - LEFT]}
            words={(place) => said(series[place] as Step, bands)}
            left={LEFT}
            top={TOP}
            width={Math.max(1, width - gutter - LEFT)}
            height={floor - TOP}
          >
            {(place) => <Read step={series[place] as Step} bands={bands} />}
          </Reader>
        </>
      )}
    </div>
  );
}

function Read({ step, bands }: { step: Step; bands: readonly Band[] }) {
  return (
    <>
      <p className="font-semibold">
        From {shortDate(step.from)}, {shortTime(step.from)}
      </p>
      {step.paused && <p>Paused: nobody new.</p>}
      <ul>
        {[...bands.entries()].reverse().map(([band, { key, name, look }]) => (
          <li key={key} className="flex items-baseline gap-2">
            <Swatch look={look} />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span>{percent(step.weights[band] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function said(step: Step, bands: readonly Band[]): string {
  const shares = bands.map(({ name }, band) => `${name} ${percent(step.weights[band] ?? 0)}`);
  return `From ${dateTime(step.from)}: ${step.paused ? "paused, " : ""}${shares.join(", ")}`;
}

interface PauseProps {
  from: number;
  to: number;
  floor: number;
  fill: string;
}

function Pause({ from, to, floor, fill }: PauseProps) {
  return (
    <g>
      <rect x={from} y={TOP} width={Math.max(2, to - from)} height={floor - TOP} fill={fill} />
      {to - from > 60 && (
        <>
          <rect x={(from + to) / 2 - 28} y={TOP + 8} width={56} height={20} rx={4} fill="var(--card)" />
          <text x={(from + to) / 2} y={TOP + 22} textAnchor="middle" fill="var(--ink)">
            paused
          </text>
        </>
      )}
    </g>
  );
}
