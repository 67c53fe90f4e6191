import type { Draft } from "../lib/draft";

const MODES: readonly { value: Draft["allocation"]; name: string; earns: string; costs: string }[] = [
  {
    value: "adaptive",
    name: "Send more visitors to what works better (recommended)",
    earns: "Fewer visitors see what works worse, also while you are still finding out.",
    costs: "It takes somewhat more visitors to say how large the difference is.",
  },
  {
    value: "fixed",
    name: "Even split until the end",
    earns: "The clearest measure of the difference, arm against arm.",
    costs: "As many visitors see what works worse as what works better, to the last day.",
  },
];

/** How newcomers are shared out, with what each way earns and costs. */
export function AllocationChoice({
  value,
  onChange,
}: {
  value: Draft["allocation"];
  onChange: (value: Draft["allocation"]) => void;
}) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-semibold">Who gets what</legend>
      {MODES.map((mode) => (
        <label
          key={mode.value}
          className="flex cursor-pointer gap-3 rounded-card border border-line-strong p-4 has-checked:border-accent has-checked:bg-sunken"
        >
          <input
            type="radio"
            name="allocation"
            value={mode.value}
            checked={mode.value === value}
            onChange={() => onChange(mode.value)}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
          <span>
            <span className="font-semibold">{mode.name}</span>
            <span className="block text-soft">
              {mode.earns} {mode.costs}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
