import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, Refused, type Schemas } from "./client";

export type ExperimentDetails = Schemas["ExperimentDetails"];
export type Status = Schemas["Status"];

/** Which experiment: keys are chosen by people, and two projects may have chosen alike. */
export interface Asked {
  project: string;
  key: string;
}

/** How often a page of results is looked at again, while its tab is seen. */
export const LOOK_AGAIN = 3000;

export function experimentKey({ project, key }: Asked) {
  return ["experiment", project, key];
}

export function parameters({ project, key }: Asked) {
  return { path: { key }, query: { project } };
}

/** It is not there, or not for this reader; which of the two the appliance does not tell strangers. */
export function isGone(fault: Error | null): boolean {
  return fault instanceof Refused && (fault.status === 404 || fault.status === 403);
}

/** An experiment with the results for its primary goal. What has ended changes no more. */
export function useExperiment(asked: Asked) {
  return useQuery({
    queryKey: experimentKey(asked),
    queryFn: async () =>
      // The client's types make a list of every pair; the reply's own type knows them as pairs.
      (await body(api.GET("/api/v1/experiments/{key}", { params: parameters(asked) }))) as ExperimentDetails,
    refetchInterval: ({ state: { data, error } }) =>
      data?.status === "completed" || isGone(error) ? false : LOOK_AGAIN,
  });
}

export function useDeleteExperiment(asked: Asked) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/experiments/{key}", { params: parameters(asked) })),
    // Its own page is still there until the reader is led away, and must not ask for what is gone.
    onSuccess: () => queries.invalidateQueries({ queryKey: ["experiments"] }),
  });
}
