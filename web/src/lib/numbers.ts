/** Numbers as they are read: counts, rates, chances and losses, never more exact than they are. */

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const CENTS = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const EXACT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const POWER = new Intl.NumberFormat("en", { maximumSignificantDigits: 2, notation: "scientific" });

/** What stands where there is no number. */
export const NONE = "–";

export function count(number: number): string {
  return COUNT.format(number);
}

/** A count with its noun: "1 visitor", "8,068 visitors". */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A share: one decimal where it says something, and below a thousandth so many in 10,000. */
export function percent(share: number | null): string {
  return rate(share).replace(/\.0 %$/, " %");
}

/** A measured share, always with its decimal: 7.0 % stands under 3.4 %. */
export function rate(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return NONE;
  if (share === 0) return "0 %";
  if (share < 0.0005) {
    const many = Math.round(share * 10_000);
    return many < 1 ? "fewer than 1 in 10,000" : `${many} in 10,000`;
  }
  if (share >= 0.9995 && share < 1) return "more than 99.9 %";
  return `${TENTHS.format(100 * share)} %`;
}

/** A range of rates, with the unit said once where both ends have it: "2.7 to 4.3 %". */
export function rateRange([low, high]: readonly [number, number]): string {
  const [from, to] = [rate(low), rate(high)];
  return from.endsWith(" %") && to.endsWith(" %") ? `${from.slice(0, -2)} to ${to}` : `${from} to ${to}`;
}

/** Keeps a number and what belongs to it on one line: "+144 %", "96 in 100". */
export function unbroken(text: string): string {
  return text.replace(/(\d) %/g, "$1\u00a0%").replace(/(\d) in (\d)/g, "$1\u00a0in\u00a0$2");
}

/** A relative change with its sign; never infinite. */
export function change(ratio: number): string {
  if (ratio >= 9.99) return "+999 % or more";
  if (ratio <= -0.99) return "−99 % or worse";
  const text = trimmed(Math.abs(100 * ratio));
  return text === "0" ? "0 %" : `${ratio < 0 ? "−" : "+"}${text} %`;
}

/** A difference of two rates, in points of a percentage. */
export function points(difference: number): string {
  const text = TENTHS.format(Math.abs(100 * difference));
  const sign = difference < 0 ? "−" : "+";
  if (Number(text) !== 0) return `${sign}${text} points`;
  return difference === 0 ? "0 points" : `${sign}${exact(Math.abs(100 * difference))} points`;
}

/** What visitors brought, in whatever the values of events count: two decimals where they say something. */
export function amount(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  if (value !== 0 && Math.abs(value) < 0.005) return exact(value).replace("-", "−");
  return (Math.abs(value) < 1000 ? CENTS : COUNT).format(value).replace("-", "−");
}

/** The same with its sign, for a difference. */
export function more(value: number): string {
  return value > 0 ? `+${amount(value)}` : amount(value);
}

/** A probability as a natural frequency; the sentences of the appliance have the same extremes. */
export function chance(probability: number): string {
  if (probability >= 0.99) return "more than 99 in 100";
  if (probability < 0.01) return "less than 1 in 100";
  return `${Math.floor(100 * probability + 0.5)} in 100`;
}

const SCALES = [100, 1000, 10_000] as const;

/** Out of how many visitors rates are told apart in whole numbers: 100, or as many more as the rarest needs. */
export function scaleOf(rates: readonly number[]): number {
  const seen = rates.filter((rate) => rate > 0);
  const told = (scale: number) => {
    const whole = seen.map((rate) => Math.round(rate * scale));
    return whole.every((number) => number >= 1) && new Set(whole).size === new Set(seen).size;
  };
  // Where even thousands tell nothing apart the rates are alike, and it is enough that none vanishes.
  return (
    SCALES.slice(0, 2).find(told) ?? SCALES.find((scale) => seen.every((rate) => rate * scale >= 1)) ?? 10_000
  );
}

/** A rate as so many out of `scale`; whole, for that is how one counts people. */
export function outOf(rate: number, scale: number): string {
  const many = rate * scale;
  return rate > 0 && many < 0.5 ? "fewer than 1" : count(Math.round(many));
}

/** A number of the statisticians' part: three digits, tiny and huge ones as powers of ten. */
export function exact(number: number | null): string {
  if (number === null || !Number.isFinite(number)) return NONE;
  const size = Math.abs(number);
  return (size !== 0 && (size < 0.001 || size >= 1e6) ? power(number) : EXACT.format(number)).replace(
    /^-/,
    "−",
  );
}

const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

function power(number: number): string {
  const [digits, exponent] = POWER.format(number).split("E");
  return `${digits} × 10${[...(exponent ?? "")].map((digit) => RAISED["-0123456789".indexOf(digit)]).join("")}`;
}

/** One decimal where it says something. */
function trimmed(number: number): string {
  return TENTHS.format(number).replace(/\.0$/, "");
}
