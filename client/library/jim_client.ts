/**
 * The client as a library: for the console, for bots, for tests. It knows no terminal.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import {
  CODE,
  type Delivery,
  isRoomAddress,
  isSuccess,
  type Notice,
  type Request,
  type Response,
} from "../../common/wire/protocol.ts";
import { Acknowledger } from "./acknowledger.ts";
import { notOnline, refusal, toOutcome, toRoom } from "./answers.ts";
import type { Connection, ConnectionEvent } from "./connection.ts";
import { dial, type DialOptions } from "./dial.ts";
import { ClientClosedError, ConnectionLostError } from "./errors.ts";
import type { ClientEvent, SendOutcome } from "./events.ts";
import { Feed } from "./feed.ts";
import { presenceRequest } from "./identity.ts";
import { Inbox } from "./inbox.ts";
import type {
  CallOptions,
  ClientOptions,
  JoinAnswer,
  LoginOptions,
  RoomAnswer,
  RoomsAnswer,
  SendOptions,
  WhoAnswer,
} from "./options.ts";
import { Session } from "./session.ts";

export type { Delivery, Notice, RoomEntry, RoomRole, WhoUser } from "../../common/wire/protocol.ts";
export * from "./errors.ts";
export type * from "./events.ts";
export type * from "./options.ts";

/** How many messages may wait for a consumer, and how many requests for an answer; and UTF-16 units of either. */
const MAX_QUEUED = 10_000;
const MAX_QUEUED_UNITS = 16_777_216;
/**
 * While an answer is waited for, reading goes on. What an honest server has sent before the answer, its queue and the
 * buffers of two systems (about 12 MiB), is less than this many times the bound, even in frames of 90 bytes.
 */
const OVERLOAD = 4;
/** Stored messages whose turn to be acknowledged has not come: more than a mailbox and all those buffers hold. */
const MAX_UNACKNOWLEDGED = 262_144;

/**
 * A client that stays online.
 *
 * Guarantees:
 * 1. Requests are carried out in the order of the calls. Each promise settles with the server's answer, also
 *    if the connection had to be made again in between.
 * 2. After a lost connection it connects again by itself (exponential backoff with jitter), logs in, enters its
 *    rooms, and then sends again what was not answered, messages under the same `id`; those to rooms a moment later
 *    (1–10 s), when the other members may be back, too. A link that is silently dead is noticed by a probe. It does
 *    not come back by itself when the server has said that it was replaced, blocked or removed: `closed` tells.
 * 3. A message that comes twice is handed out once. A stored message is acknowledged when its consumer comes
 *    for the next one, so what a crashed consumer had in hand comes again at the next login.
 * 4. Messages that come before anyone listens are kept for the first who does. If `maxQueued` wait, reading is
 *    paused: the server then tells the senders that this client takes no more.
 * 5. Whatever a server sends, no queue grows without a bound: where reading cannot be paused, since an answer is waited
 *    for, the client ends with an error that names the cap.
 * 6. It ends once: by `close`, `quit`, the signal, or an error that reconnecting cannot mend; then every
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
export class JimClient implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #maxQueuedUnits: number;
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #inbox: Inbox;
  readonly #feed: Feed;
  readonly #session: Session;
  readonly #idPrefix = crypto.randomUUID().slice(0, 18);
  #requestCount = 0;

  private constructor(options: ClientOptions) {
    const { clock = systemClock, random = Math.random, maxQueued = MAX_QUEUED } = options;
    this.#clock = clock;
    this.#maxQueued = maxQueued;
    this.#maxQueuedUnits = options.maxQueuedUnits ?? MAX_QUEUED_UNITS;
    const acknowledger = new Acknowledger();
    this.#inbox = new Inbox({ onAcknowledge: (stored) => acknowledger.acknowledge(stored) });
    this.#feed = new Feed(() => {
      if (!this.#isFull) this.#session.resume();
    });
    this.#session = new Session({
      ...options,
      clock,
      random,
      dial: options.dial ?? ((signal) => dial({ ...addressOf(options), signal, clock })),
      reconnects: options.reconnect ?? true,
      onConnection: (connection) => {
        this.#inbox.reset();
        acknowledger.attach(connection);
      },
      onReceived: (connection, event) => this.#receive(connection, event),
      onEvent: (event) => this.#publish(event),
      onEnd: (error) => {
        this.#feed.end(error);
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
    return this.#session.rooms;
  }

  /** How many requests wait for their answer. */
  get pendingRequests(): number {
    return this.#session.pendingRequests;
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
   *   user is blocked or registration is closed, 409 the name is online already (an account: from a connection that
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
    const { store = true, id = `${this.#idPrefix}-${++this.#requestCount}` } = options;
    const request: Request = { event: "msg", to, message, id };
    if (store && !isRoomAddress(to)) request.store = true;
    return this.#request(request, options, (response) => {
      const outcome = toOutcome(response, id);
      this.#publish({ type: "outcome", to, message, outcome });
      return outcome;
    });
  }

  /**
   * Enters a room.
   *
   * @returns What the room is, its members, and whether there was no such room before.
   * @throws {RefusedError} 400 wrong name, 403 too many rooms.
   */
  join(room: string, options: CallOptions = {}): Promise<JoinAnswer> {
    return this.#request({ event: "join", room }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("join", response);
      const shown = response.room ?? room;
      this.#session.entered(room, shown);
      const users = (response.users ?? []).map((user) =>
        typeof user === "string" ? user : user.account_name
      );
      return {
        room: shown,
        users,
        isNew: response.response === CODE.created,
        topic: response.topic ?? "",
        isLasting: response.lasting ?? false,
        role: response.role ?? "member",
      };
    });
  }

  /**
   * Leaves a room.
   *
   * @throws {RefusedError} 404 not a member.
   */
  leave(room: string, options: CallOptions = {}): Promise<void> {
    return this.#request({ event: "leave", room }, options, (response) => {
      // Also after a 404: then the server knows better.
      this.#session.left(room);
      if (!isSuccess(response.response)) throw refusal("leave", response);
    });
  }

  /**
   * Asks who is online, or who is in a room.
   *
   * @throws {RefusedError} 403 not a member, 404 no such room.
   */
  who(room?: string, options: CallOptions = {}): Promise<WhoAnswer> {
    const request: Request = room === undefined ? { event: "who" } : { event: "who", room };
    return this.#request(request, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("who", response);
      const users = (response.users ?? []).map((user) =>
        typeof user === "string" ? { account_name: user, status: "" } : user
      );
      return { users, total: response.total ?? users.length };
    });
  }

  /**
   * Asks which rooms there are. Those that this client is in are {@linkcode JimClient.rooms}.
   *
   * @throws {RefusedError} 400 the server knows no lists of rooms.
   */
  listRooms(options: CallOptions = {}): Promise<RoomsAnswer> {
    return this.#request({ event: "rooms" }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("rooms", response);
      const rooms = (response.rooms ?? []) as RoomsAnswer["rooms"];
      return { rooms, total: response.total ?? rooms.length };
    });
  }

  /**
   * Asks what there is to know of a room.
   *
   * @throws {RefusedError} 404 no such room.
   */
  room(room: string, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.#request({ event: "room", room }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("room", response);
      return toRoom(response, room);
    });
  }

  /**
   * Says what a room is about. Its members get a notice.
   *
   * @param topic At most 200 characters; controls are left out by the server.
   * @returns What there is to know of the room then.
   * @throws {RefusedError} 400 too long, 403 not an owner, 404 no such room.
   */
  setTopic(room: string, topic: string, options: CallOptions = {}): Promise<RoomAnswer> {
    return this.#request({ event: "room", room, topic }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("topic", response);
      return toRoom(response, room);
    });
  }

  /**
   * Ends a room for all. Its members get a notice and are out.
   *
   * @throws {RefusedError} 403 not an owner, 404 no such room.
   */
  removeRoom(room: string, options: CallOptions = {}): Promise<void> {
    return this.#request({ event: "room", room, remove: true }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("remove", response);
    });
  }

  /**
   * Sets the status that others see.
   *
   * @param status At most 100 characters.
   * @throws {RefusedError} 400 too long.
   */
  setStatus(status: string, options: CallOptions = {}): Promise<void> {
    const { identity } = this.#session;
    if (identity === undefined) return Promise.reject(notOnline());
    return this.#request(presenceRequest({ name: identity.name, status }), options, (response) => {
      if (!isSuccess(response.response)) throw refusal("status", response);
      identity.status = status;
    });
  }

  /**
   * Asks the server for a sign of life.
   *
   * @returns Milliseconds until the answer came.
   */
  probe(options: CallOptions = {}): Promise<number> {
    const startMs = this.#clock.monotonicMs();
    return this.#request(
      { event: "probe" },
      options,
      () => this.#clock.monotonicMs() - startMs,
    );
  }

  /**
   * Says that all stored messages up to a number have arrived. Iterating over `messages` or `events` does so
   * by itself; call this if your loop stops in the middle.
   *
   * @param stored `stored` of a message.
   */
  ack(stored: number, options: CallOptions = {}): Promise<void> {
    return this.#request({ event: "ack", stored }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("ack", response);
    });
  }

  /** The messages that come from now on, and those that came while nobody listened. */
  messages(): AsyncIterableIterator<Delivery, undefined> {
    return this.#feed.subscribe({
      takesMessages: true,
      accepts: (event) => event.type === "message",
      read: (event) => (event as ClientEvent & { type: "message" }).message,
    });
  }

  /** The notices that come from now on. */
  notices(): AsyncIterableIterator<Notice, undefined> {
    return this.#feed.subscribe({
      takesMessages: false,
      accepts: (event) => event.type === "notice",
      read: (event) => (event as ClientEvent & { type: "notice" }).notice,
    });
  }

  /** Everything that happens from now on, in order, and the messages that came while nobody listened. */
  events(): AsyncIterableIterator<ClientEvent, undefined> {
    return this.#feed.subscribe({
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

  /** Ends the client at once. Calls that wait are rejected. */
  close(): void {
    this.#session.end(undefined);
  }

  /** The same as `quit`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
  }

  /** Sends a request now or as soon as the client is online, and again on each connection until it is answered. */
  #request<Result>(
    request: Request,
    { signal }: CallOptions,
    read: (response: Response) => Result,
  ): Promise<Result> {
    if (this.#session.isClosing) {
      return Promise.reject(new ClientClosedError("The client is closed"));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { pendingRequests, unanswered } = this.#session;
    if (Math.max(pendingRequests, unanswered) >= this.#maxQueued) {
      return Promise.reject(
        new ClientClosedError(`More than ${this.#maxQueued} requests wait for an answer`),
      );
    }
    if (request.event === "msg" && this.#session.pendingUnits >= this.#maxQueuedUnits) {
      return Promise.reject(
        new ClientClosedError(
          `More than ${this.#maxQueuedUnits} characters of messages wait for an answer`,
        ),
      );
    }
    request.id ??= ++this.#requestCount;
    return this.#session.request(request, read, signal);
  }

  #receive(connection: Connection, event: ConnectionEvent): void {
    if (event.type === "message") {
      const receipt = this.#inbox.accept(event.message, this.#feed.messageListeners);
      if (receipt !== undefined) this.#publish(event, () => this.#inbox.handled(receipt));
      if (this.#inbox.unacknowledged > MAX_UNACKNOWLEDGED) {
        this.#overload(`more than ${MAX_UNACKNOWLEDGED} stored messages before one was handled`);
      }
    } else if (event.type !== "probe") {
      const { room, remove } = event.type === "notice" ? event.notice : {};
      if (room !== undefined && remove) this.#session.left(room);
      this.#publish(event);
    }
    if (this.#isFull) connection.pause();
  }

  /** Whether no more should be read until a consumer has taken something. */
  get #isFull(): boolean {
    const { events, units } = this.#feed.backlog;
    return events >= this.#maxQueued || units >= this.#maxQueuedUnits;
  }

  #publish(event: ClientEvent, onHandled?: () => void): void {
    this.#feed.publish(event, onHandled);
    const most = OVERLOAD * this.#maxQueuedUnits;
    if (this.#feed.backlog.units > most) {
      this.#overload(`more than ${most} characters before an answer, and nobody takes them`);
    }
  }

  #overload(cap: string): void {
    this.#session.end(new ConnectionLostError("overload", cap));
  }
}

function addressOf(
  { hostname = "localhost", port = LIMITS.port, tls, caCerts }: ClientOptions,
): DialOptions {
  return {
    hostname,
    port,
    ...(tls === undefined ? {} : { tls }),
    ...(caCerts === undefined ? {} : { caCerts }),
  };
}
