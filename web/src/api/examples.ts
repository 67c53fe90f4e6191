import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, body, type Schemas } from "./client";

type Examples = Schemas["ExamplesReply"];

const EXAMPLES = ["examples"];
const EACH_SECOND = 1000;

/** How far the examples are; looked at each second while they load. */
export function useExamples() {
  const queries = useQueryClient();
  const examples = useQuery({
    queryKey: EXAMPLES,
    queryFn: () => body(api.GET("/api/v1/examples")),
    refetchInterval: ({ state }) => (state.data?.state === "loading" ? EACH_SECOND : false),
  });
  const state = examples.data?.state;
  useEffect(() => {
    // What was listed before they came or went is out of date.
    if (state === "loaded" || state === "absent") {
      void queries.invalidateQueries({ queryKey: ["experiments"] });
      void queries.invalidateQueries({ queryKey: ["projects"] });
    }
  }, [queries, state]);
  return examples;
}

export function useLoadExamples() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/examples")),
    onSuccess: (examples) => queries.setQueryData<Examples>(EXAMPLES, examples),
  });
}

export function useRemoveExamples() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/examples")),
    onSuccess: () => {
      queries.setQueryData<Examples>(EXAMPLES, { state: "absent", done: 0, total: 0 });
      return queries.invalidateQueries({ queryKey: ["experiments"] });
    },
  });
}
