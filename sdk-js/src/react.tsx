/** @vibevariant/sdk/react: arms in components. The build puts "use client" before it. */

import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { type Client, createClient, type Options } from "./index.js";

export type ProviderProps = { children?: ReactNode } & (Options | { client: Client });

const Context = createContext<Client | undefined>(undefined);

/** Gives the components below it a client: yours, or one that is made of the options and lives as long as this. */
export function VibeVariantProvider(props: ProviderProps): ReactElement {
  const given = "client" in props ? props.client : undefined;
  // React may render a tree and throw it away, or render it twice: what is made here does nothing until the effect.
  const [own] = useState(() => ("client" in props ? undefined : createClient({ ...props, open: false })));
  useEffect(() => {
    own?.open();
    return () => void own?.close();
  }, [own]);
  return createElement(Context.Provider, { value: given ?? own }, props.children);
}

/**
 * The arm to show. While the server renders and the browser takes its page over, that is the arm of `bootstrap` or
 * the control. Once it is on the screen it counts as shown, unless `expose` is false. Without a provider, the control.
 */
export function useVariant<const A extends readonly string[]>(
  key: string,
  arms: A,
  { expose = true }: { expose?: boolean } = {},
): A[number] {
  const client = useContext(Context);
  const arm = useSyncExternalStore(
    client?.subscribe ?? nothing,
    () => (client ? client.variant(key, arms) : arms[0]),
    () => {
      const rendered = client?.bootstrap[key] ?? "";
      return arms.includes(rendered) ? rendered : arms[0];
    },
  ) as A[number];
  useEffect(() => {
    if (expose) client?.expose(key, arm);
  }, [client, key, arm, expose]);
  return arm;
}

/** `track` of the client; always the same function. */
export function useTrack(): Client["track"] {
  return useContext(Context)?.track ?? nothing;
}

function nothing(): () => void {
  return nothing;
}
