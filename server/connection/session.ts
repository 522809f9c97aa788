/**
 * One connection's request loop.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { unixSeconds } from "../../common/clock.ts";
import { FrameError, FramingError, stackOf } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Link } from "../../common/link.ts";
import { DEBUG_LEVEL } from "../../common/log.ts";
import { EncodedExtras, encodeFrame } from "../../common/wire/encode.ts";
import { BATCH_LINES, type Lines } from "../../common/wire/lines.ts";
import {
  type CloseReason,
  CODE,
  type EventKey,
  isRoomAddress,
  type Request,
  type RequestId,
} from "../../common/wire/protocol.ts";
import type { RequestLimits } from "../../common/wire/requests.ts";
import { type Answer, answer } from "../answer.ts";
import type { Peer, Reply } from "../events/handler.ts";
import type { Asked } from "../metrics/counters.ts";
import { Later } from "../later.ts";
import type { Outlet } from "../people/outlet.ts";
import type { User } from "../people/user.ts";
import type { Admitted } from "./admission.ts";
import { Answers, type AnswersHost } from "./answers.ts";
import { Farewell, within } from "./farewell.ts";
import { LinkOutlet } from "./link_outlet.ts";
import { Pace } from "./pace.ts";
import type { Plumbing } from "./plumbing.ts";
import { RequestSource, type RequestSourceHost, type RequestTexts } from "./request_source.ts";
import { Silence, type SilenceHost } from "./silence.ts";
import { Waiting, type WaitingHost } from "./waiting.ts";

/** What sessions serve: all that happens behind a connection. */
export interface Service {
  /** What requests are valid. */
  readonly requestLimits: RequestLimits;
  /** Serves a valid request. */
  route(peer: Peer, request: Request): Reply;
  /** Whether requests behind this one are served while it waits. */
  overlaps(request: Request): boolean;
  /** Whether its answer is paid for by its size, from the budget of the peer's network; if so, it does not overlap. */
  isCostly(request: Request): boolean;
  /**
   * Names of who is online, by folded name.
   *
   * @param max How many at most.
   */
  listOnline(max: number): string[];
  /**
   * The connection of who came online there ends. When this returns the user is reached there no more; the promise
   * settles when what the client has not confirmed is taken care of. Never rejects.
   *
   * @param isLost Whether the client may come back for its session; else the name is free when this returns.
   */
  leave(user: User, outlet: Outlet, isLost: boolean): Promise<void>;
}

/** Reasons for which a session ends with its connection. */
const FINAL_REASONS: ReadonlySet<CloseReason> = new Set<CloseReason>([
  "replaced",
  "shutdown",
  "memory",
  "blocked",
  "removed",
  "fenced",
]);

const NEVER_SENT = "seen must be at most the number of the last frame that was sent, received more";

/**
 * Others have their turn after {@linkcode BATCH_LINES} requests of one connection, after 2 ms, or after answers of 64 KiB,
 * which have yet to be written, however much it still has to say: one that floods brings hundreds of requests with a
 * read, and fifty joins of large rooms are ten thousands of frames.
 */
const SLICE_MS = 2;
const SLICE_BYTES = 65_536;

/** What a millisecond of work beside the event loop costs: at the default budget, a network has a quarter of a core. */
const BYTES_A_MS = 4_096;

/** How long a peer that is being closed has to take what is queued for it. */
const LAST_WORD_SECONDS = 1;
/** The same, of a classic client: its objects have their pace. */
const CLASSIC_LAST_WORD_SECONDS = 3;

/**
 * A connection from accept to close: reads requests, hands them to the {@linkcode Service}, puts the answers out.
 *
 * Guarantees:
 * 1. Requests are served one after the other and answered in their order. One that overlaps may wait for the disk
 *    while those behind it are served; all others are served alone.
 * 2. Nothing is read while an answer has to wait for room in the outbox, while the rate is used up, or while a request
 *    waits for the budget of its network: the peer is slowed down by TCP, nothing is refused or dropped.
 * 3. However the connection ends, its timers are freed exactly once, and so are its user's name and rooms, unless the
 *    session goes on.
 * 4. No error leaves `run`: a fault of this connection touches no other.
 */
export class Session implements Peer, AnswersHost, RequestSourceHost, SilenceHost, WaitingHost {
  /** The peer's address, for the log. */
  readonly address: string;
  /** The way to the client. */
  readonly outlet: LinkOutlet;
  readonly #plumbing: Plumbing;
  readonly #admitted: Pick<Admitted, "level" | "network" | "online" | "keepAlive">;
  readonly #link: Link;
  readonly #source: RequestSource;
  readonly #answers: Answers;
  readonly #silence: Silence;
  readonly #waiting: Waiting;
  readonly #pace: Pace;
  #farewell: Farewell | undefined;
  #loginFailures = 0;
  /** The request that is being served is paid for by the size of its answer. */
  #isCostly = false;
  /** Nothing of what was read last is served yet. */
  #isNew = false;
  /** What has to be waited for before the next request is served. */
  #served: Promise<void> | undefined;
  /** When this slice began: see {@linkcode SLICE_MS}. */
  #sliceMs = 0;
  /** Lines of it that were served. */
  #sliceLines = 0;
  /** Bytes of such answers in it. */
  #sliceBytes = 0;
  /** Requests had to wait, for the rate or a full queue, since the client was last read. */
  #wasHeldUp = false;
  /** Frames that were written when it was. */
  #framesWritten = 0;
  /** When what is served was read, or let go on after it was held up; 0 if nobody wants to know. */
  #sinceMs = 0;
  /** The last request was a direct message: a batch of them takes no time that others notice. */
  #wasQuick = false;
  #abortController: AbortController | undefined;
  /** Requests are no longer served; what is queued still goes out. */
  #isClosing = false;
  /** The socket is closed. */
  #isClosed = false;
  /** Settles when the last word is said, or cannot be. */
  #ending: Promise<void> | undefined;
  /** Settles when the service has seen to what the client did not confirm. */
  #rescue: Promise<void> | undefined;

  /**
   * Makes a session without a user; {@linkcode Session.run} serves it.
   *
   * @param admitted The connection; the session closes it.
   */
  constructor(
    plumbing: Plumbing,
    service: Service,
    admitted: Pick<Admitted, "link" | "address" | "level" | "network" | "online" | "keepAlive">,
  ) {
    const { clock, settings } = plumbing;
    const { link, address, network } = admitted;
    this.#plumbing = plumbing;
    this.#admitted = admitted;
    this.#link = link;
    this.address = address;
    this.outlet = new LinkOutlet(plumbing, link, this, this);
    this.#source = new RequestSource(plumbing, service, link, this);
    this.#answers = new Answers(this);
    this.#silence = new Silence(plumbing, this);
    this.#waiting = new Waiting(this, clock);
    this.#pace = new Pace(settings.rate, clock, network.work);
  }

  /** Who is online here: whose session goes on elsewhere, or has ended, is not. */
  get user(): User | undefined {
    const { user } = this.outlet;
    return user !== undefined && user.outlet === this.outlet ? user : undefined;
  }

  /** The network that the peer is counted under where addresses are counted. */
  get network(): string {
    return this.#admitted.network.key;
  }

  /** The client's dialect: see `RequestReader.key`. */
  get key(): EventKey {
    return this.#source.reader.key;
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

  /** The user is reached here from now on; `false` if the connection is ending or has a user. */
  attach(user: User): boolean {
    if (this.#isClosing || this.outlet.user !== undefined) return false;
    this.outlet.user = user;
    this.#silence.isOnline = true;
    this.#admitted.online();
    return true;
  }

  /** See {@linkcode Waiting.inLine}. */
  waitInLine(isOthersDoing: () => boolean): Disposable {
    return this.#waiting.inLine(isOthersDoing);
  }

  /** See {@linkcode Waiting.unlessGone}. */
  unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
    return this.#waiting.unlessGone(work);
  }

  /** Counts a wrong password; `true` if it was one too many. */
  loginFailed(): boolean {
    return ++this.#loginFailures >= LIMITS.maxLoginFailures;
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    const { log, settings } = this.#plumbing;
    const { level } = this.#admitted;
    log[level]("connected", { peer: this.address });
    this.#silence.watch();
    try {
      let texts: RequestTexts | undefined = await this.#source.first();
      for (; texts !== undefined; texts = this.#source.next()) {
        for await (const rest of texts) await this.#serveRest(rest);
      }
      // The peer will say no more, but may still listen: all its requests are answered, then it is closed.
      if (!this.#answers.isEmpty) await this.#answers.settled();
      await this.#ending;
      this.#stopServing();
      await this.#hangUp(settings.writeTimeout);
    } catch (error) {
      if (!this.#isClosed) {
        log.debug("connection lost", { peer: this.address, reason: String(error) });
      }
    }
    this.abort();
    log[level]("disconnected", { peer: this.address });
    await this.#rescue;
  }

  /**
   * Says a last word and closes: nothing more is served, what is queued goes out first, with the answers to
   * what was served.
   *
   * @param sentence Sent with code 101.
   * @param reason Sent with it.
   * @param seconds How long all this may take.
   * @param isLost Whether the client may come back for its session.
   */
  close(
    sentence: string,
    reason: CloseReason,
    seconds: number = LAST_WORD_SECONDS,
    isLost: boolean = !FINAL_REASONS.has(reason),
  ): Promise<void> {
    return this.#isClosing
      ? Promise.resolve()
      : this.#ending = this.#sayLastWord(sentence, reason, seconds, isLost);
  }

  /** See {@linkcode Waiting.isThere}. */
  isThere(seconds: number): Promise<boolean> {
    return this.#waiting.isThere(seconds);
  }

  /** The end: closes the socket at once. Safe to call at any time, does its work once. */
  abort(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopServing();
    this.#farewell?.cancel();
    this.outlet.release();
    try {
      this.#link.close();
    } catch {
      // It is closed already.
    }
  }

  /** See {@linkcode RequestSourceHost}. */
  get sliceBytes(): number {
    return this.#sliceBytes;
  }

  /** See {@linkcode RequestSourceHost}. */
  heard(): void {
    this.#isNew = true;
    this.#silence.heard(this.#plumbing.turns.nowMs);
  }

  /** Classic clients answer no probes: TCP finds out whether they are there. For {@linkcode RequestSource}. */
  setClassic(isClassic: boolean): void {
    if (isClassic) {
      this.#plumbing.log.debug("classic client", { peer: this.address });
      this.#admitted.keepAlive();
    }
    this.#silence.isProbing = !isClassic;
  }

  /**
   * What was read shows that the client has what was written before. Not so if the session was held up since it last
   * read: what it reads then may have been sent long ago.
   */
  #confirm(): void {
    const { framesWritten } = this.outlet;
    this.user?.confirm(this.#wasHeldUp ? this.#framesWritten : framesWritten);
    this.#framesWritten = framesWritten;
    this.#wasHeldUp = false;
  }

  /** Serves what a read brought, up to what has to be waited for. See {@linkcode RequestSourceHost}. */
  takeAtOnce(lines: Lines): Lines | undefined {
    this.#silence.isServing = true;
    this.#beginSlice();
    if (this.#isNew) {
      this.#isNew = false;
      this.#confirm();
      if (this.#plumbing.deliveries !== undefined) this.#sinceMs = this.#sliceMs;
    }
    for (let i = 0; i < lines.length; i++) {
      this.#served = this.#serveInTurn(lines[i]!);
      if (this.#served !== undefined) return lines.slice(i + 1);
    }
    this.#silence.isServing = false;
    return undefined;
  }

  async #serveRest(lines: Lines): Promise<void> {
    await this.#served;
    this.#served = undefined;
    for (const line of lines) {
      const served = this.#serveInTurn(line);
      if (served !== undefined) await served;
    }
    this.#silence.isServing = false;
  }

  #serveInTurn(line: string): Promise<void> | undefined {
    return this.#isSliceOver() ? this.#serveAfterOthers(line) : this.#serve(line);
  }

  async #serveAfterOthers(line: string): Promise<void> {
    await this.#plumbing.turns.others();
    this.#beginSlice();
    await this.#serve(line);
  }

  #beginSlice(): void {
    this.#sliceMs = this.#plumbing.turns.nowMs;
    this.#sliceLines = this.#sliceBytes = 0;
  }

  /**
   * Whether others have waited long enough. The clock is read after requests that may take long: reading it is a system
   * call out of JavaScript.
   */
  #isSliceOver(): boolean {
    if (this.#sliceLines >= BATCH_LINES || this.#sliceBytes >= SLICE_BYTES) return true;
    if (this.#sliceLines === 0 || this.#wasQuick) return false;
    return this.#plumbing.clock.monotonicMs() - this.#sliceMs >= SLICE_MS;
  }

  /** Serves one line; returns a promise only if there is something to wait for before the next. */
  #serve(line: string): Promise<void> | undefined {
    if (this.#isClosing) return undefined; // what the peer still says is read, so that it can read our last word
    this.#sliceLines++;
    return this.outlet.isFull || !this.#pace.take() ? this.#serveLater(line) : this.#serveNow(line);
  }

  async #serveLater(line: string): Promise<void> {
    this.#wasHeldUp = true;
    await this.outlet.roomy();
    await this.#pace.turn();
    const { deliveries, turns } = this.#plumbing;
    if (deliveries !== undefined) this.#sinceMs = turns.nowMs;
    if (!this.#isClosing) await this.#serveNow(line);
  }

  #serveNow(line: string): Promise<void> | undefined {
    this.#wasQuick = this.#isCostly = false;
    let request: Request;
    try {
      request = this.#source.reader.read(line);
    } catch (error) {
      return error instanceof FrameError
        ? this.#answers.now(refusalOf(error), error.id)
        : this.#answers.now(this.#serverError(error), undefined);
    }
    if (request.seen !== undefined && this.user?.seen(request.seen) === false) {
      return this.#answers.now(answer(CODE.badRequest, NEVER_SENT), request.id);
    }
    if (this.#source.service.overlaps(request)) {
      return this.#serveRequest(request, line.length, false);
    }
    const isCostly = this.#source.service.isCostly(request);
    const mustWait = isCostly && (this.#plumbing.turns.hasWorked || !this.#pace.mayWork);
    return this.#answers.isEmpty && !mustWait
      ? this.#serveRequest(request, line.length, isCostly)
      : this.#serveAlone(request, line.length, isCostly);
  }

  /** Serves a request when all those before it are answered, and, if it is costly, turn and budget have room for it. */
  async #serveAlone(request: Request, units: number, isCostly: boolean): Promise<void> {
    const { turns } = this.#plumbing;
    await this.#answers.settled();
    if (isCostly) {
      while (turns.hasWorked) await turns.others();
      if (!this.#pace.mayWork) await this.#pace.workTurn();
    }
    if (!this.#isClosing) await this.#serveRequest(request, units, isCostly);
  }

  #serveRequest(request: Request, units: number, isCostly: boolean): Promise<void> | undefined {
    this.#isCostly = isCostly;
    const reply = this.#replyTo(request);
    const { id, event } = request;
    this.#wasQuick = event === "msg" && !isRoomAddress(request.to);
    if (!(reply instanceof Promise || reply instanceof Later)) {
      return this.#answers.now(reply, id, event, this.#sinceMs);
    }
    const roomy = this.#answers.later(reply, id, units, event, this.#sinceMs);
    // What is a Later tells one waiter only, and that is `answers`; nothing costly is one.
    if (isCostly && reply instanceof Promise) {
      this.#pace.follow(reply);
      // Nothing else is read while a long answer is waited for: whoever resets the connection gives up the place.
      this.ahead().catch(() => this.abort());
    }
    return this.#source.service.overlaps(request) ? roomy : this.#answers.settled();
  }

  #replyTo(request: Request): Reply {
    const { log } = this.#plumbing;
    if (log.level <= DEBUG_LEVEL) {
      log.debug("request", { peer: this.address, event: request.event, id: request.id });
    }
    try {
      return this.#source.service.route(this, request);
    } catch (error) {
      return this.#serverError(error);
    }
  }

  /** Puts an answer out, and does what comes right behind it. For {@linkcode Answers}. */
  put(
    reply: Answer,
    id: RequestId | undefined,
    asked: Asked,
    sinceMs: number,
  ): Promise<void> | undefined {
    const { answers, counters, deliveries, log, turns } = this.#plumbing;
    counters.answered(asked, reply.code);
    if (deliveries !== undefined && asked === "msg" && isTaken(reply)) deliveries.answered(sinceMs);
    if (log.level <= DEBUG_LEVEL) {
      log.debug("response", { peer: this.address, code: reply.code, id });
    }
    const line = answers.encode(reply, turns.nowSeconds, id);
    if (this.#isCostly) this.#pay(reply, line);
    if (reply.closes) this.#source.dropDeliveries();
    this.outlet.answer(line);
    if (reply.closes) {
      this.#stopServing();
      this.#hangUp(this.#source.isClassic ? CLASSIC_LAST_WORD_SECONDS : LAST_WORD_SECONDS);
    }
    const work = reply.afterwards?.();
    return work && (this.user?.numbered?.unlessShort(work) ?? work);
  }

  /** See `LineReader.ahead`. */
  ahead(): Promise<number | null> {
    return this.#source.ahead();
  }

  /** Pays for an answer of which only the list, counted when it was made, may be long. */
  #pay({ extras, workMs = 0 }: Answer, line: string): void {
    const bytes = extras instanceof EncodedExtras
      ? line.length - extras.json.length + extras.bytes
      : Buffer.byteLength(line);
    const owed = this.user?.takeOwed() ?? 0;
    this.#pace.spend(bytes + owed + Math.round(workMs * BYTES_A_MS));
    this.#plumbing.turns.worked(bytes);
    this.#sliceBytes += bytes;
  }

  /** The answer to a request whose handler failed. For {@linkcode Answers}. */
  failed(error: unknown): Answer | undefined {
    return this.#isGivenUp(error) ? undefined : this.#serverError(error);
  }

  /** Whether the server is at work on a login of this peer. For {@linkcode Silence}. */
  isLoggingIn(): boolean {
    return !this.#answers.isEmpty && !this.#waiting.isHeldUp;
  }

  /** Counts what waits for its answer. For {@linkcode Answers}. */
  hold(bytes: number): void {
    this.outlet.hold(bytes);
  }

  /** Asks the peer whether it is there. For {@linkcode Silence}. */
  probe(): void {
    this.outlet.probe();
  }

  /** Logs what went wrong; the peer gets a reference to it and no detail. */
  #serverError(error: unknown): Answer {
    const reference = crypto.randomUUID().slice(0, 8);
    this.#plumbing.log.error("request failed", {
      reference,
      peer: this.address,
      name: this.outlet.user?.name ?? "",
      stack: stackOf(error),
    });
    return answer(CODE.serverError, `The server failed at this request; reference ${reference}`);
  }

  /** Whether work was given up because the connection ends: nobody waits for its answer. */
  #isGivenUp(error: unknown): boolean {
    return this.#isClosing && error instanceof DOMException && error.name === "AbortError";
  }

  /** Closes the connection. For {@linkcode Silence}. */
  onDeadline(which: "login" | "probe"): void {
    const { log, settings } = this.#plumbing;
    if (which === "login") {
      log.info("login timeout", { peer: this.address });
      this.close(`You were not online within ${settings.loginTimeout} s`, which);
    } else {
      log.info("probe timeout", { peer: this.address, name: this.outlet.user?.name ?? "" });
      this.close(`You did not answer a probe within ${settings.probeTimeout} s`, which);
    }
  }

  /** Nothing more is served; timers are freed, and so are name and rooms, unless the session goes on. */
  #stopServing(isLost = true): void {
    this.#isClosing = true;
    this.#abortController?.abort();
    this.#silence.stop();
    this.#pace.stop();
    this.outlet.end();
    const { user } = this.outlet;
    if (user !== undefined) this.#rescue ??= this.#source.service.leave(user, this.outlet, isLost);
  }

  async #sayLastWord(
    sentence: string,
    reason: CloseReason,
    seconds: number,
    isLost: boolean,
  ): Promise<void> {
    const { clock } = this.#plumbing;
    const time = unixSeconds(clock);
    const deadline = clock.monotonicMs() + seconds * 1_000;
    this.#plumbing.counters.closes[reason]++;
    this.#stopServing(isLost);
    // Half of the time is kept for writing.
    if (!this.#answers.isEmpty) await within(clock, seconds / 2, this.#answers.settled());
    this.outlet.answer(encodeFrame({ response: CODE.important, time, alert: sentence, reason }));
    await this.#hangUp((deadline - clock.monotonicMs()) / 1_000);
  }

  async #hangUp(seconds: number): Promise<void> {
    if (this.#isClosed) return;
    this.#farewell ??= new Farewell(this.#link, this.#plumbing.clock, () => this.abort());
    await this.#farewell.hangUp(this.outlet.drained(), seconds);
  }
}

/** Whether an answer to a message says that it was delivered or stored. */
function isTaken({ code }: Answer): boolean {
  return code === CODE.ok || code === CODE.accepted;
}

/** What whoever has sent no valid request is told. */
function refusalOf(error: FrameError): Answer {
  const refusal = answer(CODE.badRequest, error.message);
  return error instanceof FramingError ? { ...refusal, closes: true } : refusal;
}
