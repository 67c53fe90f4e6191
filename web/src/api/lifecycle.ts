import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Mode } from "../lib/modes";
import { api, body, type Schemas } from "./client";
import { type Asked, type ExperimentDetails, experimentKey, parameters } from "./experiment";

/** A step in an experiment's life. */
export type Step =
  | { to: "start" }
  | { to: "pause" }
  | { to: "complete"; winner: string | null }
  | { to: "drop"; arm: string; reason: string }
  | { to: "restore"; arm: string; reason: string }
  | { to: "add"; arm: Schemas["AddedArm"] }
  | { to: "mode"; mode: Mode };

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
    case "drop":
    case "restore": {
      const { query, path } = params;
      return body(
        api.POST(`/api/v1/experiments/{key}/arms/{arm}/${step.to}`, {
          params: { query, path: { ...path, arm: step.arm } },
          body: { reason: step.reason },
        }),
      );
    }
    case "add":
      return body(api.POST("/api/v1/experiments/{key}/arms", { params, body: step.arm }));
    case "mode":
      return body(api.PATCH("/api/v1/experiments/{key}", { params, body: { mode: step.mode } }));
  }
}
