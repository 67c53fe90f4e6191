import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { storedTheme, storeTheme } from "../lib/theme";
import { Choice } from "./Choice";

const THEMES = [
  { value: "system", name: "As the system", Sign: Monitor },
  { value: "light", name: "Light", Sign: Sun },
  { value: "dark", name: "Dark", Sign: Moon },
] as const;

export function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Choice
      label="Colours of this page"
      options={THEMES}
      value={theme}
      onChange={(chosen) => {
        storeTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}
