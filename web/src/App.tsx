import { type ReactNode, useEffect, useRef } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useSession } from "./api/session";
import { Broken } from "./components/Broken";
import { Button } from "./components/Button";
import { Fault } from "./components/Notice";
import { Page } from "./components/Page";
import { Shell } from "./components/Shell";
import { Waiting } from "./components/Waiting";
import { AccountPage } from "./pages/Account";
import { ExperimentPage } from "./pages/Experiment";
import { ExperimentsPage } from "./pages/Experiments";
import { NewExperimentPage } from "./pages/NewExperiment";
import { SetupPage } from "./pages/Setup";
import { SignInPage } from "./pages/SignIn";
import { StartPage } from "./pages/Start";

/** Every page, in order: the site map. */
export function App() {
  useArrival();
  return (
    <Switch>
      <Route path="/setup/:token?">
        {({ token }) => (
          <Framed>
            <SetupPage token={token} />
          </Framed>
        )}
      </Route>
      <Route>
        <SignedIn>
          <Switch>
            <Route path="/start/:project?/:key?">
              {({ project, key }) => (
                <StartPage key={`${project} ${key}`} askedProject={project} askedExperiment={key} />
              )}
            </Route>
            <Route path="/experiments" component={ExperimentsPage} />
            <Route path="/experiments/new" component={NewExperimentPage} />
            <Route path="/experiments/:project/:key">
              {({ project, key }) => (
                <ExperimentPage key={`${project} ${key}`} project={project} experimentKey={key} />
              )}
            </Route>
            <Route path="/account" component={AccountPage} />
            <Route>
              <Redirect to="/experiments" replace />
            </Route>
          </Switch>
        </SignedIn>
      </Route>
    </Switch>
  );
}

/** Shows the pages to whoever is signed in. Others sign in right here, so that they then are where they wanted to be. */
function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  if (session.isPending)
    return (
      <main className="px-4 sm:px-6">
        <Waiting what="Looking whether you are signed in …" />
      </main>
    );
  if (session.isError)
    return (
      <Framed>
        <Page title="No answer">
          <Fault fault={session.error} what="The page could not begin." />
          <div>
            <Button kind="primary" onClick={() => session.refetch()}>
              Try again
            </Button>
          </div>
        </Page>
      </Framed>
    );
  if (!session.data.signed_in)
    return (
      <Framed>
        <SignInPage hasOwner={session.data.has_owner} />
      </Framed>
    );
  return <Framed navigation>{children}</Framed>;
}

function Framed({ navigation = false, children }: { navigation?: boolean; children: ReactNode }) {
  const [location] = useLocation();
  return (
    <Shell navigation={navigation}>
      <Broken where={location}>{children}</Broken>
    </Shell>
  );
}

/** Another page begins at its top, and is where keyboard and screen reader go on, as after a load. */
function useArrival() {
  const [location] = useLocation();
  const last = useRef(location);
  useEffect(() => {
    if (last.current === location) return;
    last.current = location;
    window.scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [location]);
}
