import type { ExperimentDetails } from "../api/experiment";
import { Select } from "./Select";

interface GoalChoiceProps {
  goals: ExperimentDetails["goals"];
  chosen: string;
  onChoose: (goal: string) => void;
}

/** Which goal the results are for, where there are several. */
export function GoalChoice({ goals, chosen, onChoose }: GoalChoiceProps) {
  if (goals.length < 2) return null;
  const options = goals.map(({ key, role }) => ({ value: key, name: `${key} (${role})` }));
  return (
    <Select
      label="Results for the goal"
      beside
      options={options}
      value={chosen}
      onChange={onChoose}
      className="self-start sm:self-auto"
    />
  );
}
