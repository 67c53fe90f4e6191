/** A command to run where the appliance runs. */
export function Command({ children }: { children: string }) {
  return <code className="rounded bg-sunken px-1.5 py-0.5 text-sm whitespace-nowrap">{children}</code>;
}
