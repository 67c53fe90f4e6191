import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, body, Refused, type Schemas } from "./client";

export type Session = Schemas["SessionReply"];

const SESSION = ["session"];

/** Whether this browser is signed in; asked once, and known by itself where that changes. */
export function useSession() {
  return useQuery({
    queryKey: SESSION,
    queryFn: () => body(api.GET("/api/v1/session")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Signed in from now on: the pages may be shown. */
export function openSession(queries: QueryClient, user: Session["user"]): void {
  queries.setQueryData<Session>(SESSION, { signed_in: true, has_owner: true, user });
}

/** Signed out from now on: the sign-in page takes the place of the others. */
function closeSession(queries: QueryClient): void {
  queries.setQueryData<Session>(SESSION, (last) => ({
    signed_in: false,
    has_owner: last?.has_owner ?? true,
    user: null,
  }));
}

/** A session may end while its page is open: whatever the appliance says 401 to leads to the sign-in page. */
export function noticeSessionOver(queries: QueryClient, fault: unknown): void {
  if (fault instanceof Refused && fault.status === 401) closeSession(queries);
}

/** Forgets what was fetched, once no page shows it any more: the next one at this browser may be somebody else. */
export function useForgetting(): void {
  const queries = useQueryClient();
  useEffect(() => {
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
  }, [queries]);
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Schemas["SignIn"]) => body(api.POST("/api/v1/session", { body: credentials })),
    onSuccess: ({ user }) => openSession(queries, user),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/session")),
    onSuccess: () => closeSession(queries),
  });
}
