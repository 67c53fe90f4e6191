/** The mark of VibeVariant, the picture of public/icon.svg. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-7 shrink-0" fill="none">
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <g stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M7 9l5.5 14L18 9" />
        <path d="M16 23l5-14 4.5 14" strokeOpacity=".55" />
      </g>
    </svg>
  );
}
