import { useState } from "react";
import { useSetAccount } from "../api/account";
import { useSession, useSignOut } from "../api/session";
import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { Command } from "../components/Command";
import { CredentialFields } from "../components/CredentialFields";
import { Keys } from "../components/Keys";
import { Fault, Notice } from "../components/Notice";
import { Page } from "../components/Page";
import { faultsOfCredentials } from "../lib/credentials";

/** How the owner signs in, and the secret keys. */
export function AccountPage() {
  const email = useSession().data?.user?.email ?? null;
  const signOut = useSignOut();
  return (
    <Page
      title="Account"
      aside={
        <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      }
    >
      {signOut.isError && <Fault fault={signOut.error} what="You are still signed in." />}
      <Card title="Sign in with a password">
        <SignInForm email={email} />
      </Card>
      <Card title="Secret keys">
        <Keys />
      </Card>
    </Page>
  );
}

function SignInForm({ email }: { email: string | null }) {
  const [credentials, setCredentials] = useState({ email: email ?? "", password: "" });
  const [faults, setFaults] = useState({});
  const set = useSetAccount();
  const submit = () => {
    set.reset();
    const found = faultsOfCredentials(credentials);
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    set.mutate(credentials, {
      onSuccess: ({ user }) => setCredentials({ email: user.email ?? "", password: "" }),
    });
  };
  return (
    <form
      noValidate
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className="text-soft">
        {email === null
          ? "Not set yet: once this browser is signed out, the way in is the link that this prints:"
          : `You sign in as ${email}. Without the password, the way in is the link that this prints:`}{" "}
        <Command>vibevariant setup-link</Command>
      </p>
      <CredentialFields value={credentials} faults={faults} onChange={setCredentials} />
      {set.isError && <Fault fault={set.error} what="Nothing was changed." />}
      {set.isSuccess && <Notice tone="good">Saved. From now on you can sign in with these.</Notice>}
      <div>
        <Button type="submit" kind="primary" busy={set.isPending}>
          {email === null ? "Set e-mail and password" : "Change e-mail and password"}
        </Button>
      </div>
    </form>
  );
}
