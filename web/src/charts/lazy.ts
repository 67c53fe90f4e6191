import { lazy } from "react";

const pictures = () => import("./pictures");

export const Densities = lazy(async () => ({ default: (await pictures()).Densities }));
export const Shares = lazy(async () => ({ default: (await pictures()).Shares }));
