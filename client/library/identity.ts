/**
 * Who a client is to the server, and the requests that say so.
 *
 * @module
 */

import type { Request } from "../../common/wire/protocol.ts";
import type { LoginOptions } from "./options.ts";

/** Under which name a client is online. */
export interface Identity {
  /** The account's name, or a guest's. */
  readonly name: string;
  /** The password; without it one is a guest. */
  readonly password: string | undefined;
  /** The status that others see, once one was set. */
  status: string | undefined;
}

/** The request that logs in: `authenticate` with a password, `presence` without. */
export function loginRequest(
  identity: Identity,
  { register = false, takeover = false }: Pick<LoginOptions, "register" | "takeover"> = {},
): Request {
  const { name, password } = identity;
  if (password === undefined) return presenceRequest(identity);
  return {
    event: "authenticate",
    user: { account_name: name, password },
    ...(register && { register }),
    ...(takeover && { takeover }),
  };
}

/** The request that tells others the status; before login it is how a guest logs in. */
export function presenceRequest({ name, status }: Pick<Identity, "name" | "status">): Request {
  const user = { account_name: name, ...(status === undefined ? {} : { status }) };
  return { event: "presence", type: "status", user };
}
