import { CircleCheck, Info, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Refused } from "../api/client";

export type Tone = "plain" | "good" | "wait" | "harm";

/** A meaning is never carried by its colour alone: it has its sign, and the text its word. */
export const TONES: Record<Tone, { look: string; ink: string; Sign: LucideIcon }> = {
  plain: { look: "bg-sunken border-line", ink: "text-soft", Sign: Info },
  good: { look: "bg-good-ground border-good", ink: "text-good", Sign: CircleCheck },
  wait: { look: "bg-wait-ground border-wait", ink: "text-wait", Sign: TriangleAlert },
  harm: { look: "bg-harm-ground border-harm", ink: "text-harm", Sign: OctagonAlert },
};

export function Notice({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  const { look, ink, Sign } = TONES[tone];
  return (
    <div
      role={tone === "harm" ? "alert" : "status"}
      className={`flex gap-3 rounded-card border px-4 py-3 ${look}`}
    >
      <Sign aria-hidden className={`mt-0.5 size-[18px] shrink-0 ${ink}`} />
      <div className="min-w-0 max-w-[70ch]">{children}</div>
    </div>
  );
}

/** What went wrong and what to do about it, in the appliance's own words where it gave any. */
export function Fault({ fault, what }: { fault: unknown; what: string }) {
  const refused = fault instanceof Refused;
  return (
    <Notice tone="harm">
      <p>
        <strong className="font-semibold">{what}</strong>{" "}
        {refused ? fault.message : "The appliance did not answer. Is it running?"}
      </p>
      {refused && fault.hint !== undefined && <p className="text-soft">{fault.hint}</p>}
    </Notice>
  );
}
