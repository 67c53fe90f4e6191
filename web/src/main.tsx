import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { App } from "./App";
import { Refused } from "./api/client";
import { noticeSessionOver } from "./api/session";
import { applyTheme } from "./lib/theme";
import "./styles.css";

applyTheme();

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root.");

const onError = (fault: Error) => noticeSessionOver(queries, fault);
const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // What the appliance refuses it refuses again; what did not arrive is worth another try.
    queries: { retry: (failures, fault) => !(fault instanceof Refused) && failures < 3 },
  },
});

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      {/* The place stands in the fragment: one file serves every page, under any path. */}
      <Router hook={useHashLocation}>
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
