/**
 * The states of a client's session, and which follows on which.
 *
 * @module
 */

import type { Timer } from "../../common/clock.ts";
import type { Connection } from "./connection.ts";

/** A session that was lost, on its way back. */
export interface Lost {
  /** When the connection was lost; monotonic milliseconds. */
  readonly lostMs: number;
  /** Attempts to get it back since a connection has lasted, the one that comes next or is under way included; without those that a refusal ended that passes. */
  readonly attempts: number;
  /** Whether the server has said that it shuts down: mostly another one takes its place. */
  readonly isRestart: boolean;
  /** Whether the server had given a token for the session. */
  readonly hadToken: boolean;
}

/** Where a session is, with what it has there and nowhere else. */
export type SessionState =
  /** There is no connection, and nobody has logged in yet. */
  | { readonly name: "disconnected" }
  /** There is a connection, and nobody has logged in yet. */
  | { readonly name: "connected"; readonly connection: Connection }
  /** Logged in: requests go out. */
  | {
    readonly name: "online";
    readonly connection: Connection;
    /** Since when; monotonic milliseconds. */
    readonly sinceMs: number;
    /** How many attempts it took. */
    readonly attempts: number;
  }
  /** The connection is lost; the next attempt to get it back comes when the timer fires. */
  | ({ readonly name: "interrupted"; readonly timer: Timer } & Lost)
  /** An attempt is under way: first without a connection, then with one that is not logged in. */
  | ({ readonly name: "returning"; readonly connection: Connection | undefined } & Lost)
  /** Asked to end; the server has not said goodbye yet. */
  | { readonly name: "quitting"; readonly connection: Connection; readonly wasOnline: boolean }
  /** Nothing happens any more. */
  | { readonly name: "ended" };

/** The name of a {@linkcode SessionState}. */
export type StateName = SessionState["name"];

/**
 * All ways from one state to another; `docs/architecture.md` has the picture.
 *
 * - `disconnected → connected`: a connection was made. Back: it was lost before anybody logged in.
 * - `connected → online`: the login was answered.
 * - `online → interrupted`: the connection was lost, and that is not final.
 * - `interrupted → returning`: the wait is over. Back: the attempt failed, and that is not final.
 * - `returning → online`: the login was answered.
 * - `→ quitting`: asked to end while there is a connection.
 * - `→ ended`: asked to end at once, or by an error that is final; from `quitting` also when the server has answered, has
 *   hung up, or has had two seconds.
 */
export const NEXT_STATES: Readonly<Record<StateName, readonly StateName[]>> = {
  disconnected: ["connected", "ended"],
  connected: ["disconnected", "online", "quitting", "ended"],
  online: ["interrupted", "quitting", "ended"],
  interrupted: ["returning", "ended"],
  returning: ["online", "interrupted", "quitting", "ended"],
  quitting: ["ended"],
  ended: [],
};
