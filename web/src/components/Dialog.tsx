import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A question that must be answered first. It is open as long as it is there; Escape answers no. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it leaves the page, so that the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={() => dialog.current?.open === false && onClose()}
      className="m-auto w-[min(36rem,calc(100vw-2rem))] rounded-card border border-line bg-card p-4 text-ink shadow-xl backdrop:bg-[rgb(0_0_0/0.45)] sm:p-6"
    >
      <h2 id={id} className="mb-4 text-lg">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
