import { type Credentials, SHORTEST_PASSWORD } from "../lib/credentials";
import { Field } from "./Field";

interface CredentialFieldsProps {
  value: Credentials;
  faults: Partial<Credentials>;
  onChange: (value: Credentials) => void;
}

/** An e-mail address and a new password to sign in with. */
export function CredentialFields({ value, faults, onChange }: CredentialFieldsProps) {
  return (
    <>
      <Field
        label="E-mail address"
        type="email"
        name="email"
        autoComplete="username"
        value={value.email}
        fault={faults.email}
        onChange={(event) => onChange({ ...value, email: event.target.value })}
      />
      <Field
        label="New password"
        type="password"
        name="password"
        autoComplete="new-password"
        help={`At least ${SHORTEST_PASSWORD} characters.`}
        value={value.password}
        fault={faults.password}
        onChange={(event) => onChange({ ...value, password: event.target.value })}
      />
    </>
  );
}
