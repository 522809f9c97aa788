/**
 * One login that outlives its connections.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { isSuccess, type Request, type Response } from "../../common/wire/protocol.ts";
import { offline, refusal } from "./answers.ts";
import { backoffMs } from "./backoff.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { EnteredRooms } from "./entered_rooms.ts";
import { ClientClosedError, ConnectionLostError } from "./errors.ts";
import { isFinal, isPassing, isShutdown } from "./final_errors.ts";
import { greet } from "./greeting.ts";
import { type Identity, presenceRequest } from "./identity.ts";
import type { LoginOptions } from "./options.ts";
import { OutstandingRequests } from "./outstanding_requests.ts";
import type { SessionOptions } from "./session_options.ts";
import { type Lost, NEXT_STATES, type SessionState, type StateName } from "./session_state.ts";
import { abortable } from "./waiting.ts";

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
 * The name, the rooms and the unanswered requests: all that is brought back after a lost connection. What it does when,
 * its state says: {@linkcode NEXT_STATES}.
 *
 * Guarantees:
 * 1. After a lost connection it connects again and goes on with its session, if the server has kept it. Else it logs in
 *    and enters its rooms. Then it sends again what was not answered, in this order. At most one attempt runs at a time.
 *    In a new session, messages to rooms where nothing is kept wait for the other members: as long as the connection was
 *    lost, at least 1 s and at most 10 s.
 * 2. It is online as of the very moment of the answer to the login: before the next line is looked at.
 * 3. It ends once. Then every request that has no answer is rejected.
 */
export class Session {
  /** What was asked and not answered. */
  readonly outstanding: OutstandingRequests;
  /** The rooms that it is in, and enters again. */
  readonly rooms: EnteredRooms;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  #state: SessionState = { name: "disconnected" };
  #identity: Identity | undefined;
  /** What proves the next time that this client comes back. */
  #token: string | undefined;
  #resumes: boolean;
  #roomTimer: Timer | undefined;

  /**
   * Connects to nothing yet.
   *
   * @param options See {@linkcode SessionOptions}.
   */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    // For a client that does not come back the server would keep its name from the next one.
    this.#resumes = options.reconnects && (options.resumes ?? true);
    // Before the first login nobody knows under which name a request would be sent again.
    this.outstanding = new OutstandingRequests(() => this.#identity !== undefined);
    this.rooms = new EnteredRooms({
      ...options,
      onLost: (room, error) => options.onEvent({ type: "room-lost", room, error }),
    });
  }

  /** Where it is. */
  get state(): StateName {
    return this.#state.name;
  }

  /** Who is online, or is trying to be again; nobody before the first login. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Whether requests reach the server now. */
  get isOnline(): boolean {
    return this.#state.name === "online" ||
      (this.#state.name === "quitting" && this.#state.wasOnline);
  }

  /** Whether the session has ended or is about to. */
  get isClosing(): boolean {
    return this.isEnded || this.#state.name === "quitting";
  }

  /** Whether the session has ended. */
  get isEnded(): boolean {
    return this.ended.aborted;
  }

  /** Aborted at the end. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** How many the server has not answered on this connection, whether or not somebody still waits for it. */
  get unanswered(): number {
    return this.#connection?.pendingRequests ?? 0;
  }

  /**
   * Makes a connection.
   *
   * @throws {ConnectError} If the server cannot be reached.
   * @throws {ClientClosedError} If the session ends meanwhile.
   */
  async open(): Promise<Connection> {
    this.#options.nodes?.begin();
    return await this.#open();
  }

  async #open(): Promise<Connection> {
    const made = await this.#connect((connection) => {
      if (this.#state.name === "disconnected") this.#enter({ name: "connected", connection });
    });
    // Two logins at once may both have found no connection: the first one's is for both.
    const connection = this.#connection ?? made;
    if (connection !== made) made.close();
    return connection;
  }

  /** Reads on from the connection there is, if reading was paused. */
  readOn(): void {
    this.#connection?.resume();
  }

  /**
   * Goes online under a name; makes a connection if there is none. At first, of several nodes those are passed over that
   * hang up or are silent.
   *
   * @returns The server's answer, which is a success.
   * @throws {RefusedError} If the server does not take it; the connection stays.
   * @throws {ConnectError} If no server can be reached, or none of several nodes lets anybody log in.
   * @throws {ConnectionLostError} If the connection ends before the answer came, or is lost at the moment.
   */
  async login(
    name: string,
    { password, status, away, signal, ...how }: LoginOptions,
  ): Promise<Response> {
    if (this.#identity !== undefined && !this.isOnline) throw offline();
    // A guest who becomes an account says what they said before.
    const said = { status: this.#identity?.status, away: this.#identity?.away };
    const identity = {
      ...{ name, password },
      status: status ?? said.status,
      away: away ?? said.away,
    };
    const response = await this.#reach(async () => {
      const connection = this.#connection ?? await this.#open();
      const greeting = greet(connection, identity, {
        ...how,
        resume: this.#resumes,
        clock: this.#clock,
        lifeMs: this.#options.nodes?.lifeMs,
        onSuccess: (answer) => this.#loggedIn(connection, identity, answer),
      });
      return await abortable(greeting, signal);
    });
    if (!isSuccess(response.response)) throw refusal(how.register ? "register" : "login", response);
    return response;
  }

  /** Sends a request now or as soon as the session is online, and again on each connection until it is answered. */
  request<Result>(
    request: Request,
    read: (response: Response, isRepeat: boolean) => Result,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const isReady = this.isOnline || this.#identity === undefined;
    return this.outstanding.add(request, read, isReady ? this.#connection : undefined, signal);
  }

  /** Goes on in a session that is not numbered, on another connection; the server keeps none then. */
  giveUpNumbers(): void {
    if (this.#state.name !== "online") return;
    this.#resumes = false;
    this.#token = undefined;
    this.#state.connection.close();
  }

  /** Says goodbye to the server after all that was asked before, waits at most 2 s for the answer, then ends. */
  async quit(): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined && !this.isClosing) {
      const wasOnline = this.isOnline;
      if (wasOnline) this.#releaseRooms(connection);
      this.#enter({ name: "quitting", connection, wasOnline });
      const done = Promise.withResolvers<void>();
      const timer = this.#clock.setTimeout(done.resolve, QUIT_TIMEOUT_MS);
      connection.send({ event: "quit" }, () => done.resolve());
      await done.promise;
      this.#clock.clearTimeout(timer);
    }
    this.end(undefined);
  }

  /**
   * Ends at once. The server keeps nothing for it, if it hears of that.
   *
   * @param confirms Whether it is told what has arrived.
   */
  end(error: Error | undefined, confirms = true): void {
    if (this.isEnded) return;
    const connection = this.#connection;
    const isKept = this.#state.name === "online" && this.#token !== undefined;
    if (this.#state.name === "interrupted") this.#clock.clearTimeout(this.#state.timer);
    this.#clock.clearTimeout(this.#roomTimer);
    this.#enter({ name: "ended" });
    this.#token = undefined;
    this.#ending.abort();
    if (isKept) connection?.hangUp(confirms);
    else connection?.close();
    this.outstanding.rejectAll(error ?? new ClientClosedError("The client was closed"));
    this.#options.onEnd(error);
  }

  get #connection(): Connection | undefined {
    return "connection" in this.#state ? this.#state.connection : undefined;
  }

  /** The one way to another state. */
  #enter(next: SessionState): void {
    const { name } = this.#state;
    if (next.name !== name && !NEXT_STATES[name].includes(next.name)) {
      throw new Error(`A session cannot become ${next.name}, received while ${name}`);
    }
    this.#state = next;
  }

  /** Makes a connection; `enter` is called with it before anything can happen to it. */
  async #connect(enter: (connection: Connection) => void): Promise<Connection> {
    if (this.isEnded) throw new ClientClosedError("The client is closed");
    const link = await this.#options.dial(this.ended);
    if (this.isEnded) {
      link.close();
      throw new ClientClosedError("The client is closed");
    }
    const { probeIntervalMs, probeTimeoutMs, tls = false } = this.#options;
    const options: ConnectionOptions = {
      onEvent: (event) => {
        if (event.type === "probe") this.#answerProbe(connection);
        this.#options.onReceived(connection, event);
      },
      onEnd: (error) => this.#lost(connection, error),
      clock: this.#clock,
      tls,
    };
    if (probeIntervalMs !== undefined) options.probeIntervalMs = probeIntervalMs;
    if (probeTimeoutMs !== undefined) options.probeTimeoutMs = probeTimeoutMs;
    const connection = new Connection(link, options);
    enter(connection);
    this.#options.onConnection?.();
    return connection;
  }

  /** Logs in, on the next node if one hangs up or is silent before it has answered; each is tried once. */
  async #reach(greetOnce: () => Promise<Response>): Promise<Response> {
    const { nodes } = this.#options;
    nodes?.begin();
    for (;;) {
      const isOnline = this.#state.name === "online";
      try {
        return await greetOnce();
      } catch (error) {
        const isNodes = error instanceof ConnectionLostError && !isFinal(error);
        if (nodes === undefined || !isNodes || isOnline || this.isClosing) throw error;
        nodes.turnAway(error);
      }
    }
  }

  /** A connection has ended. */
  #lost(connection: Connection, error: ConnectionLostError): void {
    const state = this.#state;
    if (connection !== this.#connection) return;
    switch (state.name) {
      case "connected":
        return this.#enter({ name: "disconnected" });
      case "online": {
        this.#clock.clearTimeout(this.#roomTimer);
        if (!this.#options.reconnects || isFinal(error)) return this.end(error);
        const lostMs = this.#clock.monotonicMs();
        const hasLasted = lostMs - state.sinceMs >= LASTING_MS;
        const attempts = hasLasted ? 0 : state.attempts;
        const hadToken = this.#token !== undefined;
        return this.#interrupt(error, { lostMs, attempts, isRestart: false, hadToken });
      }
      case "quitting":
        return this.end(undefined);
      default:
        // The attempt fails, see `#comeBack`.
    }
  }

  /** Waits for the next attempt. */
  #interrupt(error: Error, before: Lost): void {
    const { lostMs, hadToken } = before;
    const lostForMs = this.#clock.monotonicMs() - lostMs;
    const isRefusedYet = isPassing(error, lostForMs);
    // A refusal that passes makes no later pause longer.
    const attempts = before.attempts + (isRefusedYet ? 0 : 1);
    const isRestart = before.isRestart || isShutdown(error);
    const restartMs = isRefusedYet ? 0 : isRestart ? lostForMs : undefined;
    const { random } = this.#options;
    const retryMs = backoffMs(attempts, random(), { ...this.#options, restartMs });
    const timer = this.#clock.setTimeout(() => this.#comeBack(), retryMs);
    this.#enter({ name: "interrupted", lostMs, attempts, isRestart, hadToken, timer });
    this.#options.onEvent({ type: "offline", error, attempt: attempts, retryMs });
  }

  /** Makes one attempt. */
  async #comeBack(): Promise<void> {
    if (this.#state.name !== "interrupted") return;
    const { lostMs, attempts, isRestart, hadToken } = this.#state;
    const returning = { name: "returning", lostMs, attempts, isRestart, hadToken } as const;
    const identity = this.#identity!;
    try {
      const answer = await this.#reach(async () => {
        this.#enter({ ...returning, connection: undefined });
        const connection = await this.#connect((made) =>
          this.#enter({ ...returning, connection: made })
        );
        const proof = this.#token === undefined
          ? undefined
          : { token: this.#token, seen: this.#options.tellSeen?.() ?? 0 };
        return await greet(connection, identity, {
          resume: proof ?? this.#resumes,
          clock: this.#clock,
          lifeMs: this.#options.nodes?.lifeMs,
          onWrongToken: () => this.#token = undefined,
          onSuccess: (answer) => this.#loggedIn(connection, identity, answer),
        });
      });
      if (!isSuccess(answer.response)) throw refusal("login", answer);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      this.#attemptFailed(error);
    }
  }

  #attemptFailed(error: Error): void {
    const state = this.#state;
    if (state.name !== "returning") return;
    if (isFinal(error)) return this.end(error);
    // Left first, so that its end does not count as another loss.
    this.#interrupt(error, state);
    state.connection?.close();
  }

  /** The server has let the client in. */
  #loggedIn(connection: Connection, identity: Identity, answer: Response): void {
    const before = this.#state;
    if (connection !== this.#connection || this.isClosing) return;
    const isNumbered = answer.resume !== undefined && answer.features?.includes("resume") === true;
    const isResumed = isNumbered && before.name === "returning" && answer.resumed === true &&
      this.#token !== undefined;
    this.#identity = identity;
    this.#token = isNumbered ? answer.resume : undefined;
    const { name, password, status, away } = identity;
    // `authenticate` carries neither; a session that goes on has them.
    const hasMore = status !== undefined || away !== undefined;
    const tellsStatus = password !== undefined && hasMore && !isResumed;
    if (before.name !== "online") {
      const attempts = before.name === "returning" ? before.attempts : 0;
      this.#enter({ name: "online", connection, sinceMs: this.#clock.monotonicMs(), attempts });
      connection.watch();
      this.#options.onLogin?.(connection, { isNumbered, isResumed });
    }
    if (tellsStatus) connection.send(presenceRequest(identity));
    if (before.name === "online") return;
    const again = before.name === "returning";
    if (isResumed) this.rooms.enterMissing(connection);
    else this.rooms.enterAll(connection);
    if (again && !isResumed) this.#holdRooms(connection, answer, before.lostMs);
    else this.outstanding.transmit(connection);
    const kept = again && before.hadToken ? { resumed: isResumed } : {};
    this.#options.onEvent({ type: "online", name, again, ...kept });
  }

  /** Sends what was not answered, but what members would miss who are not back yet. */
  #holdRooms(connection: Connection, { features }: Response, lostMs: number): void {
    const { isKept } = this.#options;
    const keeps = features?.includes("history") === true;
    this.outstanding.transmit(connection, (room) => !keeps || isKept?.(room) !== true);
    const { least, most } = ROOM_WAIT_MS;
    const waitMs = Math.min(most, Math.max(least, this.#clock.monotonicMs() - lostMs));
    this.#roomTimer = this.#clock.setTimeout(() => this.#releaseRooms(connection), waitMs);
  }

  /** Messages to rooms go out from now on. */
  #releaseRooms(connection: Connection): void {
    this.#clock.clearTimeout(this.#roomTimer);
    this.outstanding.transmit(connection);
  }

  /** A probe is answered by presence, as the classic protocol has it; before login by any request. */
  #answerProbe(connection: Connection): void {
    connection.answerProbe(this.isOnline ? presenceRequest(this.#identity!) : { event: "probe" });
  }
}
