import { useEffect, useState } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { useSession } from "../api/session";
import { useLink, useSetup } from "../api/setup";
import { Button, buttonLook } from "../components/Button";
import { Card } from "../components/Card";
import { Command } from "../components/Command";
import { Copy } from "../components/Copy";
import { CredentialFields } from "../components/CredentialFields";
import { More } from "../components/More";
import { Fault, Notice } from "../components/Notice";
import { Page } from "../components/Page";
import { Waiting } from "../components/Waiting";
import { faultsOfCredentials } from "../lib/credentials";

/** Where the one-time link leads: it makes the owner, or signs the owner in. */
export function SetupPage({ token }: { token: string | undefined }) {
  const [, navigate] = useLocation();
  // The token leaves the address bar with its use; what it led to stays on the page.
  const [opened, setOpened] = useState(token);
  if (token !== undefined && token !== opened) setOpened(token);
  const session = useSession();
  const link = useLink(opened);
  const setup = useSetup();

  const used = setup.isSuccess && setup.variables.token === opened;
  useEffect(() => {
    if (used) navigate("/setup", { replace: true });
  }, [used, navigate]);

  if (used)
    return setup.data.secret_key === null ? (
      <Redirect to="/experiments" replace />
    ) : (
      <Ready secretKey={setup.data.secret_key} />
    );
  if (opened === undefined) return <Redirect to="/start" replace />;
  if (link.isPending || session.isPending)
    return (
      <Page title="VibeVariant">
        <Waiting what="Looking at your link …" />
      </Page>
    );
  if (link.isError)
    return (
      <Page title="No answer">
        <Fault fault={link.error} what="The link could not be looked at." />
        <div>
          <Button kind="primary" onClick={() => link.refetch()}>
            Try again
          </Button>
        </div>
      </Page>
    );
  if (!link.data.good) return session.data?.signed_in ? <Redirect to="/experiments" replace /> : <NotGood />;
  return <Welcome token={opened} firstRun={link.data.first_run} setup={setup} />;
}

interface WelcomeProps {
  token: string;
  firstRun: boolean;
  setup: ReturnType<typeof useSetup>;
}

function Welcome({ token, firstRun, setup }: WelcomeProps) {
  const [credentials, setCredentials] = useState({ email: "", password: "" });
  const [faults, setFaults] = useState({});
  const begin = () => {
    const wanted = credentials.email !== "" || credentials.password !== "";
    const found = wanted ? faultsOfCredentials(credentials) : {};
    setFaults(found);
    if (Object.keys(found).length === 0)
      setup.mutate({ token, make_key: firstRun, ...(wanted ? credentials : {}) });
  };
  return (
    <Page title={firstRun ? "Welcome to VibeVariant" : "Welcome back"}>
      <form
        noValidate
        className="flex max-w-xl flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <p className="max-w-[60ch]">
          {firstRun
            ? "Find out which version of your site works better, from the first visitor on. Everything stays on this machine: no account elsewhere, nothing to configure."
            : "This link signs you in as the owner of this appliance, in this browser, for 30 days."}
        </p>
        <More title={firstRun ? "Sign in with a password later (optional)" : "Set a new password (optional)"}>
          <p className="max-w-[60ch] text-soft">
            Without one you stay signed in here for 30 days, and <Command>vibevariant setup-link</Command>{" "}
            prints another link whenever you need it.
          </p>
          <CredentialFields value={credentials} faults={faults} onChange={setCredentials} />
        </More>
        {setup.isError && <Fault fault={setup.error} what="That did not work." />}
        <div>
          <Button type="submit" kind="primary" busy={setup.isPending}>
            {firstRun ? "Start using VibeVariant" : "Sign in as the owner"}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function Ready({ secretKey }: { secretKey: string }) {
  return (
    <Page title="You are the owner now">
      <Notice tone="good">This browser stays signed in for 30 days.</Notice>
      <Card title="A secret key, shown this once">
        <div className="flex flex-col gap-4">
          <p className="max-w-[70ch] text-soft">
            It lets your own programs manage experiments, and never belongs into a page; without such programs
            you may ignore it, for Account makes another at any time.
          </p>
          <Copy prose label="Your secret key" text={secretKey} />
        </div>
      </Card>
      <div>
        <Link href="/start" className={buttonLook("primary")}>
          Set up your site
        </Link>
      </div>
    </Page>
  );
}

function NotGood() {
  return (
    <Page title="This link is used up">
      <div className="flex max-w-xl flex-col gap-4">
        <p>A link works once, for 30 minutes. Where the appliance runs, this prints another:</p>
        <Copy label="Command" text="vibevariant setup-link" />
        <p className="text-soft">
          Or <Link href="/experiments">sign in with your e-mail address and password</Link>, if you have set
          them.
        </p>
      </div>
    </Page>
  );
}
