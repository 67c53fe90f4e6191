import { type ComponentProps, useId } from "react";

interface SelectProps extends Omit<ComponentProps<"select">, "onChange"> {
  label: string;
  /** The label stands beside it where there is room. */
  beside?: boolean;
  options: readonly { value: string; name: string }[];
  onChange: (value: string) => void;
}

/** One of several that would take too much room side by side. */
export function Select({ label, beside = false, options, onChange, className = "", ...rest }: SelectProps) {
  const id = useId();
  return (
    <div className={`flex flex-col gap-1 ${beside ? "sm:flex-row sm:items-center sm:gap-3" : ""}`}>
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      <select
        {...rest}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        className={`min-h-11 max-w-full rounded-card border border-line-strong bg-card px-3 ${className}`}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  );
}
