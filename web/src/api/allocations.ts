import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { type Asked, type ExperimentDetails, experimentKey, parameters } from "./experiment";

export type Allocation = Schemas["AllocationReply"];

/** Every allocation there ever was, oldest first; fetched when the experiment has a new one. */
export function useAllocations(asked: Asked, experiment: ExperimentDetails | undefined) {
  const number = experiment?.allocation_number ?? null;
  return useQuery({
    queryKey: [...experimentKey(asked), "allocations", number],
    queryFn: async () =>
      (await body(api.GET("/api/v1/experiments/{key}/allocations", { params: parameters(asked) })))
        .allocations,
    enabled: number !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
