import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { openSession } from "./session";

/** Sets how the owner signs in. */
export function useSetAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Schemas["Credentials"]) =>
      body(api.PUT("/api/v1/account", { body: credentials })),
    onSuccess: ({ user }) => openSession(queries, user),
  });
}
