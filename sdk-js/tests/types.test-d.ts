import { expectTypeOf, test } from "vitest";
import { type Client, createClient, type Options } from "../src/index.js";
import { useTrack, useVariant } from "../src/react.js";

declare const client: Client;
declare const names: string[];

test("an arm has the type of the arms that the code names", () => {
  expectTypeOf(client.variant("hero", ["control", "bold"])).toEqualTypeOf<"control" | "bold">();
  expectTypeOf(client.variant("hero", names)).toEqualTypeOf<string>();
  expectTypeOf(() => useVariant("hero", ["control", "bold"])).returns.toEqualTypeOf<"control" | "bold">();
  // @ts-expect-error: no such arm
  if (client.variant("hero", ["control", "bold"]) === "blod") return;
});

test("a payload has the type that is asked for, or is null", () => {
  expectTypeOf(client.payload("hero")).toEqualTypeOf<unknown>();
  expectTypeOf(client.payload<{ title: string }>("hero")).toEqualTypeOf<{ title: string } | null>();
});

test("the details of an event are its value and its properties, and nothing else", () => {
  expectTypeOf(client.track).toBeCallableWith("signup");
  expectTypeOf(client.track).toBeCallableWith("purchase", {
    value: 9,
    properties: { plan: "pro", trial: true },
  });
  // @ts-expect-error: a property stands under `properties`
  client.track("purchase", { plan: "pro" });
  // @ts-expect-error: a property is a plain value
  client.track("purchase", { properties: { plan: {} } });
  expectTypeOf(useTrack).returns.toEqualTypeOf<Client["track"]>();
});

test("an address and a token are needed", () => {
  expectTypeOf(createClient).toBeCallableWith({ url: "/vv", token: "vv_proj_…" });
  // @ts-expect-error: no token
  createClient({ url: "/vv" });
  expectTypeOf<Options["storage"]>().toEqualTypeOf<"cookie" | "local" | "memory" | undefined>();
});
