import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";

export type Experiment = Schemas["ExperimentReply"];

const A_FEW_SECONDS = 5000;

/** Every experiment of every project, looked at again every few seconds while somebody does. */
export function useExperiments() {
  return useQuery({
    queryKey: ["experiments"],
    queryFn: async () => (await body(api.GET("/api/v1/experiments"))).experiments,
    refetchInterval: A_FEW_SECONDS,
  });
}

export function useMakeExperiment() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (experiment: Schemas["NewExperiment"]) =>
      body(api.POST("/api/v1/experiments", { body: experiment })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["experiments"] }),
  });
}
