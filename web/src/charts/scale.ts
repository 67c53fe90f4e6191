import type { scaleLinear } from "@visx/scale";

/** From numbers to places on the page. */
export type Scale = ReturnType<typeof scaleLinear<number>>;
