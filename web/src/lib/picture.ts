/** The measures of the pictures: known before they are drawn, so that nothing moves when they come. */

/** Of a row of the densities: the line of its name, the room of its hill, and the gap to the next. */
export const NAME = 20;
export const GAP = 14;
/** Above all rows: who the dashed line stands for. Below: the axis and its words. */
export const HEAD = 18;
export const AXIS = 44;

export function hillHeight(arms: number): number {
  if (arms <= 3) return 64;
  return arms <= 6 ? 44 : 34;
}

export function densitiesHeight(arms: number, hidden: number): number {
  return HEAD + arms * (NAME + hillHeight(arms) + GAP) + (hidden > 0 ? NAME : 0) + AXIS;
}

export const SHARES_HEIGHT = 280;

/** Moves labels apart so that none stands on another, each as near to its place as that allows. Places rise. */
export function spread(places: readonly number[], gap: number, low: number, high: number): number[] {
  const room = places.length > 1 ? Math.min(gap, (high - low) / (places.length - 1)) : gap;
  const found: number[] = [];
  for (const place of places) {
    found.push(Math.max(place, low, (found.at(-1) ?? Number.NEGATIVE_INFINITY) + room));
  }
  let most = high;
  for (let index = found.length - 1; index >= 0; index -= 1) {
    found[index] = Math.min(found[index] as number, most);
    most = (found[index] as number) - room;
  }
  return found;
}

/** As much of a text as there is room for, by a letter's usual width; of a combination the beginning of every part. */
export function fitted(text: string, width: number, letter = 7): string {
  const most = Math.max(3, Math.floor(width / letter));
  if ([...text].length <= most) return text;
  const parts = text.split(" + ");
  const tight = parts.join("+");
  if ([...tight].length <= most) return tight;
  const joint = parts.length > 1 ? [" + ", "+"].find((each) => shortest(parts, each) <= most) : undefined;
  return joint === undefined ? cut(text, most) : cutAlike(parts, joint, most);
}

/** A part of which less than this is left says nothing. */
const LEAST = 3;

function shortest(parts: readonly string[], joint: string): number {
  return parts.reduce(
    (sum, part) => sum + Math.min([...part].length, LEAST),
    (parts.length - 1) * joint.length,
  );
}

/** The longest parts are cut, as long as one is, until all of them have the room. */
function cutAlike(parts: readonly string[], joint: string, most: number): string {
  const whole = (longest: number) => parts.map((part) => cut(part, longest)).join(joint);
  let longest = Math.max(...parts.map((part) => [...part].length));
  while (longest > LEAST && [...whole(longest)].length > most) longest -= 1;
  return whole(longest);
}

function cut(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}
