import { useMakeProject } from "../api/projects";
import { Button } from "./Button";
import { Fault } from "./Notice";

/** Every experiment belongs to a project, and there is none: the first run's was deleted. */
export function NoProject() {
  const make = useMakeProject();
  return (
    <div className="flex flex-col items-start gap-4">
      <p className="max-w-[60ch]">
        A project stands for one site, and has the token that the site uses. There is none.
      </p>
      {make.isError && <Fault fault={make.error} what="The project was not made." />}
      <Button
        kind="primary"
        busy={make.isPending}
        onClick={() => make.mutate({ key: "my-site", name: "My site" })}
      >
        Make a project
      </Button>
    </div>
  );
}
