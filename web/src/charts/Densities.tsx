import { curveMonotoneX } from "@visx/curve";
import { scaleLinear } from "@visx/scale";
import { Area, LinePath } from "@visx/shape";
import type { Densities as Curves } from "../api/densities";
import type { ArmResult } from "../api/results";
import { Swatch } from "../components/ArmName";
import type { ArmLook } from "../lib/arms";
import { count, rate as rateOf, scaleOf } from "../lib/numbers";
import { AXIS, densitiesHeight, fitted, GAP, HEAD, hillHeight, NAME } from "../lib/picture";
import { type Ends, endsOf, rangeOf } from "../lib/reading";
import { Reader } from "./Reader";
import type { Scale } from "./scale";
import { useWidth } from "./useWidth";

interface DensitiesProps {
  curves: Curves;
  /** The arms to draw, and how many more there are. */
  arms: readonly ArmResult[];
  hidden: number;
  looks: ReadonlyMap<string, ArmLook>;
}

const SIDE = 8;

/** Keeps letters readable over a line. */
const HALO = {
  paintOrder: "stroke",
  stroke: "var(--card)",
  strokeWidth: 4,
  strokeLinejoin: "round",
} as const;

/** A hill for every arm, each on its own line over one axis: where its true rate may lie. */
export function Densities({ curves, arms, hidden, looks }: DensitiesProps) {
  const [element, width] = useWidth<HTMLDivElement>();
  const height = densitiesHeight(arms.length, hidden);
  const { rates } = curves;
  const [low, high] = [rates[0] ?? 0, rates.at(-1) ?? 1];
  const x = scaleLinear({ domain: [low, high], range: [SIDE, Math.max(SIDE + 1, width - SIDE)] });
  const curveOf = new Map(curves.arms.map((arm) => [arm.key, arm.density]));
  const peakOf = (key: string) => Math.max(Number.MIN_VALUE, ...(curveOf.get(key) ?? []));
  // A surer arm has a higher hill, but only by the root: beside a very sure one the others stay to be seen.
  const highest = Math.max(...arms.map((arm) => peakOf(arm.key)));
  const hill = hillHeight(arms.length);
  const row = NAME + hill + GAP;
  const control = arms.find((arm) => arm.is_control);
  const floor = height - AXIS;
  const nearest = (at: number) => {
    const rate = x.invert(at + SIDE);
    return rates.reduce((near, each, index) => {
      return Math.abs(each - rate) < Math.abs((rates[near] ?? 0) - rate) ? index : near;
    }, 0);
  };
  return (
    <div ref={element} className="relative" style={{ height }}>
      {width > 0 && (
        <>
          <svg aria-hidden="true" width={width} height={height} className="block text-xs">
            <Axis x={x} y={floor} top={HEAD} width={width} goal={curves.goal} high={high} />
            {control !== undefined && (
              <g>
                <line
                  x1={x(control.posterior.mean)}
                  x2={x(control.posterior.mean)}
                  y1={HEAD}
                  y2={floor}
                  stroke="var(--arm-0)"
                  strokeDasharray="3 4"
                />
                <text
                  x={Math.min(Math.max(x(control.posterior.mean), 24), width - 24)}
                  y={HEAD - 6}
                  textAnchor="middle"
                  fill="var(--soft)"
                >
                  control
                </text>
              </g>
            )}
            {arms.map((arm, index) => (
              <g key={arm.key} transform={`translate(0,${HEAD + index * row})`}>
                <Hill
                  arm={arm}
                  look={looks.get(arm.key)}
                  points={(curveOf.get(arm.key) ?? []).map((density, place) => [
                    x(rates[place] ?? 0),
                    NAME + hill * (1 - density / Math.sqrt(peakOf(arm.key) * highest)),
                  ])}
                  ends={endsOf(arm)}
                  x={x}
                  middle={x(arm.posterior.mean)}
                  floor={NAME + hill}
                  width={width}
                />
              </g>
            ))}
            {hidden > 0 && (
              <text x={SIDE} y={floor - 6} fill="var(--soft)" {...HALO}>
                and {count(hidden)} more, in the table
              </text>
            )}
          </svg>
          <Reader
            label={`Read the rates of ‘${curves.goal}’`}
            places={rates.length}
            first={nearest(x(arms[0]?.posterior.mean ?? low) - SIDE)}
            placeAt={nearest}
            reach={(place) => [x(rates[place] ?? low) - SIDE, x(rates[place] ?? low) - SIDE]}
            words={(place) => said(arms, rates[place] ?? 0)}
            left={SIDE}
            top={HEAD}
            width={width - 2 * SIDE}
            height={floor - HEAD}
          >
            {(place) => (
              <>
                <p className="font-semibold">A rate of {rateOf(rates[place] ?? 0)}</p>
                <ul>
                  {arms.map((arm) => (
                    <li key={arm.key} className="flex items-baseline gap-2">
                      <Swatch look={looks.get(arm.key)} />
                      <span className="min-w-0 flex-1 truncate">{arm.name}</span>
                      <span className="text-soft">{verdict(arm, rates[place] ?? 0)}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </Reader>
        </>
      )}
    </div>
  );
}

interface HillProps {
  arm: ArmResult;
  look: ArmLook | undefined;
  points: [number, number][];
  ends: Ends;
  x: Scale;
  middle: number;
  floor: number;
  width: number;
}

/** Name and range, the hill under them, and on its floor the range as a bar with caps. */
function Hill({ arm, look, points, ends, x, middle, floor, width }: HillProps) {
  const colour = look?.colour ?? "var(--line-strong)";
  const range = rangeOf(arm) || "nobody yet";
  const room = width - 2 * SIDE - range.length * 7 - 16;
  return (
    <>
      <text x={SIDE} y={14} fill="var(--ink)" fontWeight={600} fontSize={13} {...HALO}>
        {fitted(arm.name, room)}
      </text>
      <text x={width - SIDE} y={14} textAnchor="end" fill="var(--soft)" fontSize={13}>
        {range}
      </text>
      <Area
        data={points}
        x={([x]) => x}
        y0={floor}
        y1={([, y]) => y}
        curve={curveMonotoneX}
        fill={colour}
        fillOpacity={0.18}
        stroke="none"
      />
      <LinePath
        data={points}
        x={([x]) => x}
        y={([, y]) => y}
        curve={curveMonotoneX}
        stroke={colour}
        strokeWidth={2}
        strokeDasharray={look?.dash ?? "none"}
        strokeLinejoin="round"
      />
      <path
        d={`M${x(Math.max(ends.low, x.invert(SIDE)))} ${floor - 4}${ends.low === 0 ? "m0 4" : "v8m0-4"}H${x(ends.high)}m0-4v8`}
        stroke={colour}
        strokeWidth={2}
        strokeLinecap="round"
        fill="none"
      />
      <circle cx={middle} cy={floor} r={4} fill={colour} stroke="var(--card)" strokeWidth={1.5} />
    </>
  );
}

interface AxisProps {
  x: Scale;
  y: number;
  top: number;
  width: number;
  goal: string;
  high: number;
}

/** Rates in whole visitors, and the words for them. */
function Axis({ x, y, top, width, goal, high }: AxisProps) {
  const scale = scaleOf([high / 4]);
  return (
    <g>
      {x.ticks(Math.max(2, Math.min(8, Math.floor(width / 80)))).map((rate) => (
        <g key={rate}>
          <line x1={x(rate)} x2={x(rate)} y1={top} y2={y} stroke="var(--line)" />
          <text x={x(rate)} y={y + 16} textAnchor="middle" fill="var(--soft)">
            {Number((rate * scale).toPrecision(6))}
          </text>
        </g>
      ))}
      <text x={width - SIDE} y={y + 36} textAnchor="end" fill="var(--soft)">
        {fitted(`visitors out of ${count(scale)} who reach ‘${goal}’`, width - 2 * SIDE, 6.2)}
      </text>
    </g>
  );
}

function verdict(arm: ArmResult, rate: number): string {
  if (arm.exposed === 0) return "nobody yet";
  const { low, high } = endsOf(arm);
  if (rate < low) return "hardly so low";
  return rate > high ? "hardly so high" : "may be so";
}

function said(arms: readonly ArmResult[], rate: number): string {
  return `A rate of ${rateOf(rate)}: ${arms.map((arm) => `${arm.name} ${verdict(arm, rate)}`).join(", ")}`;
}
