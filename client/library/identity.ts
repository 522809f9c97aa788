/**
 * Who a client is to the server, and the requests that say so.
 *
 * @module
 */

import type { PresenceRequest, Request } from "../../common/wire/protocol.ts";
import type { LoginOptions } from "./options.ts";

/** Under which name a client is online. */
export interface Identity {
  /** The account's name, or a guest's. */
  readonly name: string;
  /** The password; without it one is a guest. */
  readonly password: string | undefined;
  /** The status that others see, once one was set. */
  status: string | undefined;
  /** Why one does not answer, as long as one is away. */
  away?: string | undefined;
}

/** What proves to the server that a client comes back. */
export interface Proof {
  /** The token that the server gave last. Nobody is to see it. */
  readonly token: string;
  /** All frames of the session up to this number were dealt with. */
  readonly seen: number;
}

/** What is asked for at a login. */
export interface LoginWishes extends Pick<LoginOptions, "register" | "invite" | "takeover"> {
  /** Go on with the session that this proves, or, with `true`, begin one that can be gone on with. */
  readonly resume?: Proof | boolean;
}

/** What of the server's offers this client can deal with. */
const FEATURES: readonly string[] = ["gathered"];

/** The request that logs in: `authenticate` with a password, or a token in its place; `presence` of a guest. */
export function loginRequest(
  identity: Identity,
  { register = false, invite, takeover = false, resume = false }: LoginWishes = {},
): Request {
  const { name, password } = identity;
  const numbering = typeof resume === "object"
    ? { resume: resume.token, seen: resume.seen }
    : { ...(resume && { resume }) };
  if (password === undefined) {
    return { ...presenceRequest(identity), ...numbering, features: FEATURES };
  }
  const proof = typeof resume === "object" ? {} : { password };
  return {
    event: "authenticate",
    user: { account_name: name, ...proof },
    ...(register && { register }),
    ...(register && invite !== undefined && { invite }),
    ...(takeover && { takeover }),
    ...numbering,
    features: FEATURES,
  };
}

/**
 * The request that tells others the status, and whether one is away: that has to be in each, or one is back. Before login
 * it is how a guest logs in.
 */
export function presenceRequest(
  { name, status, away }: Pick<Identity, "name" | "status" | "away">,
): PresenceRequest {
  const user = {
    account_name: name,
    ...(status !== undefined && { status }),
    ...(away !== undefined && { away }),
  };
  return { event: "presence", type: "status", user };
}
