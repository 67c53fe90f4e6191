import type { Results, Values } from "../api/results";
import type { ArmLook } from "../lib/arms";
import { unbroken } from "../lib/numbers";
import { isBroken } from "../lib/reading";
import { capSentence, valueCells, valueSentence } from "../lib/values";
import { ArmName } from "./ArmName";
import { Card } from "./Card";
import { Wide } from "./Wide";

interface ValueCardProps {
  values: Values;
  results: Results;
  looks: ReadonlyMap<string, ArmLook>;
}

/** What a visitor brings: how many buy, times what a buyer brings. */
export function ValueCard({ values, results, looks }: ValueCardProps) {
  const { arms, goal } = results;
  const name = (key: string) => arms.find((arm) => arm.key === key)?.name ?? key;
  const control = arms.find((arm) => arm.is_control)?.name ?? "the control";
  return (
    <Card title="What a visitor brings">
      <Wide
        caption={`The value of ‘${goal}’ by visitor`}
        hidden
        heads={[
          ["Arm", ""],
          ["Who buys", "brought any value"],
          ["× what a buyer brings", "on average"],
          ["= what a visitor brings", "on average"],
        ]}
        rows={arms.map((arm) => {
          const [buys, buyer, visitor] = valueCells(arm, values);
          return {
            id: arm.key,
            cells: [
              <ArmName key="name" arm={arm} look={looks.get(arm.key)} />,
              buys,
              buyer,
              <span key="visitor" className="font-semibold">
                {visitor}
              </span>,
            ],
          };
        })}
      />
      <ul className="mt-4 flex max-w-[70ch] flex-col gap-1">
        {isBroken(results) ? (
          <li>The arms are not compared while visitors are not split as planned.</li>
        ) : (
          values.comparisons.map((lift) => (
            <li key={lift.arm}>{unbroken(valueSentence(lift, name(lift.arm), control))}</li>
          ))
        )}
      </ul>
      <p className="mt-3 max-w-[70ch] text-sm text-soft">{capSentence(values)}</p>
    </Card>
  );
}
