import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { type Asked, type ExperimentDetails, experimentKey, parameters } from "./experiment";

export type PastDecision = Schemas["PastDecisionReply"];

/** Each change of mind, oldest first; fetched when the experiment's decision is another one. */
export function useDecisions(asked: Asked, experiment: ExperimentDetails | undefined) {
  const { status, reason, arm } = experiment?.decision ?? {};
  return useQuery({
    queryKey: [...experimentKey(asked), "decisions", status, reason, arm],
    queryFn: async () =>
      (await body(api.GET("/api/v1/experiments/{key}/decisions", { params: parameters(asked) }))).decisions,
    enabled: experiment !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
