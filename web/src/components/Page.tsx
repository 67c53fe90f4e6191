import { type ReactNode, useEffect } from "react";

interface PageProps {
  title: string;
  /** The heading steps back, for a page on which something else is said loudest. */
  quiet?: boolean;
  /** What stands beside the title: a status, a button. */
  aside?: ReactNode;
  children: ReactNode;
}

/** The frame of one page: its heading, which names the browser's tab too, and its parts below each other. */
export function Page({ title, quiet = false, aside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · VibeVariant`;
  }, [title]);
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex w-full max-w-5xl flex-col gap-4 px-4 py-6 outline-none sm:px-6 sm:py-8"
    >
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className={`wrap-anywhere ${quiet ? "text-lg" : "text-xl"}`}>{title}</h1>
        {aside}
      </header>
      {children}
    </main>
  );
}
