/** Light, dark, or as the system has it; kept in this browser. */
export type Theme = "system" | "light" | "dark";

const KEY = "vv-theme";

export function storedTheme(): Theme {
  const stored = read();
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing shows what was chosen until the page is left.
  }
  applyTheme(theme);
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
