import type { ButtonHTMLAttributes } from "react";

type Kind = "primary" | "plain" | "harm";

const LOOKS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong border-transparent",
  plain: "bg-card text-ink hover:bg-sunken border-line-strong",
  harm: "bg-card text-harm hover:bg-harm-ground border-harm",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** What it does is under way: it says so, and does not start twice. */
  busy?: boolean;
}

/** One page has one primary button: the one thing to do next. */
export function Button({ kind = "plain", busy = false, disabled, className = "", ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={`${buttonLook(kind)} disabled:opacity-60 ${className}`}
    />
  );
}

/** The look of a button, for a link that does what a button would. */
export function buttonLook(kind: Kind = "plain"): string {
  return `inline-flex min-h-11 items-center justify-center gap-2 rounded-card border px-4 font-semibold no-underline hover:no-underline ${LOOKS[kind]}`;
}
