import { type ComponentProps, useId } from "react";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  help?: string;
  fault?: string | undefined;
}

/** A line of input with its label, what it is for, and what is wrong with it. */
export function Field({ label, help, fault, className = "", ...rest }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      {help !== undefined && (
        <p id={`${id}-help`} className="text-sm text-soft">
          {help}
        </p>
      )}
      <input
        {...rest}
        id={id}
        aria-describedby={described || undefined}
        aria-invalid={fault !== undefined || undefined}
        className={`min-h-11 rounded-card border border-line-strong bg-card px-3 aria-invalid:border-harm ${className}`}
      />
      {fault !== undefined && (
        <p id={`${id}-fault`} role="alert" className="text-sm text-harm">
          {fault}
        </p>
      )}
    </div>
  );
}
