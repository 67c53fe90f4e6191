import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

interface MoreProps {
  title: ReactNode;
  open?: boolean;
  /** Somebody opened it: what costs much to draw may wait for that. */
  onOpen?: () => void;
  children: ReactNode;
}

/** What few need: there, and out of the way. */
export function More({ title, open, onOpen, children }: MoreProps) {
  return (
    <details open={open} onToggle={(toggled) => toggled.currentTarget.open && onOpen?.()}>
      <summary className="-mx-1 flex min-h-11 w-fit list-none items-center gap-1 rounded-lg px-1 text-soft hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          size={16}
          className="shrink-0 transition-transform duration-150 [details[open]>summary>&]:rotate-90"
        />
        {title}
      </summary>
      <div className="flex flex-col gap-4 pt-1 pb-2">{children}</div>
    </details>
  );
}
