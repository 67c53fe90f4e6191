import { useState } from "react";
import { useForgetting, useSignIn } from "../api/session";
import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { Copy } from "../components/Copy";
import { Field } from "../components/Field";
import { Fault } from "../components/Notice";
import { Page } from "../components/Page";

/** Stands in the place of whatever page was asked for; after it that page stands there. */
export function SignInPage({ hasOwner }: { hasOwner: boolean }) {
  useForgetting();
  return (
    <Page title={hasOwner ? "Sign in" : "Nobody owns this appliance yet"}>
      <div className="flex max-w-md flex-col gap-4">
        {hasOwner && (
          <Card>
            <Form />
          </Card>
        )}
        <p>
          {hasOwner
            ? "No password, or forgotten? Where the appliance runs, this prints a link that signs you in:"
            : "Open the link that was printed when it started. If it is gone, this prints another where the appliance runs:"}
        </p>
        <Copy label="Command" text="vibevariant setup-link" />
      </div>
    </Page>
  );
}

function Form() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate({ email, password });
      }}
    >
      {signIn.isError && <Fault fault={signIn.error} what="You are not signed in." />}
      <Field
        label="E-mail address"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <div>
        <Button type="submit" kind="primary" busy={signIn.isPending}>
          Sign in
        </Button>
      </div>
    </form>
  );
}
