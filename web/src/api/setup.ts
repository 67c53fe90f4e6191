import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { openSession } from "./session";

/** Whether the one-time link is still good, and what it would do. */
export function useLink(token: string | undefined) {
  return useQuery({
    queryKey: ["setup", token],
    queryFn: () => body(api.POST("/api/v1/setup/check", { body: { token: token ?? "" } })),
    enabled: token !== undefined,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** Uses the link: makes the owner and a first project, or signs the owner in. */
export function useSetup() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (setup: Schemas["Setup"]) => body(api.POST("/api/v1/setup", { body: setup })),
    onSuccess: ({ user }) => openSession(queries, user),
  });
}
