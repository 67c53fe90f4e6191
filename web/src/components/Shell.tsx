import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { Mark } from "./Mark";
import { ThemeChoice } from "./ThemeChoice";

/** What stands around every page: the way past it, the name, the ways to the other pages. */
export function Shell({ navigation, children }: { navigation: boolean; children: ReactNode }) {
  const [location] = useLocation();
  return (
    <>
      {/* No link to #main: here the fragment is the place of a page. */}
      <button
        type="button"
        onClick={() => document.getElementById("main")?.focus()}
        className="sr-only rounded-card bg-card px-4 py-3 font-semibold focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10"
      >
        Skip to the content
      </button>
      <header className="border-line border-b bg-card">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-6 px-4 py-2 sm:px-6">
          <Link
            href="/experiments"
            className="flex min-h-11 items-center gap-2 font-semibold text-ink no-underline hover:no-underline"
          >
            <Mark />
            VibeVariant
          </Link>
          {navigation && (
            <nav
              aria-label="Pages"
              className="order-last -mx-2 flex w-[calc(100%+1rem)] justify-between text-sm sm:order-none sm:w-auto sm:justify-start sm:gap-1 sm:text-base"
            >
              <Way to="/experiments" location={location}>
                Experiments
              </Way>
              <Way to="/start" location={location}>
                Set up
              </Way>
              <a href="./docs" className={WAY}>
                Documentation
              </a>
              <Way to="/account" location={location}>
                Account
              </Way>
            </nav>
          )}
          <div className="ml-auto">
            <ThemeChoice />
          </div>
        </div>
      </header>
      {children}
    </>
  );
}

const WAY =
  "flex min-h-11 min-w-11 items-center justify-center px-2 font-semibold text-soft no-underline hover:text-ink hover:no-underline aria-[current]:text-ink aria-[current]:shadow-[inset_0_-2px_var(--accent)]";

function Way({ to, location, children }: { to: string; location: string; children: string }) {
  const current = location === to ? "page" : location.startsWith(`${to}/`) ? "true" : undefined;
  return (
    <Link href={to} aria-current={current} className={WAY}>
      {children}
    </Link>
  );
}
