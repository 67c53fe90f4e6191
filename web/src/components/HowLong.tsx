import { useId } from "react";
import type { Forecast } from "../api/results";
import { Chances } from "../charts/Chances";
import { forecastCaption, horizons } from "../lib/captions";
import { unbroken } from "../lib/numbers";
import { Card } from "./Card";

/** How likely a clear answer is, the longer one waits. Its numbers stand in the picture: it needs no table. */
export function HowLong({ forecast }: { forecast: Forecast | null }) {
  const id = useId();
  const found = horizons(forecast);
  if (found.length === 0) return null;
  return (
    <Card title="How long until a clear answer">
      <figure aria-labelledby={id} className="flex flex-col gap-4">
        <Chances found={found} />
        <figcaption id={id} className="max-w-[70ch] text-soft">
          {unbroken(forecastCaption(found))}
        </figcaption>
      </figure>
    </Card>
  );
}
