/**
 * One connection's request loop.
 *
 * @module
 */

import { type Timer, unixSeconds } from "../../common/clock.ts";
import { FrameError, stackOf } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Link } from "../../common/link.ts";
import { DEBUG_LEVEL } from "../../common/log.ts";
import { encodeFrame, encodeProbe } from "../../common/wire/encode.ts";
import { LineReader } from "../../common/wire/lines.ts";
import { Outbox } from "../../common/wire/outbox.ts";
import { CODE, type EventKey, type Request, type RequestId } from "../../common/wire/protocol.ts";
import { RequestReader } from "../../common/wire/request_reader.ts";
import { networkKey } from "../accounts/network_key.ts";
import { type Answer, answer } from "../answer.ts";
import type { Peer, Reply } from "../events/handler.ts";
import type { Outlet } from "../people/outlet.ts";
import type { User } from "../people/user.ts";
import { Answers } from "./answers.ts";
import { Farewell, within } from "./farewell.ts";
import type { Plumbing } from "./plumbing.ts";
import { Silence } from "./silence.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What sessions serve: all that happens behind a connection. */
export interface Service {
  /** Serves a valid request. */
  route(peer: Peer, request: Request): Reply;
  /** Whether requests behind this one are served while it waits. */
  overlaps(request: Request): boolean;
  /** The user's connection ends: frees the name. Does nothing the second time. */
  depart(user: User): void;
  /** The user's connection has ended: sees to what was not written. Never rejects. */
  rescue(user: User): Promise<void>;
}

/**
 * Others have their turn after 64 lines of one connection, or after 2 ms, however much it still has to say: one that
 * floods brings hundreds of requests with a read, and fifty joins of large rooms are ten thousands of frames.
 */
const SLICE_LINES = 64;
const SLICE_MS = 2;
/** The clock is looked at every 4 lines only: looking costs a fifteenth of serving one. */
const LINES_PER_CHECK = 4;

/** How long a peer that is being closed has to take what is queued for it. */
const LAST_WORD_SECONDS = 1;

/**
 * A connection from accept to close: it reads requests, hands them to the {@linkcode Service}, and carries frames to the
 * user who came online here.
 *
 * Guarantees:
 * 1. Requests are served one after the other and answered in their order. One that overlaps may wait for the disk
 *    while those behind it are served; all others are served alone.
 * 2. Nothing is read while an answer has to wait for room in the outbox, or while the rate is used up: the
 *    peer is slowed down by TCP, nothing is refused or dropped.
 * 3. However the connection ends, its user's name, its rooms and its timers are freed exactly once, and what was not
 *    written is handed to the service.
 * 4. No error leaves `run`: a fault of this connection touches no other.
 */
export class Session implements Peer, Outlet {
  /** The peer's address, for the log. */
  readonly address: string;
  readonly #plumbing: Plumbing;
  readonly #service: Service;
  readonly #link: Link;
  readonly #lines: LineReader;
  readonly #requests: RequestReader;
  readonly #answers: Answers;
  readonly #outbox: Outbox;
  readonly #silence: Silence;
  readonly #bucket: TokenBucket | undefined;

  #user: User | undefined;
  #farewell: Farewell | undefined;
  #loginFailures = 0;
  #isHeldUp: (() => boolean) | undefined;
  #abortController: AbortController | undefined;
  #isServing = false;
  /** Requests are no longer served; what is queued still goes out. */
  #isClosing = false;
  /** The socket is closed. */
  #isClosed = false;
  #writeTimer: Timer | undefined;
  #sleepTimer: Timer | undefined;
  /** Ends the sleep that is under way, if any. */
  #wake: (() => void) | undefined;
  /** Settles when the service has seen to what was not written. */
  #rescue: Promise<void> | undefined;

  /**
   * Makes a session without a user; {@linkcode Session.run} serves it.
   *
   * @param link The connection; the session closes it.
   * @param address Its other end, for the log.
   */
  constructor(plumbing: Plumbing, service: Service, link: Link, address: string) {
    const { clock, encoder, schedule, served, settings, splitters, turns } = plumbing;
    this.#plumbing = plumbing;
    this.#service = service;
    this.#link = link;
    this.address = address;
    this.#lines = new LineReader(link, {
      maxLine: settings.maxLine,
      splitters,
      onBytes: () => this.#silence.heard(turns.nowMs),
      beforeReading: served,
    });
    this.#requests = new RequestReader(settings);
    this.#answers = new Answers({
      put: (answer, id) => this.#put(answer, id),
      failed: (error) => this.#isGivenUp(error) ? undefined : this.#serverError(error),
    });
    this.#outbox = new Outbox(link, {
      maxBytes: settings.maxQueue,
      encoder,
      schedule,
      onFull: () => this.#onFull(),
      onRoomy: () => clock.clearTimeout(this.#writeTimer),
      onWritten: () => this.#user?.onWritten(),
      onError: () => this.abort(),
    });
    this.#silence = new Silence(plumbing, {
      isLoggingIn: () => !this.#answers.isEmpty && !this.#isHeldUp?.(),
      probe: () => void this.send(encodeProbe(this.key, unixSeconds(clock))),
      onDeadline: (which) => this.#onDeadline(which),
    });
    this.#bucket = settings.rate > 0 ? new TokenBucket(settings.rate, clock) : undefined;
  }

  // ---- what handlers see: Peer

  /** Who is online here. */
  get user(): User | undefined {
    return this.#user?.isOnline ? this.#user : undefined;
  }

  /** The way to the client. */
  get outlet(): Outlet {
    return this;
  }

  /** The network that the peer is counted under where addresses are counted. */
  get network(): string {
    return networkKey(this.address.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
  }

  /** Aborted when no further request will be served. */
  get signal(): AbortSignal {
    // Made on demand: most sessions never wait for anything that can be given up.
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController();
      if (this.#isClosing) this.#abortController.abort();
    }
    return this.#abortController.signal;
  }

  /** The user is reached here from now on. */
  attach(user: User): boolean {
    if (this.#isClosing || this.#user !== undefined) return false;
    this.#user = user;
    this.#silence.isOnline = true;
    return true;
  }

  /** The peer waits in a line until the result is disposed of. */
  waitInLine(isOthersDoing: () => boolean): Disposable {
    this.#isHeldUp = isOthersDoing;
    return { [Symbol.dispose]: () => void (this.#isHeldUp = undefined) };
  }

  /** Counts a wrong password. */
  loginFailed(): boolean {
    return ++this.#loginFailures >= LIMITS.maxLoginFailures;
  }

  // ---- what users see: Outlet

  /** The peer's dialect. */
  get key(): EventKey {
    return this.#requests.key;
  }

  /** Frames that were put since the beginning. */
  get framesPut(): number {
    return this.#outbox.framesPut;
  }

  /** Of these, how many are known to be written. */
  get framesWritten(): number {
    return this.#outbox.framesWritten;
  }

  /** Whether a frame put now has to wait for the client to take others first. */
  get isBehind(): boolean {
    return this.#outbox.isWriting;
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

  /**
   * Says a last word and closes: nothing more is served, what is queued goes out first, with the answers to
   * what was served.
   *
   * @param sentence Sent with code 101.
   * @param seconds How long to wait for the peer to take what is queued.
   */
  async close(sentence: string, seconds: number = LAST_WORD_SECONDS): Promise<void> {
    if (this.#isClosing) return;
    const { clock } = this.#plumbing;
    const time = unixSeconds(clock);
    this.#stopServing();
    if (!this.#answers.isEmpty) await within(clock, seconds, this.#answers.settled());
    this.#outbox.putAnswer(encodeFrame({ response: CODE.important, time, alert: sentence }));
    await this.#hangUp(seconds);
  }

  // ---- from accept to close

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    const { log, settings, turns } = this.#plumbing;
    log.info("connected", { peer: this.address });
    this.#silence.watch();
    try {
      for await (const lines of this.#lines) {
        this.#silence.isServing = true;
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
        this.#silence.isServing = false;
      }
      // The peer will say no more, but may still listen: all its requests are answered, then it is closed.
      if (!this.#answers.isEmpty) await this.#answers.settled();
      this.#stopServing();
      await this.#drain(settings.writeTimeout);
    } catch (error) {
      if (!this.#isClosed) {
        log.debug("connection lost", { peer: this.address, reason: `${error}` });
      }
    }
    this.abort();
    log.info("disconnected", { peer: this.address });
    await this.#rescue;
  }

  /** The end: closes the socket at once. Safe to call at any time, does its work once. */
  abort(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopServing();
    this.#plumbing.clock.clearTimeout(this.#writeTimer);
    this.#farewell?.cancel();
    this.#outbox.close();
    if (this.#user !== undefined) this.#rescue = this.#service.rescue(this.#user);
    try {
      this.#link.close();
    } catch {
      // It is closed already.
    }
  }

  /** Whether others have waited long enough, after that many lines. */
  #isSliceOver(lines: number, startedAt: number): boolean {
    if (lines % SLICE_LINES === 0) return true;
    return lines % LINES_PER_CHECK === 0 &&
      this.#plumbing.clock.monotonicMs() - startedAt >= SLICE_MS;
  }

  /** Serves one line; returns a promise only if there is something to wait for before the next. */
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
    let request: Request;
    try {
      request = this.#requests.read(line);
    } catch (error) {
      return error instanceof FrameError
        ? this.#answers.now(answer(CODE.badRequest, error.message), error.id)
        : this.#answers.now(this.#serverError(error), undefined);
    }
    const overlaps = this.#answers.isEmpty || this.#service.overlaps(request);
    return overlaps
      ? this.#serveRequest(request, line.length)
      : this.#answers.settled().then(() => this.#serveRequest(request, line.length));
  }

  #serveRequest(request: Request, units: number): Promise<void> | undefined {
    const { log } = this.#plumbing;
    const { id, event } = request;
    if (log.level <= DEBUG_LEVEL) log.debug("request", { peer: this.address, event, id });
    let reply: Reply;
    try {
      reply = this.#service.route(this, request);
    } catch (error) {
      reply = this.#serverError(error);
    }
    if (!(reply instanceof Promise)) return this.#answers.now(reply, id);
    this.#answers.later(reply, id, units);
    if (!this.#service.overlaps(request)) return this.#answers.settled();
    return this.#answers.isFull ? this.#answers.roomy() : undefined;
  }

  /** Puts an answer out, and does what comes right behind it. */
  #put(reply: Answer, id: RequestId | undefined): Promise<void> | undefined {
    const { answers, log, turns } = this.#plumbing;
    if (log.level <= DEBUG_LEVEL) {
      log.debug("response", { peer: this.address, code: reply.code, id });
    }
    this.#outbox.putAnswer(answers.encode(reply, turns.nowSeconds, id));
    if (reply.closes) {
      this.#stopServing();
      this.#hangUp(LAST_WORD_SECONDS);
    }
    return reply.afterwards?.();
  }

  /** Logs what went wrong; the peer gets a reference to it and no detail. */
  #serverError(error: unknown): Answer {
    const reference = crypto.randomUUID().slice(0, 8);
    this.#plumbing.log.error("request failed", {
      reference,
      peer: this.address,
      name: this.#user?.name ?? "",
      stack: stackOf(error),
    });
    return answer(CODE.serverError, `The server failed at this request; reference ${reference}`);
  }

  /** Whether work was given up because the connection ends: nobody waits for its answer. */
  #isGivenUp(error: unknown): boolean {
    return this.#abortController?.signal.aborted === true &&
      error instanceof DOMException && error.name === "AbortError";
  }

  #onDeadline(which: "login" | "probe"): void {
    const { log, settings } = this.#plumbing;
    if (which === "login") {
      log.info("login timeout", { peer: this.address });
      this.close(`You were not online within ${settings.loginTimeout} s`);
    } else {
      log.info("probe timeout", { peer: this.address, name: this.#user?.name ?? "" });
      this.close(`You did not answer a probe within ${settings.probeTimeout} s`);
    }
  }

  #onFull(): void {
    const { clock, settings, log } = this.#plumbing;
    const about = { peer: this.address, name: this.#user?.name ?? "" };
    log.debug("queue full", about);
    this.#writeTimer = clock.setTimeout(() => {
      log.warn("too slow, closed", about);
      this.abort();
    }, settings.writeTimeout * 1_000);
  }

  /** Nothing more is served; name, rooms and timers are freed. */
  #stopServing(): void {
    this.#isClosing = true;
    this.#abortController?.abort();
    this.#silence.stop();
    this.#plumbing.clock.clearTimeout(this.#sleepTimer);
    this.#wake?.();
    if (this.#user !== undefined) this.#service.depart(this.#user);
  }

  async #hangUp(seconds: number): Promise<void> {
    const { clock } = this.#plumbing;
    this.#farewell ??= new Farewell(this.#link, clock, () => this.abort());
    await this.#farewell.hangUp(this.#outbox.drained(), seconds);
  }

  /** Waits until all that is queued is written, at most that long. */
  async #drain(seconds: number): Promise<void> {
    if (!this.#outbox.isEmpty) {
      await within(this.#plumbing.clock, seconds, this.#outbox.drained());
    }
  }

  /** Waits, or until the session is being closed. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#sleepTimer = this.#plumbing.clock.setTimeout(resolve, ms);
    });
  }
}
