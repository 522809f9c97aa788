/**
 * The client as a library: for the console, for bots, for tests. It knows no terminal.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import {
  type Delivery,
  isRoomAddress,
  isSuccess,
  type Notice,
  type Request,
  type Response,
} from "../../common/wire/protocol.ts";
import { notOnline, refusal, toOutcome } from "./answers.ts";
import { dial } from "./dial.ts";
import { ClientClosedError, ConnectionLostError } from "./errors.ts";
import type { ClientEvent, SendOutcome } from "./events.ts";
import { presenceRequest } from "./identity.ts";
import { Incoming } from "./incoming.ts";
import type { NodeAddress } from "./node_address.ts";
import { NodesDialer } from "./nodes_dialer.ts";
import type {
  CallOptions,
  ClientOptions,
  JoinAnswer,
  LoginOptions,
  SendOptions,
} from "./options.ts";
import { PeopleRequests } from "./people_requests.ts";
import { Session } from "./session.ts";

export type {
  Conversation,
  Deleted,
  Delivery,
  Edited,
  KeptDelivery,
  MessageKind,
  Notice,
  RoomEntry,
  RoomRole,
  RoomSettings,
  Sanction,
  WhoUser,
} from "../../common/wire/protocol.ts";
export { namesIn } from "../../common/wire/protocol.ts";
export type { Clock, Timer } from "../../common/clock.ts";
export type { ByteReceiver, ByteSink, ByteSource, Link } from "../../common/link.ts";
export type { BackoffOptions } from "./backoff.ts";
export type { NodeAddress } from "./node_address.ts";
export type { BlockRequests } from "./block_requests.ts";
export type { PeopleRequests } from "./people_requests.ts";
export type { HistoryRequests } from "./history_requests.ts";
export type { RoomRequests } from "./room_requests.ts";
export type { Requests } from "./requests.ts";
export * from "./errors.ts";
export type * from "./events.ts";
export type * from "./options.ts";
export type { RoomDeed, RoomNews } from "./room_news.ts";

/** How many messages may wait for a consumer, and how many requests for an answer; and UTF-16 units of either. */
const MAX_QUEUED = 10_000;
const MAX_QUEUED_UNITS = 16_777_216;
/** How many missed messages of one conversation are handed out. */
const MAX_MISSED = 10_000;

/**
 * A client that stays online.
 *
 * Guarantees:
 * 1. Requests are carried out in the order of the calls. Each promise settles with the server's answer, also
 *    if the connection had to be made again in between.
 * 2. After a lost connection it connects again by itself (exponential backoff with jitter) and goes on as if nothing had
 *    happened, if the server has kept its session: with its name, its rooms, and all that was said. Else it logs in,
 *    and enters its rooms. Then it sends again what was not answered, messages under the same `id`; in a new
 *    session those to rooms where nothing is kept a moment later (1–10 s), when the other members may be back, too. A
 *    link that is silently dead is noticed by a probe. It does not come back by itself when the server has said that it was replaced, blocked or
 *    removed: `closed` tells. Nor does it enter a room again out of which it was taken.
 * 3. A message that comes twice is handed out once. A stored message is acknowledged when its consumer comes
 *    for the next one, so what a crashed consumer had in hand comes again at the next login. Until then the server keeps
 *    what comes behind it, too; beyond 256 KiB of that the client does without a session that is kept.
 * 4. In a new session it brings, marked as `missed`, what was said meanwhile in its rooms and, for an account,
 *    in the direct conversations that it has used last (50): in order, before what comes there afterwards. Where the
 *    server keeps nothing, nothing is asked for; what cannot be brought, a `gap` tells. See `gap_filler.ts`.
 * 5. Messages that come before anyone listens are kept for the first who does. If `maxQueued` wait, reading is
 *    paused: the server then tells the senders that this client takes no more.
 * 6. Whatever a server sends, no queue grows without a bound: where reading cannot be paused, since an answer is waited
 *    for, the client ends with an error that names the cap.
 * 7. It ends once: by `close`, `quit`, the signal, or an error that reconnecting cannot mend; then every
 *    open call rejects, every iterator ends, and `closed` resolves.
 *
 * @example
 * ```ts ignore
 * await using client = await JimClient.connect({ name: "echo" });
 * for await (const { from, message } of client.messages()) {
 *   await client.send(from, message);
 * }
 * ```
 */
export class JimClient extends PeopleRequests implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #maxQueuedUnits: number;
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #incoming: Incoming;
  readonly #session: Session;
  readonly #nodes: NodesDialer;
  readonly #idPrefix = crypto.randomUUID().slice(0, 18);
  #requestCount = 0;

  private constructor(options: ClientOptions) {
    super();
    const { clock = systemClock, random = Math.random, maxMissed = MAX_MISSED } = options;
    this.#clock = clock;
    this.#maxQueued = options.maxQueued ?? MAX_QUEUED;
    this.#maxQueuedUnits = options.maxQueuedUnits ?? MAX_QUEUED_UNITS;
    this.#incoming = new Incoming({
      maxQueued: this.#maxQueued,
      maxQueuedUnits: this.#maxQueuedUnits,
      maxMissed,
      ownName: () => this.name,
      clock,
      onRoomy: () => this.#session.readOn(),
      onRoomGone: (room) => this.left(room),
      onOverload: (cap) => this.#session.end(new ConnectionLostError("overload", cap)),
      onStuck: () => this.#session.giveUpNumbers(),
    });
    this.#nodes = dialerOf(options, clock);
    const { dial = (signal) => this.#nodes.dial(signal), others = [] } = options;
    this.#session = new Session({
      ...options,
      clock,
      random,
      dial,
      nodes: options.dial === undefined && others.length > 0 ? this.#nodes : undefined,
      reconnects: options.reconnect ?? true,
      resumes: options.resume,
      onConnection: () => this.#incoming.attach(),
      onLogin: (connection, login) => this.#incoming.loggedIn(connection, login),
      tellSeen: () => this.#incoming.tellSeen(),
      onReceived: (connection, event) => this.#incoming.receive(connection, event),
      entering: (room) => this.#incoming.gaps.entering(room),
      isKept: (room) => this.#incoming.gaps.afterOf(room) !== undefined,
      onReturn: (room, what) => this.#incoming.returned(room, what),
      onEvent: (event) => this.#incoming.happened(event),
      onEnd: (error) => {
        this.#incoming.end(error);
        this.#closed.resolve(error);
      },
    });
  }

  /**
   * Connects, and logs in if a name is given.
   *
   * @throws {ConnectError} If the server cannot be reached.
   * @throws {RefusedError} If it does not take the name.
   * @throws {ConnectionLostError} If the connection ends meanwhile.
   */
  static async connect(options: ClientOptions = {}): Promise<JimClient> {
    const client = new JimClient(options);
    const { signal, name, password } = options;
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => client.close(), { signal: client.#session.ended });
    try {
      await client.#session.open();
      if (name !== undefined) await client.login(name, { password });
      return client;
    } catch (error) {
      client.close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** The name under which this client is online, or is trying to be again. */
  get name(): string | undefined {
    return this.#session.identity?.name;
  }

  /** Whether it has logged in with a password; else it is a guest. */
  get isAccount(): boolean {
    return this.#session.identity?.password !== undefined;
  }

  /** The status that others see, if this client has set one. */
  get status(): string | undefined {
    return this.#session.identity?.status;
  }

  /** Why one does not answer, if this client has said that one is away. */
  get away(): string | undefined {
    return this.#session.identity?.away;
  }

  /** The node that the connection leads to, or led to last: the one that was named, unless there are `others`. */
  get node(): NodeAddress {
    return this.#nodes.node;
  }

  /** Whether requests reach the server now; if not, they wait until they do. */
  get isOnline(): boolean {
    return this.#session.isOnline;
  }

  /** Whether the client has ended. */
  get isClosed(): boolean {
    return this.#session.isEnded;
  }

  /** The rooms that this client is in. */
  get rooms(): string[] {
    return this.#session.rooms.names;
  }

  /** How many requests wait for their answer. */
  get pendingRequests(): number {
    return this.#session.outstanding.size;
  }

  /** Resolves when the client has ended: with the error that ended it, or with nothing if it was asked to. */
  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  /**
   * Goes online under a name. A guest may call it again with `register` to make an account of the name. If
   * the server closed the connection because nobody had logged in on it, a new one is made.
   *
   * @returns 200, or 201 if an account was made, with the server's sentence.
   * @throws {RefusedError} 400 wrong name, 401 the name needs a password, 402 wrong login or password, 403 the
   *   user is blocked, registration is closed, or the invitation code is missing or no good, 409 the name is online already (an account: from a connection that
   *   lives, see {@linkcode LoginOptions.takeover}) or the account exists. The connection stays: another name may be
   *   tried.
   * @throws {ConnectionLostError} If the connection ends before the answer came.
   */
  async login(name: string, options: LoginOptions = {}): Promise<Response> {
    options.signal?.throwIfAborted();
    return await this.#session.login(name, options);
  }

  /**
   * Sends a message to a user or to a `#room`.
   *
   * @returns The server's answer: sent, stored for later, or refused and why.
   * @throws {ClientClosedError} If the client ends before the answer came.
   *
   * @example
   * ```ts ignore
   * const outcome = await client.send("bob", "hi");
   * if (outcome.state === "refused") console.error(outcome.sentence);
   * ```
   */
  send(to: string, message: string, options: SendOptions = {}): Promise<SendOutcome> {
    const { store = true, id = `${this.#idPrefix}-${++this.#requestCount}`, reply, kind } = options;
    const request: Request = { event: "msg", to, message, id };
    if (store && !isRoomAddress(to)) request.store = true;
    if (reply !== undefined) request.reply = reply;
    if (kind !== undefined) request.kind = kind;
    return this.ask(request, options, (response) => {
      const outcome = toOutcome(response, id, to);
      this.#incoming.happened({ type: "outcome", to, message, ...(kind && { kind }), outcome });
      return outcome;
    });
  }

  /**
   * Sets the status that others see.
   *
   * @param status At most 100 characters.
   * @throws {RefusedError} 400 too long.
   */
  setStatus(status: string, options: CallOptions = {}): Promise<void> {
    return this.#describe({ status }, options);
  }

  /**
   * Says that one is away, and why: whoever writes directly is told (`SendOutcome.away`), and whoever asks by `whois`. It
   * holds until it is said that one is back, also after a lost connection.
   *
   * @param reason At most 100 characters; empty: one is back.
   * @throws {RefusedError} 400 too long.
   */
  setAway(reason: string, options: CallOptions = {}): Promise<void> {
    return this.#describe({ away: reason === "" ? undefined : reason }, options);
  }

  /**
   * Asks the server for a sign of life.
   *
   * @returns Milliseconds until the answer came.
   */
  probe(options: CallOptions = {}): Promise<number> {
    const startMs = this.#clock.monotonicMs();
    return this.ask({ event: "probe" }, options, () => this.#clock.monotonicMs() - startMs);
  }

  /**
   * Says that all stored messages up to a number have arrived. Iterating over `messages` or `events` does so
   * by itself; call this if your loop stops in the middle.
   *
   * @param stored `stored` of a message.
   */
  ack(stored: number, options: CallOptions = {}): Promise<void> {
    this.#incoming.settle(stored);
    return this.demand("ack", { event: "ack", stored }, options, () => {});
  }

  /**
   * The messages that come from now on, and those that came while nobody listened; those that were missed while the
   * connection was lost are among them, at their places.
   */
  messages(): AsyncIterableIterator<Delivery, undefined> {
    return this.#incoming.feed.subscribe({
      takesMessages: true,
      accepts: (event) => event.type === "message",
      read: (event) => (event as ClientEvent & { type: "message" }).message,
    });
  }

  /**
   * The notices that come from now on. `joined` and `left` are a name, or a list of names where several came or went within
   * a second (`namesIn` gives them as a list in either case); the own name, and what the answer to `join` has told
   * already, are not in it.
   */
  notices(): AsyncIterableIterator<Notice, undefined> {
    return this.#incoming.feed.subscribe({
      takesMessages: false,
      accepts: (event) => event.type === "notice",
      read: (event) => (event as ClientEvent & { type: "notice" }).notice,
    });
  }

  /** Everything that happens from now on, in order, and the messages that came while nobody listened. */
  events(): AsyncIterableIterator<ClientEvent, undefined> {
    return this.#incoming.feed.subscribe({
      takesMessages: true,
      accepts: () => true,
      read: (event) => event,
    });
  }

  /**
   * Says goodbye to the server after all that was asked before, then closes. A server that does not answer
   * within two seconds is not waited for.
   */
  async quit(): Promise<void> {
    await this.#session.quit();
  }

  /**
   * Ends the client at once. Calls that wait are rejected. The server is told, but nobody looks whether it has heard: the
   * name may stay taken for a while.
   *
   * @param options `confirms`: whether the server is told up to where messages have arrived. If not, an account gets
   *   those of the last second or so again, for example since they could not be written to a file. @default {true}
   */
  close({ confirms = true }: { confirms?: boolean } = {}): void {
    this.#session.end(undefined, confirms);
  }

  /** The same as `quit`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
  }

  /** Says of oneself what is given, and the rest as it was. */
  #describe(
    said: { status?: string; away?: string | undefined },
    options: CallOptions,
  ): Promise<void> {
    const { identity } = this.#session;
    if (identity === undefined) return Promise.reject(notOnline());
    const { status, away } = identity;
    // At once: the answer to a probe, which says all of it, may go out behind this.
    Object.assign(identity, said);
    return this.ask(presenceRequest(identity), options, (response) => {
      if (isSuccess(response.response)) return;
      Object.assign(identity, { status, away });
      throw refusal("status", response);
    });
  }

  /** Sends a request now or as soon as the client is online, and again on each connection until it is answered. */
  protected override ask<Result>(
    request: Request,
    { signal }: CallOptions,
    read: (response: Response, isRepeat: boolean) => Result,
  ): Promise<Result> {
    if (this.#session.isClosing) {
      return Promise.reject(new ClientClosedError("The client is closed"));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { outstanding, unanswered } = this.#session;
    if (Math.max(outstanding.size, unanswered) >= this.#maxQueued) {
      return Promise.reject(
        new ClientClosedError(`More than ${this.#maxQueued} requests wait for an answer`),
      );
    }
    if ("message" in request && outstanding.units >= this.#maxQueuedUnits) {
      return Promise.reject(
        new ClientClosedError(
          `More than ${this.#maxQueuedUnits} characters of messages wait for an answer`,
        ),
      );
    }
    request.id ??= ++this.#requestCount;
    return this.#session.request(request, read, signal);
  }

  /** The server has let the client into a room. */
  protected override entered(room: string, answer: JoinAnswer): void {
    this.#session.rooms.entered(room, answer.room);
    this.#incoming.entered(answer);
  }

  /** The client is no longer in a room. */
  protected override left(room: string): void {
    this.#session.rooms.left(room);
    this.#incoming.left(room);
  }
}

function dialerOf(
  { hostname = "localhost", port = LIMITS.port, others = [], tls, caCerts }: ClientOptions,
  clock: Clock,
): NodesDialer {
  const security = { ...(tls !== undefined && { tls }), ...(caCerts !== undefined && { caCerts }) };
  // One that is frozen in the handshake is not waited for longer than one that is frozen behind it.
  const patience = (): { timeoutMs?: number } =>
    others.length > 0 ? { timeoutMs: nodes.lifeMs } : {};
  const nodes: NodesDialer = new NodesDialer(
    [{ hostname, port }, ...others],
    (node, signal) => dial({ ...node, ...security, ...patience(), signal, clock }),
    clock,
  );
  return nodes;
}
