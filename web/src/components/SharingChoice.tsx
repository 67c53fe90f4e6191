import { MEASURED, SHARINGS, type Sharing, type SharingText } from "../lib/modes";

interface SharingChoiceProps<T extends Sharing> {
  value: T;
  onChange: (value: T) => void;
  /** The ways there are to choose from. */
  among?: readonly (SharingText & { value: T })[];
  /** Its name is only heard: what stands above it says the same. */
  hidden?: boolean;
}

/** How newcomers are shared out, with what each way earns and costs. */
export function SharingChoice<T extends Sharing = Sharing>({
  value,
  onChange,
  among = SHARINGS as readonly (SharingText & { value: T })[],
  hidden = false,
}: SharingChoiceProps<T>) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className={hidden ? "sr-only" : "mb-2 font-semibold"}>Who gets what</legend>
      {among.map((way) => (
        <label
          key={way.value}
          className="flex cursor-pointer gap-3 rounded-card border border-line-strong p-4 has-checked:border-accent has-checked:bg-sunken"
        >
          <input
            type="radio"
            name="sharing"
            value={way.value}
            checked={way.value === value}
            onChange={() => onChange(way.value)}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
          <span>
            <span className="font-semibold">{way.name}</span>
            <span className="block">{way.earns}</span>
            <span className="block text-soft">{way.costs}</span>
          </span>
        </label>
      ))}
      <p className="text-sm text-soft">{MEASURED}</p>
    </fieldset>
  );
}
