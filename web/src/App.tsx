import { Redirect, Route, Switch } from "wouter";
import { ExperimentPage } from "./pages/Experiment";
import { ExperimentsPage } from "./pages/Experiments";

/** Every page, in order: the site map. */
export function App() {
  return (
    <Switch>
      <Route path="/experiments" component={ExperimentsPage} />
      <Route path="/experiments/:project/:key">
        {({ project, key }) => <ExperimentPage project={project} experimentKey={key} />}
      </Route>
      <Route>
        <Redirect to="/experiments" replace />
      </Route>
    </Switch>
  );
}
