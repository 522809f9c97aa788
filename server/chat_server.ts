/**
 * Accept, drain, nothing else.
 *
 * @module
 */

import { messageOf } from "../common/errors.ts";
import { LIMITS } from "../common/limits.ts";
import type { Link } from "../common/link.ts";
import { assemble, type AssemblyOptions } from "./assembly.ts";
import { type Accepted, Admission, type Admitted } from "./connection/admission.ts";
import { within } from "./connection/farewell.ts";
import type { Plumbing } from "./connection/plumbing.ts";
import type { CidrList } from "./connection/proxy_protocol/cidr_list.ts";
import { ProxyIntake } from "./connection/proxy_protocol/proxy_intake.ts";
import { type Service, Session } from "./connection/session.ts";
import type { ServerContext } from "./context.ts";
import { blockedSentence } from "./events/refusals.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Counters } from "./metrics/counters.ts";
import type { ServerSettings } from "./flags.ts";
import { depart } from "./people/attendance.ts";
import type { User } from "./people/user.ts";
import type { AccountChange } from "./store/store.ts";

/** What a {@linkcode ChatServer} is made of. */
export interface ChatServerOptions extends AssemblyOptions {
  /** Puts TLS on every connection; without it they are plain. */
  tls?: { secure(conn: Link): Link };
  /** Proxies, whose connections begin with a header that says where they come from; by default there are none. */
  proxies?: CidrList;
}

/** Where connections come from: a `Deno.Listener`. */
export interface ConnectionSource {
  /** See `Deno.Listener.accept`. */
  accept(): Promise<Deno.Conn>;
  /** See `Deno.Listener.close`. */
  close(): void;
}

/** The first wait after a failed accept (no descriptor left …); each further one is twice as long. */
const MIN_BACKOFF_MS = 5;
/** So long may it take at the end to note who has left: nothing is lost with it but minutes. */
const MAX_NOTE_SECONDS = 1;
/** No longer than this, so that it is back within a second of the fault's end. */
const MAX_BACKOFF_MS = 250;
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
  readonly #plumbing: Plumbing;
  readonly #service: Service;
  readonly #admission: Admission;
  readonly #proxyIntake: ProxyIntake | undefined;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #cluster: Cluster | undefined;
  #listener: ConnectionSource | undefined;
  #isStopping = false;
  /** Of several nodes this one has lost the others. */
  #isCutOff = false;
  #ending: Promise<void> | undefined;

  /**
   * Makes a server; {@linkcode ChatServer.serve} lets connections in.
   *
   * @param options See {@linkcode ChatServerOptions}.
   */
  constructor(options: ChatServerOptions) {
    const { context, plumbing, service } = assemble(options);
    this.#context = context;
    this.#plumbing = plumbing;
    this.#service = service;
    this.#admission = new Admission(plumbing, options.tls);
    const { proxies, cluster } = options;
    this.#cluster = cluster;
    this.#proxyIntake = proxies && new ProxyIntake(plumbing, proxies);
  }

  /** How many connections, names of this node and rooms in memory there are: for tests and reports. */
  get counts(): { connections: number; online: number; rooms: number } {
    return {
      connections: this.#sessions.size,
      online: [...this.#context.registry.values()].filter(({ isOnline }) => isOnline).length,
      rooms: this.#context.rooms.size,
    };
  }

  /** What has happened since the start. */
  get counters(): Counters {
    return this.#context.counters;
  }

  /** Bytes that wait for clients, now and at the most since the start. */
  get queues(): { bytes: number; peak: number } {
    const { total, peak } = this.#plumbing.memory;
    return { bytes: total, peak };
  }

  /**
   * Goes by other settings from now on; connections that exist keep their `rate`, and times that have begun may end as
   * they began.
   *
   * @param changes Of the settings whose flags are `live`; whoever goes by the others has copied them.
   */
  configure(changes: Partial<ServerSettings>): void {
    // The one object that all who read a setting at each use have.
    Object.assign(this.#context.settings, changes);
  }

  /**
   * Becomes one of several nodes, if it is to be: to be called before {@linkcode ChatServer.serve}. Resolves when this node
   * knows all that the others remember.
   *
   * @throws {StoreError} If the others cannot be reached.
   */
  async join(): Promise<void> {
    await this.#cluster?.start(this.#context, {
      onFence: (reason) => this.#fence(reason),
      onRestored: () => {
        this.#isCutOff = false;
        this.#context.log.info("among the other nodes again");
      },
    });
  }

  /**
   * Accepts connections until {@linkcode ChatServer.shutdown}. A failing accept (no descriptors left, a peer
   * that has gone again) never ends it.
   */
  async serve(listener: ConnectionSource): Promise<void> {
    this.#listener = listener;
    const { clock, log, store } = this.#context;
    store.watchAccounts((change) => this.#onAccountChange(change));
    store.rooms.watch(({ folded }) => this.#onRoomChange(folded));
    let backoff = 0;
    while (!this.#isStopping) {
      try {
        const conn = await listener.accept();
        if (backoff > 0) log.info("accepting connections again");
        backoff = 0;
        if (this.#proxyIntake?.covers(conn)) this.#admitProxied(this.#proxyIntake, conn);
        else this.#admit(conn);
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
   * Stops accepting, tells everybody, delivers what is queued and closes. Further calls wait for the first. If there are other
   * nodes, sessions whose clients may come back wait 5 s at most for one of them to take them over.
   *
   * @param seconds How long delivering may take.
   */
  shutdown(seconds: number = LIMITS.drainSeconds): Promise<void> {
    return this.#ending ??= this.#end(seconds);
  }

  async #end(seconds: number): Promise<void> {
    this.#isStopping = true;
    this.#listener?.close();
    const { clock, nodes, registry } = this.#context;
    const goOnElsewhere = !nodes.isAlone;
    this.#proxyIntake?.stop();
    this.#admission.stop();
    const ends = [...this.#sessions.values()];
    for (const session of this.#sessions.keys()) {
      session.close("The server is shutting down", "shutdown", seconds, goOnElsewhere);
    }
    // Also those that were being closed already, for whatever time they had been given.
    const timer = clock.setTimeout(() => {
      for (const session of this.#sessions.keys()) session.abort();
    }, seconds * 1000 + 500);
    const interrupted = [...registry.values()].filter(({ state }) => state === "interrupted");
    const gone = goOnElsewhere ? this.#untilMoved(interrupted) : this.#departAll(interrupted);
    await Promise.all([...ends, gone]);
    clock.clearTimeout(timer);
    await this.#context.delivery.close();
    await within(clock, MAX_NOTE_SECONDS, this.#context.lastOnline.close());
    this.#plumbing[Symbol.dispose]();
  }

  /** Has sessions wait for another node to take them over; those that wait in vain end. */
  async #untilMoved(users: readonly User[]): Promise<void> {
    const moves = Promise.all(users.map(({ ended }) => ended));
    await within(this.#context.clock, LIMITS.moveSeconds, moves);
    await this.#departAll(users);
  }

  async #departAll(users: readonly User[]): Promise<void> {
    await Promise.all(users.map((user) => depart(this.#context, user)));
  }

  /** This node holds no names any more: its users have to go, to others if there are any. */
  #fence(reason: string): void {
    this.#isCutOff = true;
    this.#context.log.error("cut off from the other nodes", { reason });
    for (const session of this.#sessions.keys()) {
      session.close("This node has lost the others; connect to another one", "fenced");
    }
  }

  /** An administrator has blocked a name or removed an account: whoever uses it here has to go; other nodes see to theirs. */
  #onAccountChange({ folded, kind, reason }: AccountChange): void {
    const { registry, rooms, log } = this.#context;
    log.info("account changed", { name: folded, kind });
    if (kind === "removed") {
      rooms.forgetAccount(folded);
      for (const user of registry.values()) user.setBlocked(folded, false);
    }
    const user = registry.find(folded);
    if (user === undefined) return;
    if (kind === "blocked") user.close(blockedSentence(reason), kind);
    else if (user.isAccount) user.close("This account was removed", kind);
  }

  /** Another process has changed a room, or ended it. */
  async #onRoomChange(folded: string): Promise<void> {
    const { rooms, log } = this.#context;
    try {
      await rooms.reload(folded);
    } catch (error) {
      log.error("room not read again", { room: folded, reason: messageOf(error) });
    }
  }

  async #admitProxied(intake: ProxyIntake, conn: Deno.Conn): Promise<void> {
    const proxied = await intake.read(conn);
    if (proxied !== undefined) this.#admit(proxied);
  }

  #admit(conn: Accepted): void {
    if (this.#isStopping || this.#isCutOff) return conn.close();
    const admitted = this.#admission.admit(conn);
    if (admitted === undefined) return;
    const session = new Session(this.#plumbing, this.#service, admitted);
    admitted.host = session;
    this.#sessions.set(
      session,
      this.#run(session, admitted).finally(() => {
        this.#sessions.delete(session);
        admitted.leave();
      }),
    );
  }

  async #run(session: Session, { link, handshake }: Admitted): Promise<void> {
    if (link.handshake === undefined || await handshake()) return session.run();
    session.abort();
  }
}

/** Whether an accept failed because that one peer is gone again (accept(2): "already-pending network errors"). */
function isPeersFault(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
