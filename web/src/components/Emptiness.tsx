import type { ReactNode } from "react";

/** A list without anything in it: a drawing, a sentence, and the one thing to do. */
export function Emptiness({ sentence, children }: { sentence: string; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-6 rounded-card border border-line border-dashed px-4 py-12 text-center">
      <Fork />
      <p className="max-w-[46ch] text-lg">{sentence}</p>
      {children}
    </div>
  );
}

/** Visitors come along one way, which parts in two; more of them take the one that leads somewhere. */
function Fork() {
  return (
    <svg viewBox="0 0 240 96" aria-hidden className="w-60 max-w-full" fill="none">
      <g stroke="var(--line-strong)" strokeWidth="1.5" strokeLinecap="round">
        <path d="M8 48h64" />
        <path d="M72 48c34 0 30-30 64-30h52" stroke="var(--arm-1)" />
        <path d="M72 48c34 0 30 30 64 30h52" stroke="var(--arm-0)" strokeDasharray="5 4" />
      </g>
      <g fill="var(--card)" stroke="var(--line-strong)" strokeWidth="1.5">
        <circle cx="16" cy="48" r="4" />
        <circle cx="34" cy="48" r="4" />
        <circle cx="52" cy="48" r="4" />
      </g>
      <g fill="var(--card)" stroke="var(--arm-1)" strokeWidth="1.5">
        <circle cx="120" cy="21" r="4" />
        <circle cx="142" cy="18" r="4" />
        <circle cx="164" cy="18" r="4" />
      </g>
      <circle cx="146" cy="78" r="4" fill="var(--card)" stroke="var(--arm-0)" strokeWidth="1.5" />
      <path
        d="M206 8l3.2 6.6 7.3 1-5.3 5.1 1.3 7.3-6.5-3.5-6.5 3.5 1.3-7.3-5.3-5.1 7.3-1z"
        stroke="var(--arm-1)"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <circle cx="206" cy="78" r="7" stroke="var(--arm-0)" strokeWidth="1.5" strokeDasharray="3 3" />
    </svg>
  );
}
