/**
 * What every mode starts.
 *
 * @module
 */

import { certificateOf, type ClientOptions, type Place, type Runtime } from "./commands.ts";
import type { ServerChoice } from "./flags.ts";

/** A chat that is to be started. */
export interface ChatPlan {
  /** The Deno and the scripts to run. */
  runtime: Runtime;
  /** An own server or one that runs already. */
  server: ServerChoice;
  /** The clients' names. */
  names: readonly string[];
  /** The clients' language; `undefined`: their own choice. */
  lang: string | undefined;
}

/** How one of the plan's clients is started, once it is known where the server is. */
export function clientOptions(
  plan: ChatPlan,
  name: string,
  place: Place,
): Omit<ClientOptions, "marks"> {
  const { server, lang } = plan;
  const certificate = server.kind === "own" ? certificateOf(server.args) : server.ca;
  const tls = server.kind === "own" ? certificate !== undefined : server.tls;
  return { name, place, lang, tls, certificate };
}
