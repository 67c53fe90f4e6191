import type { Results } from "../api/results";
import type { ArmLook } from "../lib/arms";
import { liftOf, reached, roleOf, verdict } from "../lib/goals";
import { isBroken } from "../lib/reading";
import { ArmName } from "./ArmName";
import { Card } from "./Card";
import { TONES } from "./Notice";
import { Wide } from "./Wide";

interface GoalsProps {
  results: Results;
  looks: ReadonlyMap<string, ArmLook>;
}

/** The goals beside the one that is read. */
export function Goals({ results, looks }: GoalsProps) {
  const { goals, arms } = results;
  if (goals.length === 0) return null;
  const broken = isBroken(results);
  return (
    <Card title="Other goals">
      <div className="flex flex-col gap-6">
        {goals.map((goal) => {
          const of = new Map(goal.arms.map((arm) => [arm.arm, arm]));
          return (
            <div key={goal.key} className="flex flex-col gap-2">
              <p>
                <strong className="font-semibold">‘{goal.key}’</strong>{" "}
                <span className="text-soft">{roleOf(goal)}</span>
              </p>
              <Wide
                caption={`Visitors who reached ‘${goal.key}’`}
                hidden
                even
                heads={[
                  ["Arm", ""],
                  ["What is known", ""],
                  ["Reached it", ""],
                  ["Change from the control", "with its 95 % range"],
                ]}
                rows={arms.flatMap((arm) => {
                  const counted = of.get(arm.key);
                  if (counted === undefined) return [];
                  const known = broken ? undefined : verdict(goal, counted);
                  return {
                    id: arm.key,
                    cells: [
                      <ArmName key="name" arm={arm} look={looks.get(arm.key)} />,
                      known === undefined ? "" : <Known key="known" {...known} />,
                      reached(counted),
                      liftOf(counted.lift),
                    ],
                  };
                })}
              />
            </div>
          );
        })}
      </div>
      {broken && (
        <p className="mt-4 max-w-[70ch] text-sm text-soft">
          No verdict is given while visitors are not split as planned.
        </p>
      )}
    </Card>
  );
}

function Known({ tone, text }: NonNullable<ReturnType<typeof verdict>>) {
  const { ink, Sign } = TONES[tone];
  if (tone === "plain") return <span className="text-soft">{text}</span>;
  return (
    <span className={`inline-flex items-start gap-1.5 font-semibold ${ink}`}>
      <Sign aria-hidden size={16} className="mt-0.5 shrink-0" />
      {text}
    </span>
  );
}
