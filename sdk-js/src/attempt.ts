/** What may throw in somebody's browser, and must not in somebody's page: none then. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
