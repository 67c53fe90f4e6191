import { type ArmLook, sameWord } from "../lib/arms";

interface Arm {
  key: string;
  name: string;
  is_control: boolean;
}

interface ArmNameProps {
  arm: Arm;
  look: ArmLook | undefined;
  /** What the arm is made of, where it is a combination. */
  parts?: readonly { element: string; variant: string }[];
}

/** An arm, with the colour and line it has in every picture, and the key by which the sentences call it. */
export function ArmName({ arm, look, parts = [] }: ArmNameProps) {
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <Swatch look={look} />
      <span className="min-w-0">
        {parts.length === 0 ? (
          <span className="font-semibold wrap-anywhere">{arm.name}</span>
        ) : (
          parts.map(({ element, variant }) => (
            <span key={element} className="block">
              <span className="text-soft">{element}:</span> <span className="font-semibold">{variant}</span>
            </span>
          ))
        )}
        {/* The spaces are for those who hear the name. */}{" "}
        {parts.length === 0 && !sameWord(arm.name, arm.key) && (
          <span className="ml-2 text-xs text-soft wrap-anywhere">{arm.key}</span>
        )}{" "}
        {arm.is_control && !sameWord(arm.name, "control") && (
          <span className={`text-xs text-soft ${parts.length === 0 ? "ml-2" : "block"}`}>control</span>
        )}
      </span>
    </span>
  );
}

/** A piece of the arm's line over its filling. */
export function Swatch({ look }: { look: ArmLook | undefined }) {
  const colour = look?.colour ?? "var(--line-strong)";
  return (
    <svg aria-hidden="true" width="14" height="14" className="shrink-0 translate-y-0.5">
      <rect width="14" height="14" rx="3" fill={colour} fillOpacity="0.3" />
      <line
        x1="0"
        x2="14"
        y1="7"
        y2="7"
        stroke={colour}
        strokeWidth="3"
        strokeDasharray={look?.dash ?? "none"}
      />
    </svg>
  );
}
