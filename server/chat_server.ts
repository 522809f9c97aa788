/**
 * Accept, drain, wiring, nothing else.
 *
 * @module
 */

import { type Clock, systemClock, unixSeconds } from "../common/clock.ts";
import { encodeFrame } from "../common/wire/encode.ts";
import { LIMITS } from "../common/limits.ts";
import type { Link } from "../common/link.ts";
import { type Log, silentLog } from "../common/log.ts";
import { CODE } from "../common/wire/protocol.ts";
import { SplitterPool } from "../common/wire/splitter.ts";
import { SlabEncoder } from "../common/wire/slab_encoder.ts";
import { AnswerEncoder } from "./connection/answer_encoder.ts";
import type { ServerContext } from "./context.ts";
import { blockedSentence } from "./events/presence.ts";
import { LoginThrottle } from "./accounts/login_throttle.ts";
import { Passwords } from "./accounts/passwords.ts";
import { Roster } from "./people/registry.ts";
import { Rooms } from "./rooms/rooms.ts";
import { Session } from "./connection/session.ts";
import { Turns } from "./connection/turns.ts";
import { DEFAULT_SETTINGS, type ServerSettings } from "./flags.ts";
import type { AccountChange, Store } from "./store/store.ts";
import type { Member } from "./people/member.ts";

/** What a {@linkcode ChatServer} is made of. */
export interface ChatServerOptions {
  /** Names, accounts and mailboxes. The server does not close it. */
  store: Store;
  /**
   * Hashes and checks passwords.
   *
   * @default {new Passwords()}
   */
  passwords?: Passwords;
  /** Puts TLS on every connection; without it they are plain. */
  tls?: { secure(conn: Deno.Conn): Link };
  /** What differs from {@linkcode DEFAULT_SETTINGS}. */
  settings?: Partial<ServerSettings>;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
  /**
   * Where to say what happens.
   *
   * @default {silentLog}
   */
  log?: Log;
}

/** Where connections come from: a `Deno.Listener`. */
export interface ConnectionSource {
  /** See `Deno.Listener.accept`. */
  accept(): Promise<Deno.Conn>;
  /** See `Deno.Listener.close`. */
  close(): void;
}

/** After a failed accept (no descriptor left …) the server waits for so long, and twice as long next time. */
const MIN_BACKOFF_MS = 5;
/** No longer than this, so that it is back within a second of the fault's end. */
const MAX_BACKOFF_MS = 250;
/** Refused connections that are given a moment to read why; beyond that they are told and closed at once. */
const MAX_REFUSALS = 64;
/** How long such a moment is. */
const REFUSAL_MS = 500;

/**
 * The server: accepts connections, makes each a {@linkcode Session}, ends them all.
 *
 * @example
 * ```ts ignore
 * const server = new ChatServer({ store });
 * const serving = server.serve(Deno.listen({ port: 7777 }));
 * await server.shutdown();
 * await serving;
 * ```
 */
export class ChatServer {
  readonly #context: ServerContext;
  readonly #tls: ChatServerOptions["tls"];
  readonly #sessions = new Map<Session, Promise<void>>();
  /** Connections whose session has not begun. */
  readonly #handshakes = new Set<Link>();
  readonly #perAddress = new Map<string, number>();
  #listener: ConnectionSource | undefined;
  #refusals = 0;
  #isStopping = false;
  #ending: Promise<void> | undefined;

  /**
   * Makes a server; {@linkcode ChatServer.serve} lets connections in.
   *
   * @param options See {@linkcode ChatServerOptions}.
   */
  constructor(options: ChatServerOptions) {
    const clock = options.clock ?? systemClock;
    this.#tls = options.tls;
    this.#context = {
      registry: new Roster<Member>(),
      rooms: new Rooms(),
      splitters: new SplitterPool(),
      answers: new AnswerEncoder(),
      encoder: new SlabEncoder(),
      turns: new Turns({ clock }),
      store: options.store,
      passwords: options.passwords ?? new Passwords(),
      loginThrottle: new LoginThrottle({ clock }),
      clock,
      settings: { ...DEFAULT_SETTINGS, ...options.settings },
      log: options.log ?? silentLog,
    };
  }

  /** How many connections, names and rooms there are: for tests and reports. */
  get counts(): { connections: number; online: number; rooms: number } {
    return {
      connections: this.#sessions.size,
      online: this.#context.registry.size,
      rooms: this.#context.rooms.size,
    };
  }

  /**
   * Accepts connections until {@linkcode ChatServer.shutdown}. A failing accept (no descriptors left, a peer
   * that has gone again) never ends it.
   */
  async serve(listener: ConnectionSource): Promise<void> {
    this.#listener = listener;
    const { clock, log, store } = this.#context;
    store.watchAccounts((change) => this.#onAccountChange(change));
    let backoff = 0;
    while (!this.#isStopping) {
      try {
        const conn = await listener.accept();
        if (backoff > 0) log.info("accepting connections again");
        backoff = 0;
        this.#admit(conn);
      } catch (error) {
        if (this.#isStopping) break;
        // The peer reset the connection while it waited to be accepted: no reason to keep the next one waiting.
        if (isPeersFault(error)) continue;
        if (backoff === 0) log.warn("cannot accept connections", { reason: String(error) });
        backoff = Math.min(MAX_BACKOFF_MS, Math.max(MIN_BACKOFF_MS, 2 * backoff));
        await new Promise<void>((resolve) => clock.setTimeout(resolve, backoff));
      }
    }
  }

  /**
   * Stops accepting, tells everybody, delivers what is queued and closes. Further calls wait for the first.
   *
   * @param seconds How long delivering may take.
   */
  shutdown(seconds: number = LIMITS.drainSeconds): Promise<void> {
    return this.#ending ??= this.#end(seconds);
  }

  async #end(seconds: number): Promise<void> {
    this.#isStopping = true;
    this.#listener?.close();
    const { clock } = this.#context;
    for (const conn of this.#handshakes) conn.close(); // nothing can be said to them
    const ends = [...this.#sessions.values()];
    for (const session of this.#sessions.keys()) {
      session.close("The server is shutting down", seconds);
    }
    // Also those that were being closed already, for whatever time they had been given.
    const timer = clock.setTimeout(() => {
      for (const session of this.#sessions.keys()) session.abort();
    }, seconds * 1000 + 500);
    await Promise.all(ends);
    clock.clearTimeout(timer);
    this.#context.turns[Symbol.dispose]();
  }

  /** An administrator has blocked a name or removed an account: whoever uses it has to go. */
  #onAccountChange({ folded, kind, reason }: AccountChange): void {
    const { registry, log } = this.#context;
    log.info("account changed", { name: folded, kind });
    const member = registry.find(folded);
    if (member === undefined) return;
    if (kind === "blocked") member.close(blockedSentence(reason));
    else if (member.isAccount) member.close("This account was removed");
  }

  #admit(conn: Deno.Conn): void {
    const { settings, log } = this.#context;
    const { hostname, port } = conn.remoteAddr as Deno.NetAddr;
    const address = hostname.replace(/^::ffff:(?=\d+\.)/, ""); // an IPv4 peer of an IPv6 socket
    const peer = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    const sameAddress = this.#perAddress.get(address) ?? 0;
    if (settings.maxConnections > 0 && this.#sessions.size >= settings.maxConnections) {
      log.warn("refused, too many connections", { peer, limit: settings.maxConnections });
      this.#refuse(conn, `The server has ${settings.maxConnections} connections, the most allowed`);
      return;
    }
    if (settings.maxPerIp > 0 && sameAddress >= settings.maxPerIp) {
      log.warn("refused, too many from one address", { peer, limit: settings.maxPerIp });
      this.#refuse(conn, `Your address has ${settings.maxPerIp} connections, the most allowed`);
      return;
    }
    this.#perAddress.set(address, sameAddress + 1);
    // A one-line answer must not wait for the peer's acknowledgement of the line before (Nagle, RFC 896).
    try {
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay();
    } catch {
      // The peer is gone already, as the session will find out.
    }
    const link = this.#tls?.secure(conn) ?? conn;
    const session = new Session(this.#context, link, peer);
    this.#sessions.set(
      session,
      this.#run(session, link, peer).finally(() => {
        this.#sessions.delete(session);
        const left = this.#perAddress.get(address)! - 1;
        if (left > 0) this.#perAddress.set(address, left);
        else this.#perAddress.delete(address);
      }),
    );
  }

  async #run(session: Session, conn: Link, peer: string): Promise<void> {
    if (conn.handshake === undefined || await this.#handshake(conn, peer)) return session.run();
    session.abort();
  }

  /** Waits for a handshake, within limits; `false` if it came to nothing. */
  async #handshake(conn: Link, peer: string): Promise<boolean> {
    const { clock, settings, log } = this.#context;
    const seconds = Math.min(LIMITS.tlsHandshakeSeconds, settings.loginTimeout);
    let isLate = false;
    const timer = clock.setTimeout(() => {
      isLate = true;
      conn.close();
    }, seconds * 1000);
    this.#handshakes.add(conn);
    try {
      await conn.handshake!();
      return !this.#isStopping;
    } catch (error) {
      const reason = isLate ? `not finished within ${seconds} s` : String(error);
      log.info("no TLS handshake", { peer, reason });
      return false;
    } finally {
      clock.clearTimeout(timer);
      this.#handshakes.delete(conn);
    }
  }

  /** Says why and closes. Runs beside everything else and never fails. */
  async #refuse(raw: Deno.Conn, sentence: string): Promise<void> {
    const { clock } = this.#context;
    const lingers = this.#refusals < MAX_REFUSALS;
    if (lingers) this.#refusals++;
    const conn: Link = this.#tls?.secure(raw) ?? raw;
    const timer = clock.setTimeout(() => closeQuietly(conn), REFUSAL_MS);
    try {
      const time = unixSeconds(clock);
      const line = encodeFrame({ response: CODE.important, time, alert: sentence });
      await conn.handshake?.();
      await conn.write(new TextEncoder().encode(line));
      if (lingers) {
        await conn.closeWrite();
        // Reading until the peer is gone keeps the sentence from being lost in a reset.
        const sink = new Uint8Array(512);
        while (await conn.read(sink) !== null);
      }
    } catch {
      // The peer, or the timer, has closed it.
    }
    clock.clearTimeout(timer);
    if (lingers) this.#refusals--;
    closeQuietly(conn);
  }
}

/** Whether an accept failed because that one peer is gone again (accept(2): "already-pending network errors"). */
function isPeersFault(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}

function closeQuietly(conn: Link): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
