import type { Early, Results } from "../api/results";
import type { ArmLook } from "../lib/arms";
import { SIGNALS, signalOf } from "../lib/early";
import { count } from "../lib/numbers";
import { ArmName } from "./ArmName";
import { Card } from "./Card";
import { Wide } from "./Wide";

interface EarlySignsProps {
  early: Early;
  arms: Results["arms"];
  looks: ReadonlyMap<string, ArmLook>;
}

/** What visitors did short of converting: never a win, so it never stands on a card with conversions. */
export function EarlySigns({ early, arms, looks }: EarlySignsProps) {
  const of = new Map(early.arms.map((arm) => [arm.key, arm]));
  return (
    <Card title="Early signs, not conversions">
      <p className="mb-4 max-w-[70ch]">{early.sentence}</p>
      <Wide
        caption="What visitors did on average"
        heads={[
          ["Arm", ""],
          ["Visitors", "whose signs were seen"],
          ...SIGNALS.map(({ name, unit }) => [name, unit] as const),
        ]}
        rows={arms.map((arm) => {
          const seen = of.get(arm.key);
          return {
            id: arm.key,
            cells: [
              <ArmName key="name" arm={arm} look={looks.get(arm.key)} />,
              count(seen?.visitors ?? 0),
              ...SIGNALS.map((kind) => (seen === undefined ? "–" : signalOf(seen, kind))),
            ],
          };
        })}
      />
      <p className="mt-3 max-w-[70ch] text-sm text-soft">
        These signs never make a winner, and no decision rests on them: a change that engages more does not
        always convert more.
      </p>
    </Card>
  );
}
