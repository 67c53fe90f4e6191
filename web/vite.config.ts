import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const APPLIANCE = process.env.VIBEVARIANT_URL ?? "http://localhost:8000";

export default defineConfig({
  plugins: [react(), tailwind()],
  // Every address is relative, so that the page works under any path a proxy gives it.
  base: "./",
  build: {
    outDir: process.env.PAGE_OUT ?? "../vibevariant/dashboard",
    emptyOutDir: true,
    // light-dark() and nesting stand as written: what these browsers read needs no translation.
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // Nothing inlined: the content policy lets in files of our own alone.
    assetsInlineLimit: 0,
  },
  server: {
    // `npm run dev` draws the page of a running appliance; VIBEVARIANT_URL names another.
    proxy: Object.fromEntries(
      ["/api", "/docs", "/openapi.json", "/health", "/sdk"].map((path) => [path, APPLIANCE]),
    ),
  },
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"], restoreMocks: true },
});
