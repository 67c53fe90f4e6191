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

/** As much of a text as there is room for, by a letter's usual width. */
export function fitted(text: string, width: number, letter = 7): string {
  const most = Math.max(3, Math.floor(width / letter));
  const letters = [...text];
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}
