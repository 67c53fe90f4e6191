import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { type Asked, experimentKey, parameters } from "./experiment";
import type { Results } from "./results";

export type Densities = Schemas["Densities"];

/** The curves behind results; fetched when these have new counts. */
export function useDensities(asked: Asked, results: Results | undefined) {
  const { path, query } = parameters(asked);
  return useQuery({
    queryKey: [
      ...experimentKey(asked),
      "densities",
      results?.goal,
      results?.arms.map((arm) => `${arm.conversions}/${arm.exposed}`).join(),
    ],
    queryFn: () =>
      body(
        api.GET("/api/v1/experiments/{key}/densities", {
          params: { path, query: { ...query, goal: results?.goal ?? "" } },
        }),
      ),
    enabled: results !== undefined && results.summary.exposed > 0,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
