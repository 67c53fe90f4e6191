import type { Densities as Curves } from "../api/densities";
import type { Results } from "../api/results";
import { Densities } from "../charts/lazy";
import { type ArmLook, armsToDraw } from "../lib/arms";
import { densitiesCaption } from "../lib/captions";
import { rate } from "../lib/numbers";
import { densitiesHeight } from "../lib/picture";
import { rangeOf, readArm } from "../lib/reading";
import { Figure, Twin } from "./Figure";

interface DensitiesFigureProps {
  results: Results;
  curves: Curves | undefined;
  looks: ReadonlyMap<string, ArmLook>;
}

/** How sure each rate is. */
export function DensitiesFigure({ results, curves, looks }: DensitiesFigureProps) {
  const drawn = armsToDraw(results.arms);
  const hidden = results.arms.length - drawn.length;
  const title = "How sure the rates are";
  return (
    <Figure
      title={title}
      caption={densitiesCaption(results)}
      height={densitiesHeight(drawn.length, hidden)}
      table={() => (
        <Twin
          caption={title}
          heads={["Arm", "Most likely around", "Likely range", "Counted"]}
          rows={results.arms.map((arm) => {
            const { conversions, visitors } = readArm(arm, results);
            return {
              id: arm.key,
              cells: [arm.name, rate(arm.posterior.mean), rangeOf(arm), `${conversions} of ${visitors}`],
            };
          })}
        />
      )}
    >
      {curves !== undefined && <Densities curves={curves} arms={drawn} hidden={hidden} looks={looks} />}
    </Figure>
  );
}
