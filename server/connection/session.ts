/**
 * One peer: its state, its timers, its request loop.
 *
 * @module
 */

import { type Timer, unixSeconds } from "../../common/clock.ts";
import { FrameError, stackOf } from "../../common/errors.ts";
import { encodeFrame, encodeProbe } from "../../common/wire/encode.ts";
import { parseRequest, type RequestLimits } from "../../common/wire/requests.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Link } from "../../common/link.ts";
import { LineReader } from "../../common/wire/lines.ts";
import { DEBUG_LEVEL } from "../../common/log.ts";
import { Outbox } from "../../common/wire/outbox.ts";
import { CODE, type EventKey, type RequestId } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { DELIVERED, TAKES_NO_MORE } from "../events/msg.ts";
import { letterIn, MailboxReader, postLetter } from "../delivery/mailbox.ts";
import type { Member } from "../people/member.ts";
import { MsgFastPath } from "../delivery/msg_fast_path.ts";
import { networkKey } from "../accounts/network_key.ts";
import type { Room } from "../rooms/rooms.ts";
import { route } from "../router.ts";
import { TokenBucket } from "./token_bucket.ts";

/**
 * After the server has said its last word it goes on reading for so long: closing a socket with unread input
 * resets the connection (RFC 1122, 4.2.2.13), and the last word would be lost with it.
 */
const LINGER_MS = 500;

/** A peer whose login was being checked when its time was over is looked at again after so long. */
const LOGIN_GRACE_MS = 1_000;

/**
 * After so many lines, or so long, others have their turn, however much a connection still has to say: one that
 * floods brings hundreds of requests with a read, and fifty joins of large rooms are ten thousands of frames.
 */
const SLICE_LINES = 64;
const SLICE_MS = 2;
/** The clock is looked at only every so many lines: looking takes as long as a fifteenth of serving one. */
const LINES_PER_CHECK = 4;

/** How long a peer that is being closed has to take what is queued for it. */
const LAST_WORD_SECONDS = 1;

/**
 * A connection from accept to close.
 *
 * Guarantees:
 * 1. Requests are served one after the other, in order, and each is answered before the next is looked at.
 * 2. Nothing is read while an answer has to wait for room in the outbox, or while the rate is used up: the
 *    peer is slowed down by TCP, nothing is refused or dropped.
 * 3. However the connection ends, its name, rooms and timers are freed exactly once, and letters that were
 *    not written are handed to the store.
 * 4. No error leaves `run`: a fault of this connection touches no other.
 */
export class Session implements Member {
  readonly #context: ServerContext;
  readonly #conn: Link;
  readonly #peer: string;
  readonly #lines: LineReader;
  readonly #outbox: Outbox;
  readonly #bucket: TokenBucket | undefined;
  readonly #frameLimits: RequestLimits;
  readonly #msgFastPath: MsgFastPath;
  readonly #connectedAt: number;

  #name = "";
  #folded = "";
  #nameJson = "";
  #status = "";
  #isAccount = false;
  #isOnline = false;
  #key: EventKey = "event";
  #hasSpoken = false;
  #loginFailures = 0;
  /** Puts out the letters of the account that is online here. */
  #mailbox: MailboxReader | undefined;
  #abortController: AbortController | undefined;

  /** Requests are no longer served; what is queued still goes out. */
  #isClosing = false;
  /** The socket is closed. */
  #isClosed = false;
  #isServing = false;
  /** A handler is at work that has to wait for something. */
  #isAnswering = false;
  #lastByteAt: number;
  #probedAt: number | undefined;
  #watchTimer: Timer | undefined;
  #writeTimer: Timer | undefined;
  #lingerTimer: Timer | undefined;
  #sleepTimer: Timer | undefined;
  /** Ends the sleep that is under way, if any. */
  #wake: (() => void) | undefined;
  /** Settles when unwritten letters are in their mailboxes. */
  #rescue: Promise<unknown> | undefined;

  /** Says whether what the peer waits for, before it is online, is others' doing; set while it waits. */
  isHeldUp: (() => boolean) | undefined;
  /** The rooms that the session is in. */
  readonly rooms: Set<Room> = new Set();

  /**
   * Makes a session that is not online; {@linkcode Session.run} serves it.
   *
   * @param context The server.
   * @param conn The connection; the session closes it.
   * @param peer Its address, for the log.
   */
  constructor(context: ServerContext, conn: Link, peer: string) {
    const { clock, encoder, settings, turns } = context;
    this.#context = context;
    this.#conn = conn;
    this.#peer = peer;
    this.#connectedAt = this.#lastByteAt = clock.monotonicMs();
    this.#lines = new LineReader(conn, {
      maxLine: settings.maxLine,
      splitters: context.splitters,
      onBytes: () => this.#heard(turns.nowMs),
      beforeReading: (count) => turns.served(count),
    });
    this.#outbox = new Outbox(conn, {
      maxBytes: settings.maxQueue,
      onFull: () => this.#onFull(),
      onRoomy: () => clock.clearTimeout(this.#writeTimer),
      onError: () => this.abort(),
      encoder,
      schedule: (flush, isUrgent) => turns.schedule(flush, isUrgent),
    });
    this.#frameLimits = { maxMessage: settings.maxMessage, maxLine: settings.maxLine };
    this.#msgFastPath = new MsgFastPath(this, settings.maxMessage);
    this.#bucket = settings.rate > 0 ? new TokenBucket(settings.rate, clock) : undefined;
  }

  /** The name as its owner typed it; empty before the session is online. */
  get name(): string {
    return this.#name;
  }

  /** The name under which it is looked up. */
  get folded(): string {
    return this.#folded;
  }

  /** The name as JSON text. */
  get nameJson(): string {
    return this.#nameJson;
  }

  /** Whether the name is an account's. */
  get isAccount(): boolean {
    return this.#isAccount;
  }

  /** Whether the session has a name. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** The peer's dialect. */
  get key(): EventKey {
    return this.#key;
  }

  /** The peer's address, for the log. */
  get peer(): string {
    return this.#peer;
  }

  /** The network that the peer is counted under where addresses are counted. */
  get network(): string {
    return networkKey(this.#peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
  }

  /** Aborted when no further request will be served: what a handler waits for may be given up. */
  get signal(): AbortSignal {
    // Made on demand: most sessions never wait for anything that can be given up.
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController();
      if (this.#isClosing) this.#abortController.abort();
    }
    return this.#abortController.signal;
  }

  /** What the user says of themselves. */
  get status(): string {
    return this.#status;
  }

  set status(status: string) {
    this.#status = status;
    this.#context.registry.changed();
    for (const room of this.rooms) room.members.changed();
  }

  /** Queues a frame for the peer; `false` if it takes no more. */
  send(frame: string): boolean {
    return !this.#isClosing && this.#outbox.put(frame);
  }

  /** Waits for room in the queue; `false` if the connection is being closed. */
  async roomy(): Promise<boolean> {
    await this.#outbox.roomy();
    return !this.#isClosing;
  }

  /** Whether stored messages are still on their way out: a newer direct one must not overtake them. */
  get isCatchingUp(): boolean {
    return this.#mailbox?.isRunning ?? false;
  }

  /** There is something new in the account's mailbox: puts it out. */
  mailArrived(): void {
    this.deliverMail();
  }

  /** Puts out what is in the account's mailbox and was not put out yet. Never rejects. */
  async deliverMail(): Promise<void> {
    try {
      await this.#mailbox?.run();
    } catch (error) {
      this.#serverError(error);
    }
  }

  /** The peer has all stored messages up to that number. */
  async acknowledgeMail(upTo: number): Promise<void> {
    await this.#mailbox?.acknowledge(upTo);
  }

  /**
   * Goes online under a name.
   *
   * @param name As its owner typed it.
   * @param folded The same, folded.
   * @param isAccount Whether a password was given for it.
   * @returns `false` if the name is taken or the connection has ended meanwhile.
   */
  claim(name: string, folded: string, isAccount: boolean): boolean {
    if (this.#isClosing || this.#isOnline) return false;
    this.#folded = folded;
    if (!this.#context.registry.add(this)) {
      this.#folded = "";
      return false;
    }
    this.#name = name;
    this.#nameJson = JSON.stringify(name);
    this.#isOnline = true;
    if (isAccount) this.becomeAccount();
    this.#context.log.info("online", { peer: this.#peer, name, account: isAccount });
    return true;
  }

  /** The name is the peer's account from now on: a guest may register their name while online. */
  becomeAccount(): void {
    this.#isAccount = true;
    this.#mailbox ??= new MailboxReader(this.#context.store, this.#folded, this);
  }

  /** Frees the name and leaves all rooms; the connection may still be written to. */
  release(): void {
    if (!this.#isOnline) return;
    this.#isOnline = false;
    this.#context.rooms.leaveAll(this, unixSeconds(this.#context.clock));
    this.#context.registry.remove(this);
    this.#context.log.info("offline", { peer: this.#peer, name: this.#name });
  }

  /** Counts a wrong password; `true` if it was one too many for this connection. */
  loginFailed(): boolean {
    return ++this.#loginFailures >= LIMITS.maxLoginFailures;
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    const { log, turns } = this.#context;
    log.info("connected", { peer: this.#peer });
    this.#watch();
    try {
      for await (const lines of this.#lines) {
        this.#isServing = true;
        let startedAt = turns.nowMs;
        for (let i = 0; i < lines.length; i++) {
          if (i > 0 && this.#isSliceOver(i, startedAt)) {
            await turns.others();
            startedAt = turns.nowMs;
          }
          if (this.#isClosing) break; // what the peer still says is read, so that it can read our last word
          const served = this.#serve(lines[i]!);
          if (served !== undefined) await served;
        }
        this.#isServing = false;
      }
      // The peer will say no more, but may still listen: all its requests are answered, then it is closed.
      this.#stopServing();
      await this.#drain(this.#context.settings.writeTimeout);
    } catch (error) {
      if (!this.#isClosed) {
        log.debug("connection lost", { peer: this.#peer, reason: reasonOf(error) });
      }
    }
    this.abort();
    log.info("disconnected", { peer: this.#peer });
    await this.#rescue;
  }

  /**
   * Says a last word and closes: nothing more is served, what is queued goes out first.
   *
   * @param sentence Sent with code 101.
   * @param seconds How long to wait for the peer to take what is queued.
   */
  async close(
    sentence: string,
    seconds: number = LAST_WORD_SECONDS,
  ): Promise<void> {
    if (this.#isClosing) return;
    const time = unixSeconds(this.#context.clock);
    this.#stopServing();
    this.#outbox.putAnswer(encodeFrame({ response: CODE.important, time, alert: sentence }));
    await this.#hangUp(seconds);
  }

  /** Whether others have waited long enough, after so many lines. */
  #isSliceOver(lines: number, startedAt: number): boolean {
    if (lines % SLICE_LINES === 0) return true;
    return lines % LINES_PER_CHECK === 0 &&
      this.#context.clock.monotonicMs() - startedAt >= SLICE_MS;
  }

  /** Serves one line; returns a promise only if there is something to wait for. */
  #serve(line: string): Promise<void> | undefined {
    if (this.#outbox.isFull || (this.#bucket !== undefined && this.#bucket.take() > 0)) {
      return this.#serveLater(line);
    }
    return this.#serveNow(line);
  }

  async #serveLater(line: string): Promise<void> {
    await this.#outbox.roomy();
    for (let wait = this.#bucket?.take() ?? 0; wait > 0; wait = this.#bucket!.take()) {
      await this.#sleep(wait);
      if (this.#isClosing) return;
    }
    if (!this.#isClosing) await this.#serveNow(line);
  }

  #serveNow(line: string): Promise<void> | undefined {
    const { log, registry, turns } = this.#context;
    const isLogged = log.level <= DEBUG_LEVEL;
    const known = isLogged ? undefined : this.#msgFastPath.serve(line, turns.nowSeconds);
    if (known !== undefined) {
      return this.#answer(known.isDelivered ? DELIVERED : TAKES_NO_MORE, known.id);
    }
    let id: RequestId | undefined;
    let reply: Answer | Promise<Answer | Commit>;
    try {
      const { key, request } = parseRequest(line, this.#frameLimits);
      if (!this.#hasSpoken) {
        this.#hasSpoken = true;
        this.#key = key;
      }
      id = request.id;
      if (isLogged) log.debug("request", { peer: this.#peer, event: request.event, id });
      reply = route(this.#context, this, request);
      if (reply === DELIVERED && request.event === "msg") {
        this.#msgFastPath.learn(line, request, (folded) => registry.find(folded));
      }
    } catch (error) {
      if (error instanceof FrameError) {
        id = error.id;
        reply = answer(CODE.badRequest, error.message);
      } else {
        reply = this.#serverError(error);
      }
    }
    return reply instanceof Promise ? this.#answerLater(reply, id) : this.#answer(reply, id);
  }

  async #answerLater(reply: Promise<Answer | Commit>, id: RequestId | undefined): Promise<void> {
    let given: Answer;
    this.#isAnswering = true;
    try {
      const outcome = await reply;
      given = typeof outcome === "function" ? outcome() : outcome;
    } catch (error) {
      if (this.#abortController?.signal.aborted && isAbort(error)) return; // nobody waits for it
      given = this.#serverError(error);
    } finally {
      this.#isAnswering = false;
    }
    await this.#answer(given, id);
  }

  #answer(reply: Answer, id: RequestId | undefined): Promise<void> | undefined {
    const { log, turns } = this.#context;
    const time = turns.nowSeconds;
    if (log.level <= DEBUG_LEVEL) log.debug("response", { peer: this.#peer, code: reply.code, id });
    this.#outbox.putAnswer(this.#context.answers.encode(reply, time, id));
    if (reply.closes) {
      this.#stopServing();
      this.#hangUp(LAST_WORD_SECONDS);
    }
    const afterwards = reply.afterwards?.();
    return afterwards === undefined ? undefined : this.#guard(afterwards);
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#serverError(error);
    }
  }

  /** Logs what went wrong; the peer gets a reference to it and no detail. */
  #serverError(error: unknown): Answer {
    const reference = crypto.randomUUID().slice(0, 8);
    const stack = stackOf(error);
    this.#context.log.error("request failed", {
      reference,
      peer: this.#peer,
      name: this.#name,
      stack,
    });
    return answer(CODE.serverError, `The server failed at this request; reference ${reference}`);
  }

  /** The peer is alive: whatever it said, it also answers a probe. */
  #heard(now: number): void {
    this.#lastByteAt = now;
    this.#probedAt = undefined;
  }

  /**
   * The one timer of a quiet connection. It is not moved with every byte: when it fires, it looks at what has
   * happened and sleeps for the rest.
   */
  #watch(): void {
    const { clock, settings, log } = this.#context;
    const now = clock.monotonicMs();
    // As long as the server itself is not reading, the peer's silence means nothing.
    if (this.#isServing) this.#heard(now);
    let next = Infinity;
    if (!this.#isOnline) {
      next = this.#connectedAt + settings.loginTimeout * 1000;
      // A password that is being checked is the server's delay; who waits behind wrong logins or registrations
      // does not hold a connection for longer than others.
      if (this.#isAnswering && !this.isHeldUp?.()) next = Math.max(next, now + LOGIN_GRACE_MS);
      if (now >= next) {
        log.info("login timeout", { peer: this.#peer });
        this.close(`You were not online within ${settings.loginTimeout} s`);
        return;
      }
    }
    if (this.#probedAt === undefined && now >= this.#lastByteAt + settings.probeInterval * 1000) {
      this.#probedAt = now;
      this.send(encodeProbe(this.#key, unixSeconds(clock)));
    }
    if (this.#probedAt === undefined) {
      next = Math.min(next, this.#lastByteAt + settings.probeInterval * 1000);
    } else {
      const deadline = this.#probedAt + settings.probeTimeout * 1000;
      if (now >= deadline) {
        log.info("probe timeout", { peer: this.#peer, name: this.#name });
        this.close(`You did not answer a probe within ${settings.probeTimeout} s`);
        return;
      }
      next = Math.min(next, deadline);
    }
    this.#watchTimer = clock.setTimeout(() => this.#watch(), Math.max(1, Math.ceil(next - now)));
  }

  #onFull(): void {
    const { clock, settings, log } = this.#context;
    log.debug("queue full", { peer: this.#peer, name: this.#name });
    this.#writeTimer = clock.setTimeout(() => {
      log.warn("too slow, closed", { peer: this.#peer, name: this.#name });
      this.abort();
    }, settings.writeTimeout * 1000);
  }

  /** Nothing more is served; name, rooms and timers are freed. */
  #stopServing(): void {
    this.#isClosing = true;
    this.#abortController?.abort();
    this.#context.clock.clearTimeout(this.#watchTimer);
    this.#context.clock.clearTimeout(this.#sleepTimer);
    this.#wake?.();
    this.release();
  }

  /** Lets go of the connection from this side: drain, end of output, and a moment to read what was sent. */
  async #hangUp(seconds: number): Promise<void> {
    await this.#drain(seconds);
    if (this.#isClosed) return;
    try {
      await this.#conn.closeWrite();
    } catch {
      // The peer is gone already.
    }
    if (!this.#isClosed) {
      this.#lingerTimer = this.#context.clock.setTimeout(() => this.abort(), LINGER_MS);
    }
  }

  /** Waits until all that is queued is written, at most so long. */
  async #drain(seconds: number): Promise<void> {
    if (this.#outbox.isEmpty) return;
    const { clock } = this.#context;
    let timer: Timer | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, seconds * 1000);
    });
    await Promise.race([this.#outbox.drained(), timeout]);
    clock.clearTimeout(timer);
  }

  /** Waits for so long, or until the session is being closed. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#sleepTimer = this.#context.clock.setTimeout(resolve, ms);
    });
  }

  /** The end: closes the socket at once. Safe to call at any time, does its work once. */
  abort(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock } = this.#context;
    this.#stopServing();
    clock.clearTimeout(this.#writeTimer);
    clock.clearTimeout(this.#lingerTimer);
    this.#rescue = this.#rescueLetters(this.#outbox.close());
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }

  /** Puts direct messages that were not written into their mailbox. */
  async #rescueLetters(frames: readonly string[]): Promise<void> {
    if (!this.#isAccount) return;
    const { log } = this.#context;
    await Promise.all(frames.map(async (frame) => {
      try {
        const letter = letterIn(frame, this);
        if (letter === undefined) return;
        const outcome = await postLetter(this.#context, letter, true);
        if (outcome === "stored") log.info("letter rescued", { to: this.#name });
        else log.error("letter lost", { to: this.#name, reason: outcome });
      } catch (error) {
        log.error("letter lost", { to: this.#name, reason: reasonOf(error) });
      }
    }));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
