/**
 * Who a client is to the server, and the requests that say so.
 *
 * @module
 */

import type { Request } from "../../common/wire/protocol.ts";

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
export function loginRequest(identity: Identity, register = false): Request {
  const { name, password } = identity;
  if (password === undefined) return presenceRequest(identity);
  const user = { account_name: name, password };
  return register
    ? { event: "authenticate", user, register: true }
    : { event: "authenticate", user };
}

/** The request that tells others the status; before login it is how a guest logs in. */
export function presenceRequest({ name, status }: Pick<Identity, "name" | "status">): Request {
  const user = { account_name: name, ...(status === undefined ? {} : { status }) };
  return { event: "presence", type: "status", user };
}
