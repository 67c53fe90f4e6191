import { useState } from "react";
import { type SecretKey, useKeys, useMakeKey, useRevokeKey } from "../api/keys";
import { date } from "../lib/time";
import { Button } from "./Button";
import { Copy } from "./Copy";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { More } from "./More";
import { Fault } from "./Notice";
import { Waiting } from "./Waiting";

/** The secret keys: listed, made, and revoked. */
export function Keys() {
  const keys = useKeys();
  if (keys.data === undefined)
    return keys.isError ? (
      <Fault fault={keys.error} what="Your keys cannot be listed." />
    ) : (
      <Waiting what="Looking at your keys …" />
    );
  const inForce = keys.data.filter((key) => key.revoked_at === null);
  const revoked = keys.data.filter((key) => key.revoked_at !== null);
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-[70ch] text-soft">
        With one of these your own programs manage experiments through the API. They are secret: a page that
        everybody can read never holds one.
      </p>
      {inForce.length > 0 && (
        <ul aria-label="Keys in force" className="flex flex-col divide-y divide-line">
          {inForce.map((key) => (
            <KeyLine key={key.prefix} secret={key} />
          ))}
        </ul>
      )}
      <NewKey />
      {revoked.length > 0 && (
        <More title={`Revoked keys (${revoked.length})`}>
          <ul className="flex flex-col gap-1 text-sm text-soft">
            {revoked.map((key) => (
              <li key={key.prefix}>
                {key.name}, <code>{key.prefix}…</code>, revoked {date(key.revoked_at ?? 0)}
              </li>
            ))}
          </ul>
        </More>
      )}
    </div>
  );
}

function KeyLine({ secret }: { secret: SecretKey }) {
  const [asking, setAsking] = useState(false);
  const revoke = useRevokeKey();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="break-words font-semibold">{secret.name}</p>
        <p className="text-sm text-soft">
          <code>{secret.prefix}…</code>, made {date(secret.created_at)}
          {secret.project !== null && `, for ${secret.project} alone`}
        </p>
      </div>
      <Button kind="harm" aria-label={`Revoke ${secret.name}`} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      {asking && (
        <Dialog title={`Revoke “${secret.name}”?`} onClose={() => setAsking(false)}>
          <p>Programs that use it are refused from now on. This cannot be undone; another key can be made.</p>
          {revoke.isError && <Fault fault={revoke.error} what="The key was not revoked." />}
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button kind="harm" busy={revoke.isPending} onClick={() => revoke.mutate(secret.prefix)}>
              Revoke it
            </Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

function NewKey() {
  const [name, setName] = useState("");
  const make = useMakeKey();
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") make.mutate({ name: name.trim() }, { onSuccess: () => setName("") });
      }}
    >
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 max-w-md grow">
          <Field
            label="A new key for"
            name="key-name"
            placeholder="The deploy script"
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Button type="submit" busy={make.isPending}>
          Make a key
        </Button>
      </div>
      {make.isError && <Fault fault={make.error} what="The key was not made." />}
      {make.data !== undefined && (
        <div role="status" className="flex flex-col gap-2">
          <p>
            The key “{make.data.name}”, shown <strong className="font-semibold">this once</strong>: copy it
            now.
          </p>
          <Copy prose label="The new key" text={make.data.key} />
        </div>
      )}
    </form>
  );
}
