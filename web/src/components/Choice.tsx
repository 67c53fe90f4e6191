import type { LucideIcon } from "lucide-react";
import { useId } from "react";

interface ChoiceProps<T extends string> {
  /** What is chosen, for those who hear the page. */
  label: string;
  options: readonly { value: T; name: string; Sign?: LucideIcon }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few, all in sight. An option with a sign shows that alone, and says its name. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className="flex w-fit flex-wrap rounded-card border border-line bg-card p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          title={option.Sign && option.name}
          className={`relative flex min-h-11 min-w-11 cursor-pointer items-center justify-center rounded-lg text-soft hover:text-ink has-checked:bg-sunken has-checked:text-accent has-checked:shadow-[inset_0_-2px_var(--accent)] has-focus-visible:outline-2 has-focus-visible:outline-accent ${option.Sign ? "" : "px-2 font-semibold sm:px-3"}`}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.Sign && <option.Sign aria-hidden size={18} />}
          <span className={option.Sign && "sr-only"}>{option.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
