export function ExperimentPage({ project, experimentKey }: { project: string; experimentKey: string }) {
  return (
    <h1>
      {project} {experimentKey}
    </h1>
  );
}
