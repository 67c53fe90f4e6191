import { type ComponentProps, useId } from "react";

interface TextFieldProps extends ComponentProps<"textarea"> {
  label: string;
  help?: string;
  fault?: string | undefined;
}

/** Several lines of input, of the kind that programs read, with their label and what is wrong with them. */
export function TextField({ label, help, fault, ...rest }: TextFieldProps) {
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
      <textarea
        rows={3}
        spellCheck={false}
        {...rest}
        id={id}
        aria-describedby={described || undefined}
        aria-invalid={fault !== undefined || undefined}
        className="rounded-card border border-line-strong bg-card px-3 py-2 font-mono text-sm aria-invalid:border-harm"
      />
      {fault !== undefined && (
        <p id={`${id}-fault`} role="alert" className="text-sm text-harm">
          {fault}
        </p>
      )}
    </div>
  );
}
