/**
 * What a server's last words say about trying again.
 *
 * @module
 */

import { type CloseReason, CODE } from "../../common/wire/protocol.ts";
import { ConnectionLostError, RefusedError } from "./errors.ts";

/** Codes after which another login under the same name would be refused as well. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  CODE.badRequest,
  CODE.unauthorized,
  CODE.wrongLogin,
  CODE.forbidden,
]);

/** Why a server has ended a connection for good: the name is somebody else's to use now, or nobody's. */
const FINAL_REASONS: ReadonlySet<string> = new Set<CloseReason>(["replaced", "blocked", "removed"]);

/**
 * Whether a client should not try to get its connection back: it was refused (400, 401, 402, 403), or replaced, or its
 * name was blocked or removed, or the server sends more than is kept. Trying again cannot mend it, or would only take the
 * name back from where the person went on.
 *
 * @param error Why the connection is lost, or an attempt to get it back has failed.
 */
export function isFinal(error: unknown): error is RefusedError | ConnectionLostError {
  if (error instanceof RefusedError) return FINAL_CODES.has(error.code);
  return error instanceof ConnectionLostError &&
    (error.reason === "overload" || FINAL_REASONS.has(error.announced ?? ""));
}

/** Why a server has ended a connection though it, or another node of it, soon takes connections. */
const SHORT_REASONS: ReadonlySet<string> = new Set<CloseReason>(["shutdown", "fenced"]);

/**
 * Whether the server has ended a connection because it shuts down, mostly to be started again soon, or because this node of
 * it has lost the others, which take connections.
 *
 * @param error Why the connection is lost, or an attempt to get it back has failed.
 */
export function isShutdown(error: unknown): boolean {
  return error instanceof ConnectionLostError && SHORT_REASONS.has(error.announced ?? "");
}

/** Codes of a server one of whose nodes has just died: the others do not hear each other yet, or it still holds the name. */
const PASSING_CODES: ReadonlySet<number> = new Set([CODE.conflict, CODE.serverError]);
/** Within this time after a node has died, the others have noticed and let go of its names. Milliseconds. */
const PASSING_MS = 15_000;

/**
 * Whether a server lets nobody in again (409, 500) so soon after the loss that it most likely passes by itself.
 *
 * @param error Why an attempt to get the connection back has failed.
 * @param lostForMs How long ago the connection was lost.
 */
export function isPassing(error: unknown, lostForMs: number): boolean {
  return error instanceof RefusedError && PASSING_CODES.has(error.code) && lostForMs < PASSING_MS;
}
