/**
 * Somebody who is online.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { foldName } from "../../common/names.ts";
import type { CloseReason, EventKey } from "../../common/wire/protocol.ts";
import type { MailboxReader } from "../delivery/mailbox.ts";
import type { Lanes } from "../delivery/lanes.ts";
import type { Message } from "../delivery/message.ts";
import type { Route } from "../delivery/route.ts";
import type { Room } from "../rooms/room.ts";
import type { Outlet } from "./outlet.ts";
import type { Named } from "./registry.ts";

/** A direct message that the client has not confirmed. */
interface Unconfirmed {
  /** The number of the frame that carries it. */
  readonly frame: number;
  readonly message: Message;
  readonly bytes: number;
}

/** What most users have; never changed. */
const NONE: Unconfirmed[] = [];

/** The way to a client that is gone. */
const GONE: Outlet = {
  address: "",
  network: "",
  key: "event",
  framesPut: 0,
  framesWritten: 0,
  capacity: 0,
  send: () => false,
  probe: () => {},
  isThere: () => Promise.resolve(false),
  setOverdue: () => {},
  hold: () => {},
  roomy: () => Promise.resolve(false),
  close: () => {},
};

/**
 * A user: a name, what belongs to it, and what waits to be sent. Knows no socket; a session attaches itself as the
 * {@linkcode Outlet}.
 *
 * Guarantees:
 * 1. Frames go out in the order of the calls.
 * 2. A direct message that an account's outlet took is the account's until its client has shown, by any later request,
 *    that it lives on: else {@linkcode User.end} hands it back, at least once and never lost.
 * 3. At most `capacity` bytes of such messages are kept. At half of that the client is probed; one that leaves it at
 *    all of that is closed.
 */
export class User implements Named {
  /** The name as its owner typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** The rooms that the user is in. */
  readonly rooms: Set<Room> = new Set();
  /** What the user says of themselves. Whoever changes it tells the lists: `setStatus` in `attendance.ts`. */
  status = "";
  /** Whether the name is held: from `arrive` to `depart` (`attendance.ts`), which set it. */
  isOnline = false;
  /** Settles when all that is left to do after `depart` is done; set by it. */
  departure: Promise<void> | undefined;
  /** Where the last direct message went: the delivery's own. */
  route: Route | undefined;
  /** Messages of this user that are not through yet, if there ever were any: the delivery's own. */
  lanes: Lanes | undefined;
  /** Accounts, folded, that this one is known to have written to, the latest ones: the delivery's own. */
  noted: Set<string> | undefined;
  #session: string | undefined;
  #outlet: Outlet;
  #mailbox: MailboxReader | undefined;
  #unconfirmed: Unconfirmed[] = NONE;
  #unconfirmedBytes = 0;
  #isProbed = false;

  /**
   * Makes a user who is not online yet.
   *
   * @param name A valid name, as typed.
   * @param outlet The way to the user's client.
   */
  constructor(name: string, outlet: Outlet) {
    this.name = name;
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(name);
    this.#outlet = outlet;
  }

  /** Tells this session from all others, also of the same name: what a guest says belongs to it. */
  get session(): string {
    return this.#session ??= crypto.randomUUID();
  }

  /** Bytes of frames that may wait for the client. */
  get capacity(): number {
    return this.#outlet.capacity;
  }

  /** The peer's address, for the log. */
  get address(): string {
    return this.#outlet.address;
  }

  /** The network that the user's connection is counted under. */
  get network(): string {
    return this.#outlet.network;
  }

  /** The dialect of the frames that the user gets. */
  get key(): EventKey {
    return this.#outlet.key;
  }

  /** The account's mailbox; `undefined` for a guest. */
  get mailbox(): MailboxReader | undefined {
    return this.#mailbox;
  }

  /** Whether the name is an account's. */
  get isAccount(): boolean {
    return this.#mailbox !== undefined;
  }

  /** Whether stored messages are still on their way out: a newer direct one must not overtake them. */
  get isCatchingUp(): boolean {
    return this.#mailbox !== undefined && this.#mailbox.isRunning;
  }

  /** The name is the user's account from now on: a guest may register their name while online. */
  becomeAccount(mailbox: MailboxReader): void {
    this.#mailbox ??= mailbox;
  }

  /**
   * Queues a frame that is gone if the connection ends before it is written.
   *
   * @returns `false` if the connection takes no more.
   */
  send(frame: string): boolean {
    return this.#outlet.send(frame);
  }

  /**
   * Queues a direct message. An account's is kept until it is confirmed.
   *
   * @returns `false` if the connection takes no more.
   */
  take(message: Message): boolean {
    const line = message.lineFor(this.#outlet.key);
    return this.#mailbox === undefined ? this.#outlet.send(line) : this.#keep(message, line);
  }

  /**
   * The client has sent a request: it lives, and has what was written before.
   *
   * @param framesWritten How many frames were, of all that were put. @default {outlet.framesWritten} All until now.
   */
  confirm(framesWritten: number = this.#outlet.framesWritten): void {
    if (this.#unconfirmed.length === 0) return;
    const first = this.#unconfirmed.findIndex(({ frame }) => frame > framesWritten);
    if (first === 0) return;
    const confirmed = this.#unconfirmed.splice(0, first === -1 ? this.#unconfirmed.length : first);
    for (const { bytes } of confirmed) this.#count(-bytes);
    this.#isProbed = false;
    this.#outlet.setOverdue(false);
  }

  /**
   * The connection ends: nothing is taken any more.
   *
   * @returns The direct messages that an account's client has not confirmed.
   */
  end(): Message[] {
    const messages = this.#unconfirmed.map(({ message }) => message);
    this.#unconfirmed = NONE;
    this.#count(-this.#unconfirmedBytes);
    // Others may hold on to this user for a while; the connection's buffers are not theirs.
    this.#outlet = GONE;
    return messages;
  }

  /** Adds `bytes`, which may be negative, to what is held for the user beside the connection's queue. */
  hold(bytes: number): void {
    this.#outlet.hold(bytes);
  }

  /** Waits until frames are taken again; resolves with `false` if none will be, ever. */
  roomy(): Promise<boolean> {
    return this.#outlet.roomy();
  }

  /** Probes the client and waits, at most so many seconds: whether any byte of it came. See {@linkcode Outlet.isThere}. */
  isThere(seconds: number): Promise<boolean> {
    return this.#outlet.isThere(seconds);
  }

  /** Says a last word with code 101 and closes the connection; the name is free when this returns. */
  close(sentence: string, reason: CloseReason): void {
    this.#outlet.close(sentence, reason);
  }

  #count(bytes: number): void {
    this.#unconfirmedBytes += bytes;
    this.#outlet.hold(bytes);
  }

  #keep(message: Message, line: string): boolean {
    const outlet = this.#outlet;
    const bytes = Buffer.byteLength(line);
    const isFirst = this.#unconfirmed.length === 0;
    if (!isFirst && this.#unconfirmedBytes + bytes > outlet.capacity) {
      outlet.setOverdue(true);
      return false;
    }
    if (!outlet.send(line)) return false;
    message.detach();
    if (isFirst) this.#unconfirmed = [];
    this.#unconfirmed.push({ frame: outlet.framesPut, message, bytes });
    this.#count(bytes);
    if (!this.#isProbed && this.#unconfirmedBytes > outlet.capacity / 2) {
      this.#isProbed = true;
      outlet.probe();
    }
    return true;
  }
}
