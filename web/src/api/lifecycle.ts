import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { type Asked, type ExperimentDetails, experimentKey, parameters } from "./experiment";

/** A step in an experiment's life. */
export type Step = { to: "start" } | { to: "pause" } | { to: "complete"; winner: string | null };

export function useStep(asked: Asked) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (step: Step) => take(asked, step),
    onSuccess: (after) => {
      // The answer is the experiment as it now is, without its results: those follow by themselves.
      queries.setQueryData<ExperimentDetails>(experimentKey(asked), (last) => last && { ...last, ...after });
      return Promise.all([
        queries.invalidateQueries({ queryKey: experimentKey(asked) }),
        queries.invalidateQueries({ queryKey: ["experiments"] }),
      ]);
    },
  });
}

function take(asked: Asked, step: Step) {
  const params = parameters(asked);
  switch (step.to) {
    case "start":
      return body(api.POST("/api/v1/experiments/{key}/start", { params }));
    case "pause":
      return body(api.POST("/api/v1/experiments/{key}/pause", { params }));
    case "complete":
      return body(api.POST("/api/v1/experiments/{key}/complete", { params, body: { winner: step.winner } }));
  }
}
