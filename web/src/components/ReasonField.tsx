import { Field } from "./Field";

/** What speaks for a change: one line that the history keeps. */
export function ReasonField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field
      label="Why?"
      name="reason"
      help="One line for the history. May stay empty."
      maxLength={500}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
