import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";
import { type Asked, type ExperimentDetails, experimentKey, LOOK_AGAIN, parameters } from "./experiment";

export type Results = Schemas["Results"];
export type ArmResult = Schemas["ArmResult"];
export type Decision = Schemas["Decision"];
export type Comparison = Schemas["ArmComparison"];
export type GoalResult = Schemas["GoalResult"];
export type GoalArm = Schemas["GoalArm"];
export type Values = Schemas["ValueResult"];
export type ValueLift = Schemas["ValueLift"];
export type Early = Schemas["EarlyResult"];
export type Forecast = Schemas["Forecast"];
export type Prior = Schemas["PriorResult"];
export type Segments = Schemas["SegmentResults"];
export type Elements = Schemas["ElementResults"];
export type ElementVariant = Schemas["ElementVariant"];
export type Together = Schemas["Together"];

/** The results of an experiment for one of its goals; those for the primary goal came with the experiment. */
export function useResults(
  asked: Asked,
  experiment: ExperimentDetails | undefined,
  goal: string | undefined,
) {
  const { path, query } = parameters(asked);
  const came = experiment?.stats;
  const other = goal !== undefined && goal !== came?.goal;
  const found = useQuery({
    queryKey: [...experimentKey(asked), "results", goal],
    queryFn: async () =>
      // As in useExperiment: pairs are pairs.
      (await body(
        api.GET("/api/v1/experiments/{key}/results", {
          params: { path, query: goal === undefined ? query : { ...query, goal } },
        }),
      )) as Results,
    enabled: other,
    placeholderData: keepPreviousData,
    refetchInterval: experiment?.status === "completed" ? false : LOOK_AGAIN,
  });
  return other ? { results: found.data, fault: found.error } : { results: came, fault: null };
}
