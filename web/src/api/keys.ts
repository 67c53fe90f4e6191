import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";

export type SecretKey = Schemas["KeyReply"];

const KEYS = ["keys"];

export function useKeys() {
  return useQuery({ queryKey: KEYS, queryFn: async () => (await body(api.GET("/api/v1/keys"))).keys });
}

/** Makes a secret key; its answer is the only place where the key ever stands. */
export function useMakeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key: Schemas["NewKey"]) => body(api.POST("/api/v1/keys", { body: key })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS }),
  });
}

export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (prefix: string) =>
      body(api.DELETE("/api/v1/keys/{prefix}", { params: { path: { prefix } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS }),
  });
}
