import { JimClient } from "../../../client/library/jim_client.ts";
import type { ClientEvent } from "../../../client/library/events.ts";
import type { ClientOptions } from "../../../client/library/options.ts";
import type { ScriptedServer } from "../../support/scripted_server.ts";

/** Reconnects at once. */
const QUICK = { firstMs: 1, maxMs: 1 };

/** Connects as eve and reconnects without a pause. */
export function connect(server: ScriptedServer, options: ClientOptions = {}): Promise<JimClient> {
  return JimClient.connect({
    hostname: "127.0.0.1",
    port: server.port,
    name: "eve",
    ...QUICK,
    ...options,
  });
}

/** A message from bob to eve. */
export function message(text: string, more: object = {}): object {
  return { event: "msg", time: 7, to: "eve", from: "bob", message: text, ...more };
}

/** Collects events until one of that type comes. */
export async function next<Type extends ClientEvent["type"]>(
  events: AsyncIterableIterator<ClientEvent, undefined>,
  type: Type,
): Promise<ClientEvent & { type: Type }> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The client ended before '${type}'`);
    if (value.type === type) return value as ClientEvent & { type: Type };
  }
}
