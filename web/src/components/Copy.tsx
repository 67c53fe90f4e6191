import { Check, Copy as CopySign } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button";

interface CopyProps {
  text: string;
  label: string;
  /** What is too long for a line goes on below instead of out of sight: sentences, and keys. */
  prose?: boolean;
}

/** Lines to paste elsewhere, with the button that takes them along. */
export function Copy({ text, label, prose = false }: CopyProps) {
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    // Browsers offer the clipboard to pages on https and on localhost only.
    (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <div className="flex flex-col gap-2">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-card border border-line bg-sunken p-4 text-sm"
      >
        <pre className={prose ? "whitespace-pre-wrap wrap-anywhere" : ""}>
          <code>{text}</code>
        </pre>
      </section>
      <div className="flex items-center gap-3">
        <Button onClick={copy}>
          {copied ? <Check aria-hidden size={18} /> : <CopySign aria-hidden size={18} />}
          {copied ? "Copied" : "Copy"}
        </Button>
        <span role="status" className="text-sm text-soft">
          {copied === false && "This browser does not let a page copy: select the lines above."}
        </span>
      </div>
    </div>
  );
}
