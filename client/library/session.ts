/**
 * One login that outlives its connections.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import { foldName } from "../../common/names.ts";
import { isSuccess, type Request, type Response } from "../../common/wire/protocol.ts";
import { offline, refusal } from "./answers.ts";
import { Connection, type ConnectionEvent } from "./connection.ts";
import { ClientClosedError, ConnectionLostError } from "./errors.ts";
import type { ClientEvent } from "./events.ts";
import type { Return } from "./gap_filler.ts";
import { type Identity, loginRequest, presenceRequest } from "./identity.ts";
import type { LoginOptions } from "./options.ts";
import { OutstandingRequests } from "./outstanding_requests.ts";
import { reconnect, type ReconnectOptions } from "./reconnect.ts";
import { abortable } from "./waiting.ts";

/** What the session itself tells of. */
export type SessionEvent = Extract<ClientEvent, { type: "online" | "offline" | "room-lost" }>;

/** How a {@linkcode Session} behaves. */
export interface SessionOptions
  extends Pick<ReconnectOptions, "clock" | "random" | "firstMs" | "maxMs"> {
  /** Opens a link to the server. */
  dial: (signal: AbortSignal) => Promise<Link>;
  /** Whether a connection that is lost after login is made again. */
  reconnects: boolean;
  /** Whether links are encrypted. */
  tls?: boolean | undefined;
  /** Milliseconds of silence before the server is probed. */
  probeIntervalMs?: number | undefined;
  /** Milliseconds that it has to answer. */
  probeTimeoutMs?: number | undefined;
  /** A connection was made; nothing has been read from it yet. */
  onConnection: (connection: Connection) => void;
  /** The server said something unasked; a probe has been answered by then. */
  onReceived: (connection: Connection, event: ConnectionEvent) => void;
  /** With which number a room is entered again, to get what was said there behind it; by default with none. */
  afterOf?: (room: string) => number | undefined;
  /** What became of entering a room again; not called for a room that is lost. */
  onReturn?: (room: string, what: Return) => void;
  /** Called with what happens to the session. */
  onEvent: (event: SessionEvent) => void;
  /** Called once at the end: with the error that ended it, or with nothing if it was asked to end. */
  onEnd: (error: Error | undefined) => void;
}

/**
 * A login may wait in the server's queue of those whose password is checked, and then for the account's old connection
 * to answer a probe (3 s, if the operator has not set it otherwise).
 */
const LOGIN_TIMEOUT_MS = 90_000;
/** How long `quit` waits for its answer. */
const QUIT_TIMEOUT_MS = 2_000;
/**
 * A connection that was lost earlier has not lasted: the waits before the next attempts grow on, so that a server that
 * lets clients in and drops them is not besieged.
 */
const LASTING_MS = 30_000;
/**
 * A room that has come back with its server is empty at first: its members return within about the time that the server
 * was away, see `backoff.ts`.
 */
const ROOM_WAIT_MS = { least: 1_000, most: 10_000 } as const;

/**
 * The name, the rooms and the unanswered requests: all that is brought back after a lost connection.
 *
 * Guarantees:
 * 1. After a lost connection it connects again, logs in, enters its rooms, and then sends again what was not
 *    answered, in this order. At most one attempt runs at a time. Messages to rooms wait for the other members: as
 *    long as the connection was lost, at least 1 s and at most 10 s.
 * 2. It is online as of the very moment of the answer to the login: before the next line is looked at.
 * 3. It ends once. Then every request that has no answer is rejected.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  readonly #outstanding: OutstandingRequests;
  /** Rooms as they are shown, by their folded names. */
  readonly #rooms = new Map<string, string>();
  #connection: Connection | undefined;
  #identity: Identity | undefined;
  /** Logged in on the connection there is: requests may go out. */
  #isOnline = false;
  #isQuitting = false;
  /** When the connection was lost, while it is; monotonic milliseconds. */
  #lostMs = 0;
  /** When it was made. */
  #onlineMs = 0;
  /** Attempts to reconnect since a connection has lasted. */
  #attempts = 0;
  #roomTimer: Timer | undefined;

  /**
   * Connects to nothing yet.
   *
   * @param options See {@linkcode SessionOptions}.
   */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    // Before the first login nobody knows under which name a request would be sent again.
    this.#outstanding = new OutstandingRequests(() => this.#identity !== undefined);
  }

  /** Who is online, or is trying to be again; nobody before the first login. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Whether requests reach the server now. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Whether the session has ended or is about to. */
  get isClosing(): boolean {
    return this.isEnded || this.#isQuitting;
  }

  /** Whether the session has ended. */
  get isEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Aborted at the end. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** The rooms that it is in. */
  get rooms(): string[] {
    return [...this.#rooms.values()];
  }

  /** How many requests have no answer. */
  get pendingRequests(): number {
    return this.#outstanding.size;
  }

  /** How many the server has not answered on this connection, whether or not somebody still waits for it. */
  get unanswered(): number {
    return this.#connection?.pendingRequests ?? 0;
  }

  /** How many UTF-16 units the messages have that have no answer. */
  get pendingUnits(): number {
    return this.#outstanding.units;
  }

  /**
   * Makes a connection.
   *
   * @throws {ConnectError} If the server cannot be reached.
   * @throws {ClientClosedError} If the session ends meanwhile.
   */
  async open(): Promise<Connection> {
    if (this.isEnded) throw new ClientClosedError("The client is closed");
    const link = await this.#options.dial(this.ended);
    if (this.isEnded) {
      link.close();
      throw new ClientClosedError("The client is closed");
    }
    const { probeIntervalMs, probeTimeoutMs, tls = false } = this.#options;
    const connection = new Connection(link, {
      onEvent: (event) => {
        if (event.type === "probe") this.#answerProbe(connection);
        this.#options.onReceived(connection, event);
      },
      onEnd: (error) => this.#onConnectionEnd(connection, error),
      clock: this.#clock,
      tls,
      ...(probeIntervalMs === undefined ? {} : { probeIntervalMs }),
      ...(probeTimeoutMs === undefined ? {} : { probeTimeoutMs }),
    });
    this.#connection = connection;
    this.#options.onConnection(connection);
    return connection;
  }

  /** Reads on from the connection there is, if reading was paused. */
  resume(): void {
    this.#connection?.resume();
  }

  /**
   * Goes online under a name; makes a connection if there is none.
   *
   * @returns The server's answer, which is a success.
   * @throws {RefusedError} If the server does not take it; the connection stays.
   * @throws {ConnectionLostError} If the connection ends before the answer came, or is lost at the moment.
   */
  async login(
    name: string,
    { password, status, signal, ...how }: LoginOptions,
  ): Promise<Response> {
    if (this.#identity !== undefined && !this.#isOnline) throw offline();
    const connection = this.#connection ?? await this.open();
    const greeting = this.#greet(connection, { name, password, status }, how);
    const response = await abortable(greeting, signal);
    if (!isSuccess(response.response)) throw refusal("login", response);
    return response;
  }

  /** Sends a request now or as soon as the session is online, and again on each connection until it is answered. */
  request<Result>(
    request: Request,
    read: (response: Response) => Result,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const isReady = this.#isOnline || this.#identity === undefined;
    return this.#outstanding.add(request, read, isReady ? this.#connection : undefined, signal);
  }

  /** The server has let it into a room: to be entered again after a lost connection. */
  entered(room: string, shown: string): void {
    this.#rooms.set(foldName(room), shown);
  }

  /** It is no longer in a room. */
  left(room: string): void {
    this.#rooms.delete(foldName(room));
  }

  /** Says goodbye to the server after all that was asked before, waits at most 2 s for the answer, then ends. */
  async quit(): Promise<void> {
    this.#isQuitting = true;
    const connection = this.#connection;
    if (connection !== undefined && !this.isEnded) {
      if (this.#isOnline) this.#releaseRooms(connection);
      const done = Promise.withResolvers<void>();
      const timer = this.#clock.setTimeout(done.resolve, QUIT_TIMEOUT_MS);
      connection.send({ event: "quit" }, () => done.resolve());
      await done.promise;
      this.#clock.clearTimeout(timer);
    }
    this.end(undefined);
  }

  /** Ends at once. */
  end(error: Error | undefined): void {
    if (this.isEnded) return;
    this.#ending.abort();
    this.#isOnline = false;
    this.#clock.clearTimeout(this.#roomTimer);
    this.#drop(this.#connection);
    this.#outstanding.rejectAll(error ?? new ClientClosedError("The client was closed"));
    this.#options.onEnd(error);
  }

  /** Logs in. On success requests may go out as of the very moment of the answer. */
  #greet(connection: Connection, identity: Identity, how: LoginOptions = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => connection.abandon(), LOGIN_TIMEOUT_MS);
      connection.send(loginRequest(identity, how), (answer) => {
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
    // `authenticate` carries no status.
    if (identity.password !== undefined && identity.status !== undefined) {
      connection.send(presenceRequest(identity));
    }
    if (wasOnline) return;
    for (const room of this.#rooms.values()) this.#enterAgain(connection, room);
    this.#outstanding.transmit(connection, again);
    if (again) {
      const { least, most } = ROOM_WAIT_MS;
      const lostForMs = this.#clock.monotonicMs() - this.#lostMs;
      const waitMs = Math.min(most, Math.max(least, lostForMs));
      this.#roomTimer = this.#clock.setTimeout(() => this.#releaseRooms(connection), waitMs);
    }
    this.#onlineMs = this.#clock.monotonicMs();
    this.#options.onEvent({ type: "online", name: identity.name, again });
  }

  /** Messages to rooms go out from now on. */
  #releaseRooms(connection: Connection): void {
    this.#clock.clearTimeout(this.#roomTimer);
    this.#outstanding.transmit(connection);
  }

  /**
   * Enters a room as before.
   *
   * @param refused The server's answer to the number; then the room is entered without one.
   */
  #enterAgain(connection: Connection, room: string, refused?: Response): void {
    const { afterOf, onReturn } = this.#options;
    const after = refused === undefined ? afterOf?.(room) : undefined;
    connection.send(
      { event: "join", room, ...(after === undefined ? {} : { after }) },
      (answer) => {
        if (answer instanceof ConnectionLostError || isSuccess(answer.response)) {
          if (this.#rooms.has(foldName(room))) onReturn?.(room, { answer, after, refused });
          // It was left between the two requests.
          else connection.send({ event: "leave", room });
        } else if (after !== undefined) {
          this.#enterAgain(connection, room, answer);
        } else {
          this.left(room);
          this.#options.onEvent({ type: "room-lost", room, error: refusal("join", answer) });
        }
      },
    );
  }

  /** A probe is answered by presence, as the classic protocol has it; before login by any request. */
  #answerProbe(connection: Connection): void {
    const isOnline = this.#identity !== undefined && this.#isOnline;
    connection.answerProbe(isOnline ? presenceRequest(this.#identity!) : { event: "probe" });
  }

  #onConnectionEnd(connection: Connection, error: ConnectionLostError): void {
    if (connection !== this.#connection) return;
    const wasOnline = this.#isOnline;
    this.#connection = undefined;
    this.#isOnline = false;
    this.#clock.clearTimeout(this.#roomTimer);
    if (wasOnline) {
      this.#lostMs = this.#clock.monotonicMs();
      if (this.#lostMs - this.#onlineMs >= LASTING_MS) this.#attempts = 0;
    }
    if (this.isEnded) return;
    if (this.#isQuitting) this.end(undefined);
    else if (this.#identity === undefined) return;
    else if (!this.#options.reconnects) this.end(error);
    else if (wasOnline) this.#reconnect(error);
  }

  async #reconnect(lost: Error): Promise<void> {
    const final = await reconnect(lost, {
      ...this.#options,
      signal: this.ended,
      attempts: this.#attempts,
      onWait: (error, attempt, retryMs) => {
        this.#attempts = attempt;
        this.#options.onEvent({ type: "offline", error, attempt, retryMs });
      },
      attempt: () => this.#comeBack(),
    });
    if (final !== undefined) this.end(final);
  }

  async #comeBack(): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await this.open();
      const response = await this.#greet(connection, this.#identity!);
      if (!isSuccess(response.response)) throw refusal("login", response);
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  /** Closes a connection; it is forgotten first, so that its end does not count as a loss. */
  #drop(connection: Connection | undefined): void {
    this.#connection = undefined;
    connection?.close();
  }
}
