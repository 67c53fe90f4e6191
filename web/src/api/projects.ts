import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";

export type Project = Schemas["ProjectReply"];
export type Activity = Schemas["ActivityReply"];

const EACH_SECOND = 1000;

export function useProjects() {
  return useQuery({
    queryKey: ["projects"],
    queryFn: async () => (await body(api.GET("/api/v1/projects"))).projects,
  });
}

export function useMakeProject() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (project: Schemas["NewProject"]) => body(api.POST("/api/v1/projects", { body: project })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["projects"] }),
  });
}

/** What has been heard of a project's visitors; asked each second, while somebody looks, until all of it was. */
export function useActivity(project: string) {
  return useQuery({
    queryKey: ["projects", project, "activity"],
    queryFn: () => body(api.GET("/api/v1/projects/{key}/activity", { params: { path: { key: project } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && allHeard(state.data) ? false : EACH_SECOND),
  });
}

export function allHeard(activity: Activity): boolean {
  return activity.visitor && activity.exposure && activity.event;
}
