/**
 * What an administrator changes.
 *
 * @module
 */

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { WriteRefusal } from "./room_store.ts";

/** A code that is to be good for some days. */
export interface NamedInvite {
  /** See `hashOfInvite`. */
  readonly hash: string;
  /** How many accounts it makes; at least 1. */
  readonly uses: number;
  /** For how many days from now on. */
  readonly days: number;
  /** What the administrator notes beside it. */
  readonly note: string;
}

/** What went with an account. What is absent is not known, since it goes later. */
export interface RemovedAccount {
  /** Messages in its mailbox. */
  readonly letters: number;
  /** Messages of its direct conversations, of both people, and letters that were nothing else. */
  readonly direct?: number;
  /** What it said in rooms. */
  readonly rooms?: number;
  /** Whether none of it is left in the files; else another program reads the database. */
  readonly isErased?: boolean;
}

/** A room that was ended. */
export interface EndedRoom {
  /** Its name as shown. */
  readonly name: string;
  /** How many messages go with it. */
  readonly kept: number;
}

/** A role that was given. */
export interface GrantedRole {
  /** The room's name as shown. */
  readonly room: string;
  /** The account's name as shown. */
  readonly name: string;
}

/**
 * What an administrator changes, by what it is called. Names come folded (`foldName`), where two are given with their shown
 * form. Arguments and results are plain JSON values, so that they can be written to a log. What was changed is noted as done
 * by `ADMINISTRATOR`, and a server is told of what concerns people who are online.
 */
export interface AdminActs {
  /** Makes an account; `false` if there is one already. */
  add(folded: string, name: string, passwordHash: string): boolean;
  /**
   * Replaces a password, and with it the trust in the networks where the old one was used and what was to stand for
   * it; `false` if there is no such account.
   */
  setPassword(folded: string, passwordHash: string): boolean;
  /** Blocks a name, account or not; once more replaces the reason. */
  block(folded: string, name: string, reason: string): boolean;
  /** Ends a block; `false` if there was none. */
  unblock(folded: string): boolean;
  /**
   * Removes an account with its mailbox, its direct conversations (for those it wrote with, too) and what it said in
   * rooms. The name stays known; a block stays.
   *
   * @returns `undefined` if there is no such account and nothing is left of one.
   */
  remove(folded: string, name: string): RemovedAccount | undefined;
  /** Makes an invitation code known by its hash. */
  invite(invite: NamedInvite): void;
  /** Makes an invitation code worthless; `false` if none of that number is good now. */
  revokeInvite(id: number): boolean;
  /** Ends a room; `undefined` if there is none of that name. */
  removeRoom(folded: string): EndedRoom | undefined;
  /**
   * Gives an account another role in a room: also in one that has no owner any more, and though the account owns as many
   * as it may.
   *
   * @param account Folded.
   * @returns Why nothing was changed, if nothing was; `undefined` if there is no room of that name.
   */
  grantRoom(
    folded: string,
    account: string,
    role: RoomRole,
  ): GrantedRole | WriteRefusal | undefined;
}

/** Has something changed; resolves when it is done. */
export type ChangeByAdmin = <Act extends keyof AdminActs>(
  act: Act,
  ...args: Parameters<AdminActs[Act]>
) => Promise<ReturnType<AdminActs[Act]>>;
