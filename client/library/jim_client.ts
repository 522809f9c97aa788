/**
 * The client as a library: for the console, for bots, for tests. It knows no terminal.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import {
  type Delivery,
  isRoomAddress,
  isSuccess,
  type Notice,
  type Request,
  type Response,
} from "../../common/wire/protocol.ts";
import { Acknowledger } from "./acknowledger.ts";
import { notOnline, offline, refusal, toOutcome } from "./answers.ts";
import { backoffMs } from "./backoff.ts";
import { Connection, type ConnectionEvent } from "./connection.ts";
import { dial } from "./dial.ts";
import { ClientClosedError, ConnectionLostError } from "./errors.ts";
import type { ClientEvent, SendOutcome } from "./events.ts";
import { Feed } from "./feed.ts";
import { Inbox } from "./inbox.ts";
import type {
  CallOptions,
  ClientOptions,
  LoginOptions,
  SendOptions,
  WhoAnswer,
} from "./options.ts";
import { abortable, sleep } from "./waiting.ts";

export type { Delivery, Notice, WhoUser } from "../../common/wire/protocol.ts";
export * from "./errors.ts";
export type * from "./events.ts";
export type * from "./options.ts";

interface Identity {
  name: string;
  password: string | undefined;
  status: string | undefined;
}

/** A request until its answer is there. */
interface Outstanding {
  readonly request: Request;
  readonly onResponse: (response: Response) => void;
  readonly reject: (error: Error) => void;
  /** Where it was sent last. */
  sentOn?: Connection;
}

/** Codes after which logging in again under the same name makes no sense. */
const FINAL_CODES: ReadonlySet<number> = new Set([400, 401, 402, 403]);
/** A login may wait in the server's queue of those whose password is checked. */
const LOGIN_TIMEOUT_MS = 90_000;
/** `quit` waits for its answer for so long. */
const QUIT_TIMEOUT_MS = 2_000;
const MAX_QUEUED = 10_000;

/**
 * A client that stays online.
 *
 * Guarantees:
 * 1. Requests are carried out in the order of the calls. Each promise settles with the server's answer, also
 *    if the connection had to be made again in between.
 * 2. After a lost connection it connects again by itself (exponential backoff with jitter), logs in, enters its
 *    rooms, and then sends again what was not answered, messages under the same `id`. A link that is silently
 *    dead is noticed by a probe.
 * 3. A message that comes twice is handed out once. A stored message is acknowledged when its consumer comes
 *    for the next one, so what a crashed consumer had in hand comes again at the next login.
 * 4. Messages that come before anyone listens are kept for the first who does. If `maxQueued` wait, reading is
 *    paused: the server then tells the senders that this client takes no more.
 * 5. It ends once: by `close`, `quit`, the signal, or an error that reconnecting cannot mend; then every
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
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #closing = new AbortController();
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #inbox: Inbox;
  readonly #acknowledger = new Acknowledger();
  readonly #feed: Feed;
  readonly #outstanding = new Set<Outstanding>();
  readonly #rooms = new Map<string, string>();
  #connection: Connection | undefined;
  #identity: Identity | undefined;
  /** Logged in on the connection there is: requests may go out. */
  #isOnline = false;
  #isQuitting = false;
  #requestCount = 0;
  readonly #idPrefix: string;

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maxQueued = options.maxQueued ?? MAX_QUEUED;
    this.#idPrefix = crypto.randomUUID().slice(0, 18);
    this.#inbox = new Inbox({
      onAcknowledge: (stored) => this.#acknowledger.acknowledge(stored),
    });
    this.#feed = new Feed(() => {
      if (!this.#feed.holds(this.#maxQueued)) this.#connection?.resume();
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
    signal?.addEventListener("abort", () => client.close(), { signal: client.#closing.signal });
    try {
      await client.#open();
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
    return this.#identity?.name;
  }

  /** Whether requests reach the server now; if not, they wait until they do. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Whether the client has ended. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** The rooms that this client is in. */
  get rooms(): string[] {
    return [...this.#rooms.values()];
  }

  /** How many requests wait for their answer. */
  get pendingRequests(): number {
    return this.#outstanding.size;
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
   *   user is blocked or registration is closed, 409 the name is online already or the account exists. The
   *   connection stays: another name may be tried.
   * @throws {ConnectionLostError} If the connection ends before the answer came.
   */
  async login(name: string, options: LoginOptions = {}): Promise<Response> {
    const { signal, register } = options;
    signal?.throwIfAborted();
    if (this.#identity !== undefined && !this.#isOnline) throw offline();
    const identity = { name, password: options.password, status: options.status };
    const connection = this.#connection ?? await this.#open();
    const response = await abortable(this.#greet(connection, identity, register), signal);
    if (!isSuccess(response.response)) throw refusal("login", response);
    return response;
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
      this.#feed.publish({ type: "outcome", to, message, outcome });
      return outcome;
    });
  }

  /**
   * Enters a room.
   *
   * @returns The room's name as it is shown, and its members.
   * @throws {RefusedError} 400 wrong name, 403 too many rooms.
   */
  join(room: string, options: CallOptions = {}): Promise<{ room: string; users: string[] }> {
    return this.#request({ event: "join", room }, options, (response) => {
      if (!isSuccess(response.response)) throw refusal("join", response);
      const shown = response.room ?? room;
      this.#rooms.set(foldName(room), shown);
      const users = (response.users ?? []).map((user) =>
        typeof user === "string" ? user : user.account_name
      );
      return { room: shown, users };
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
      this.#rooms.delete(foldName(room));
      if (!isSuccess(response.response)) throw refusal("leave", response);
    });
  }

  /**
   * Who is online, or who is in a room.
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
   * Sets the status that others see.
   *
   * @param status At most 100 characters.
   * @throws {RefusedError} 400 too long.
   */
  setStatus(status: string, options: CallOptions = {}): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return Promise.reject(notOnline());
    const request: Request = {
      event: "presence",
      type: "status",
      user: { account_name: identity.name, status },
    };
    return this.#request(request, options, (response) => {
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
   * by itself; this is for those who stop in the middle.
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
    this.#isQuitting = true;
    const connection = this.#connection;
    if (connection !== undefined && !this.isClosed) {
      const done = Promise.withResolvers<void>();
      const timer = this.#clock.setTimeout(done.resolve, QUIT_TIMEOUT_MS);
      connection.send({ event: "quit" }, () => done.resolve());
      await done.promise;
      this.#clock.clearTimeout(timer);
    }
    this.close();
  }

  /** Ends the client at once. Calls that wait are rejected. */
  close(): void {
    this.#finish(undefined);
  }

  /** The same as `quit`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
  }

  /** Makes a connection. */
  async #open(): Promise<Connection> {
    if (this.isClosed) throw new ClientClosedError("The client is closed");
    const { hostname = "localhost", port = LIMITS.port, tls, caCerts } = this.#options;
    const { signal } = this.#closing;
    const link = await (this.#options.dial?.(signal) ??
      dial({
        hostname,
        port,
        signal,
        clock: this.#clock,
        ...(tls === undefined ? {} : { tls }),
        ...(caCerts === undefined ? {} : { caCerts }),
      }));
    if (this.isClosed) {
      link.close();
      throw new ClientClosedError("The client is closed");
    }
    const { probeIntervalMs, probeTimeoutMs } = this.#options;
    const connection = new Connection(link, {
      onEvent: (event) => this.#receive(connection, event),
      onEnd: (error) => this.#onEnd(connection, error),
      clock: this.#clock,
      ...(probeIntervalMs === undefined ? {} : { probeIntervalMs }),
      ...(probeTimeoutMs === undefined ? {} : { probeTimeoutMs }),
    });
    this.#connection = connection;
    this.#inbox.reset();
    this.#acknowledger.attach(connection);
    return connection;
  }

  /** Logs in. On success requests may go out as of the very moment of the answer. */
  #greet(connection: Connection, identity: Identity, register = false): Promise<Response> {
    const { name, password, status } = identity;
    const request: Request = password === undefined
      ? {
        event: "presence",
        type: "status",
        user: { account_name: name, ...(status === undefined ? {} : { status }) },
      }
      : { event: "authenticate", user: { account_name: name, password } };
    if (register && request.event === "authenticate") request.register = true;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => connection.abandon(), LOGIN_TIMEOUT_MS);
      connection.send(request, (answer) => {
        this.#clock.clearTimeout(timer);
        if (answer instanceof ConnectionLostError) {
          reject(answer);
          return;
        }
        if (isSuccess(answer.response)) this.#becomeOnline(connection, identity);
        resolve(answer);
      });
    });
  }

  #becomeOnline(connection: Connection, identity: Identity): void {
    const again = this.#identity !== undefined && !this.#isOnline;
    const wasOnline = this.#isOnline;
    this.#identity = identity;
    this.#isOnline = true;
    connection.watch();
    if (identity.password !== undefined && identity.status !== undefined) {
      const user = { account_name: identity.name, status: identity.status };
      connection.send({ event: "presence", type: "status", user });
    }
    if (wasOnline) return;
    for (const room of this.#rooms.values()) this.#enterAgain(connection, room);
    for (const outstanding of this.#outstanding) this.#transmit(connection, outstanding);
    this.#feed.publish({ type: "online", name: identity.name, again });
  }

  #enterAgain(connection: Connection, room: string): void {
    connection.send({ event: "join", room }, (answer) => {
      if (answer instanceof ConnectionLostError || isSuccess(answer.response)) return;
      this.#rooms.delete(foldName(room));
      this.#feed.publish({ type: "room-lost", room, error: refusal("join", answer) });
    });
  }

  /** Sends a request now or as soon as the client is online, as often as it takes to get an answer. */
  #request<Result>(
    request: Request,
    { signal }: CallOptions,
    read: (response: Response) => Result,
  ): Promise<Result> {
    if (this.isClosed || this.#isQuitting) {
      return Promise.reject(new ClientClosedError("The client is closed"));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#outstanding.size >= this.#maxQueued) {
      return Promise.reject(
        new ClientClosedError(`More than ${this.#maxQueued} requests wait for an answer`),
      );
    }
    request.id ??= ++this.#requestCount;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const outstanding: Outstanding = {
      request,
      reject,
      onResponse: (response) => {
        try {
          resolve(read(response));
        } catch (error) {
          reject(error);
        }
      },
    };
    this.#outstanding.add(outstanding);
    if (this.#connection !== undefined && (this.#isOnline || this.#identity === undefined)) {
      this.#transmit(this.#connection, outstanding);
    }
    return signal === undefined ? promise : abortable(promise, signal, () => {
      this.#outstanding.delete(outstanding);
    });
  }

  #transmit(connection: Connection, outstanding: Outstanding): void {
    if (outstanding.sentOn === connection) return;
    outstanding.sentOn = connection;
    connection.send(outstanding.request, (answer) => {
      if (answer instanceof ConnectionLostError) {
        // Online once, the request is sent again; before that nobody knows under which name it would be.
        if (this.#identity === undefined && this.#outstanding.delete(outstanding)) {
          outstanding.reject(answer);
        }
      } else if (this.#outstanding.delete(outstanding)) {
        outstanding.onResponse(answer);
      }
    });
  }

  #receive(connection: Connection, event: ConnectionEvent): void {
    switch (event.type) {
      case "message": {
        const receipt = this.#inbox.accept(event.message, this.#feed.messageListeners);
        if (receipt !== undefined) this.#feed.publish(event, () => this.#inbox.handled(receipt));
        break;
      }
      case "probe":
        this.#answerProbe(connection);
        break;
      case "notice":
      case "malformed":
        this.#feed.publish(event);
        break;
    }
    if (this.#feed.holds(this.#maxQueued)) connection.pause();
  }

  /** A probe is answered by presence, as the classic protocol has it; before login by any request. */
  #answerProbe(connection: Connection): void {
    if (this.#identity === undefined || !this.#isOnline) {
      connection.send({ event: "probe" });
      return;
    }
    const { name, status } = this.#identity;
    const user = { account_name: name, ...(status === undefined ? {} : { status }) };
    connection.send({ event: "presence", type: "status", user });
  }

  #onEnd(connection: Connection, error: ConnectionLostError): void {
    if (connection !== this.#connection) return;
    const wasOnline = this.#isOnline;
    this.#connection = undefined;
    this.#isOnline = false;
    if (this.isClosed) return;
    if (this.#isQuitting) this.#finish(undefined);
    else if (this.#identity === undefined) return;
    else if (this.#options.reconnect === false) this.#finish(error);
    else if (wasOnline) this.#reconnect(error);
  }

  /** Tries until it is online again or the client has ended. Runs at most once at a time. */
  async #reconnect(reason: Error): Promise<void> {
    const { signal } = this.#closing;
    const random = this.#options.random ?? Math.random;
    for (let attempt = 1, error = reason; !this.isClosed; attempt++) {
      const retryMs = backoffMs(attempt, random(), this.#options);
      this.#feed.publish({ type: "offline", error, attempt, retryMs });
      await sleep(this.#clock, retryMs, signal);
      if (this.isClosed) return;
      let connection: Connection | undefined;
      try {
        connection = await this.#open();
        const response = await this.#greet(connection, this.#identity!);
        if (isSuccess(response.response)) return;
        error = refusal("login", response);
        if (FINAL_CODES.has(response.response)) {
          this.#finish(error);
          return;
        }
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      this.#connection = undefined;
      connection?.close();
    }
  }

  #finish(error: Error | undefined): void {
    if (this.isClosed) return;
    this.#closing.abort();
    this.#isOnline = false;
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
    const reason = error ?? new ClientClosedError("The client was closed");
    for (const outstanding of this.#outstanding) outstanding.reject(reason);
    this.#outstanding.clear();
    this.#feed.end(error);
    this.#closed.resolve(error);
  }
}
