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
import {
  type FramesHost,
  type HandedFrames,
  NumberedFrames,
  type Unsaved,
} from "./numbered_frames.ts";
import type { Outlet } from "./outlet.ts";
import type { Named } from "./registry.ts";
import type { ResumeTokens } from "./resume_tokens.ts";

/**
 * The states of a session; `attendance.ts` leads from each to the next.
 *
 * - `new`: nobody knows of it.
 * - `attached`: the name is held, and a connection carries its frames.
 * - `interrupted`: the name is held, and the connection is lost. Only numbered sessions come here.
 * - `elsewhere`: the name is held, and the connection is another node's; see `RemoteUser`.
 * - `ended`: the name is free, for good.
 */
export type SessionState = "new" | "attached" | "interrupted" | "elsewhere" | "ended";

/** What stays of a session that goes on on another node. */
export interface Lineage {
  /** See {@linkcode User.session}. */
  readonly session: string;
  /** See {@linkcode User.origin}. */
  readonly origin: string;
  /** See {@linkcode User.moves}. */
  readonly moves: number;
  /** See {@linkcode User.since}; absent if it is not known. */
  readonly since?: number | undefined;
}

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
  signal: AbortSignal.abort(),
  key: "event",
  isConnected: false,
  framesPut: 0,
  framesWritten: 0,
  capacity: 0,
  send: () => false,
  fits: () => true,
  sendAgain: () => {},
  probe: () => {},
  isThere: () => Promise.resolve(false),
  setOverdue: () => {},
  hold: () => {},
  roomy: () => Promise.resolve(false),
  close: () => {},
  leave: () => {},
  interruption: () => GONE,
};

/**
 * A user's session: a name, what belongs to it, and what waits to be sent. Knows no socket; a connection is attached as
 * the {@linkcode Outlet}, and may be replaced by another one.
 *
 * Guarantees:
 * 1. Frames go out in the order of the calls.
 * 2. A direct message that an account's outlet took is the account's until its client has shown, by any later request,
 *    that it lives on: else {@linkcode User.end} hands it back, at least once and never lost.
 * 3. At most `capacity` bytes of such messages are kept. At half of that the client is probed; one that leaves it at
 *    all of that is closed.
 * 4. In a numbered session, {@linkcode NumberedFrames} promises the same for all frames.
 */
export class User implements Named, FramesHost {
  /** The name as its owner typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** The network that the session began in; it may go on from another one. */
  readonly origin: string;
  /** Unix seconds at which the session came online; 0 if that is not known. Set by `arrive` in `attendance.ts`. */
  since: number;
  /** The rooms that the user is in. */
  readonly rooms: Set<Room> = new Set();
  /** What the user says of themselves. Whoever changes it tells the lists: `describe` in `attendance.ts`. */
  status = "";
  /** Why the user does not answer; empty while they do. Changed like {@linkcode User.status}. */
  away = "";
  /** See {@linkcode SessionState}. */
  state: SessionState = "new";
  /** Whether the client, as of its last login, takes lists of who came into a room and who left. */
  wantsGathered = false;
  /** What proves that a client is this session's, if it has asked for that. */
  tokens: ResumeTokens | undefined;
  /** How often the session has gone from one node to another: of two nodes that tell of it, the higher one is right. */
  moves = 0;
  /** Settles when what was not confirmed when the connection was lost is in the mailbox; set by `attendance.ts`. */
  keeping: Promise<void> | undefined;
  /** Settles when a session that has gone here from another node is in its rooms; `undefined` once it is. Never rejects. */
  arriving: Promise<void> | undefined;
  /** Settles when all that is left to do after `depart` is done; set by it. */
  departure: Promise<void> | undefined;
  /** Where the last direct message went: the delivery's own. */
  route: Route | undefined;
  /** Messages of this user that are not through yet, if there ever were any: the delivery's own. */
  lanes: Lanes | undefined;
  /** Accounts, folded, that this one is known to have written to, the latest ones: the delivery's own. */
  noted: Set<string> | undefined;
  /** Accounts, folded, from which this one takes no direct messages; `undefined` if there are none, as for most. */
  blocked: Set<string> | undefined;
  #session: string | undefined;
  #outlet: Outlet;
  #mailbox: MailboxReader | undefined;
  #unconfirmed: Unconfirmed[] = NONE;
  #unconfirmedBytes = 0;
  #isProbed = false;
  #heldBytes = 0;
  #numbered: NumberedFrames | undefined;
  #onHeard: (() => void) | undefined;
  #owedBytes = 0;
  #ended: PromiseWithResolvers<void> | undefined;

  /**
   * Makes a user who is not online yet.
   *
   * @param name A valid name, as typed.
   * @param outlet The way to the user's client.
   * @param lineage What is known of the session, if it has begun on another node.
   */
  constructor(name: string, outlet: Outlet, lineage?: Lineage) {
    this.name = name;
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(name);
    this.origin = lineage?.origin ?? outlet.network;
    this.since = lineage?.since ?? 0;
    this.#session = lineage?.session;
    this.moves = lineage?.moves ?? 0;
    this.#outlet = outlet;
  }

  /** Whether the name is held, with a connection or without. */
  get isOnline(): boolean {
    return this.state === "attached" || this.state === "interrupted";
  }

  /** The way to the client. */
  get outlet(): Outlet {
    return this.#outlet;
  }

  /** The numbered frames; `undefined` if the session is not numbered. */
  get numbered(): NumberedFrames | undefined {
    return this.#numbered;
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

  /** See {@linkcode Outlet.signal}: of the connection that the user has now. */
  get signal(): AbortSignal {
    return this.#outlet.signal;
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

  /** The account takes no direct messages from another, folded, or takes them again. */
  setBlocked(other: string, isOn: boolean): void {
    if (isOn) (this.blocked ??= new Set()).add(other);
    else if (this.blocked?.delete(other) && this.blocked.size === 0) this.blocked = undefined;
  }

  /** Whether this one takes no direct messages from somebody: never from a guest, whatever their name was before. */
  hasBlocked(from: Pick<User, "folded" | "isAccount">): boolean {
    return this.blocked !== undefined && from.isAccount && this.blocked.has(from.folded);
  }

  /** The frames are numbered from now on, and outlive the connection. */
  beginNumbering(): void {
    this.#numbered ??= new NumberedFrames(this.session, this);
  }

  /** The frames that were numbered on another node go on here, before anything is sent. */
  takeUp(frames: HandedFrames): void {
    this.beginNumbering();
    this.#numbered!.takeUp(frames);
  }

  /** Settles when the session has ended here, or has gone to another node. */
  get ended(): Promise<void> {
    this.#ended ??= Promise.withResolvers();
    if (this.state === "ended") this.#ended.resolve();
    return this.#ended.promise;
  }

  /**
   * The one way to another outlet: a further connection, or what stands for a lost one. What is held is held there,
   * and nothing that is kept is sent yet: {@linkcode User.resend}.
   */
  attach(outlet: Outlet): void {
    this.#outlet.hold(-this.#heldBytes);
    this.#outlet = outlet;
    outlet.hold(this.#heldBytes);
    this.state = outlet.isConnected ? "attached" : "interrupted";
    this.#numbered?.moved();
  }

  /** Sends what the client has not confirmed to a connection that has got none of it. */
  resend(): void {
    this.#numbered?.resend();
  }

  /** Calls back once, when the client's next requests come. */
  whenHeard(callback: () => void): void {
    this.#onHeard = callback;
  }

  /**
   * Queues a frame. It is gone if the connection ends before it is written, unless the session is numbered.
   *
   * @returns Whether a connection took it.
   */
  send(frame: string): boolean {
    return this.#numbered === undefined ? this.#outlet.send(frame) : this.#numbered.send(frame);
  }

  /**
   * Queues a frame by which the client learns that it is out of a room, also where there is no room for more: else it would
   * believe that it is in. So these are at most as many as the rooms that it was in.
   */
  sendAnyway(frame: string): void {
    if (this.#numbered !== undefined) this.#numbered.sendAnyway(frame);
    else if (!this.#outlet.send(frame)) this.#outlet.sendAgain(frame);
  }

  /** Queues a message from the mailbox; `false` if there is no room. */
  sendStored(frame: string, stored: number): boolean {
    return this.#numbered === undefined
      ? this.#outlet.send(frame)
      : this.#numbered.sendStored(frame, stored);
  }

  /**
   * Queues a direct message. An account's is kept until it is confirmed.
   *
   * @returns `false` if the connection takes no more.
   */
  take(message: Message): boolean {
    if (this.#numbered !== undefined) return this.#numbered.take(message);
    const line = message.lineFor(this.#outlet.key);
    return this.#mailbox === undefined ? this.#outlet.send(line) : this.#keep(message, line);
  }

  /** Whether the client can take a message of that length at all. */
  fits(message: Message): boolean {
    return this.#outlet.fits(message.lineFor(this.#outlet.key));
  }

  /**
   * The client has sent a request: it lives, and has what was written before.
   *
   * @param framesWritten How many frames were, of all that were put. @default {outlet.framesWritten} All until now.
   */
  confirm(framesWritten: number = this.#outlet.framesWritten): void {
    if (this.#onHeard !== undefined) {
      this.#onHeard();
      this.#onHeard = undefined;
    }
    if (this.#unconfirmed.length === 0) return;
    const first = this.#unconfirmed.findIndex(({ frame }) => frame > framesWritten);
    if (first === 0) return;
    const confirmed = this.#unconfirmed.splice(0, first === -1 ? this.#unconfirmed.length : first);
    for (const { bytes } of confirmed) this.#count(-bytes);
    this.#isProbed = false;
    this.#outlet.setOverdue(false);
  }

  /**
   * In a numbered session: the client has all frames up to a number. In any other that says nothing.
   *
   * @returns `false` if that is beyond what was sent: then nothing has happened.
   */
  seen(n: number): boolean {
    const frames = this.#numbered;
    if (frames === undefined) return true;
    const confirmed = frames.confirm(n);
    if (confirmed === undefined) return false;
    this.#mailbox?.arrived(confirmed, { session: frames.session, n });
    return true;
  }

  /** What an account's client has not confirmed and its mailbox does not have. A guest has no mailbox. */
  takeUnsaved(): Unsaved {
    const messages = this.#unconfirmed.map(({ message }) => message);
    this.#unconfirmed = NONE;
    this.#count(-this.#unconfirmedBytes);
    if (this.#numbered === undefined || this.#mailbox === undefined) return { messages, marks: [] };
    const numbered = this.#numbered.takeUnsaved();
    return { messages: [...messages, ...numbered.messages], marks: numbered.marks };
  }

  /** The session ends: nothing is taken any more. */
  end(): void {
    const outlet = this.#outlet;
    outlet.hold(-this.#heldBytes);
    this.#heldBytes = 0;
    // Others may hold on to this user for a while; the connection's buffers are not theirs.
    this.#outlet = GONE;
    this.#numbered?.moved();
    this.#numbered = undefined;
    if (!outlet.isConnected) outlet.leave();
    this.#ended?.resolve();
  }

  /** Adds `bytes`, which may be negative, to what is held for the user beside the connection's queue. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#outlet.hold(bytes);
  }

  /** Something that the user did has put out so many bytes to others: it is paid for with the answer (`--work`). */
  owe(bytes: number): void {
    this.#owedBytes += bytes;
  }

  /** What the user owes, which is paid for now. */
  takeOwed(): number {
    const owed = this.#owedBytes;
    this.#owedBytes = 0;
    return owed;
  }

  /** Waits until frames are taken again; resolves with `false` if none will be, ever. */
  roomy(): Promise<boolean> {
    return this.#numbered === undefined ? this.#outlet.roomy() : this.#numbered.roomy();
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
    this.hold(bytes);
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
