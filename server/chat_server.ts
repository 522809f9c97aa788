/**
 * Accept, drain, nothing else.
 *
 * @module
 */

import { messageOf } from "../common/errors.ts";
import { LIMITS } from "../common/limits.ts";
import type { Link } from "../common/link.ts";
import { assemble, type AssemblyOptions } from "./assembly.ts";
import { acceptAll, type Accepted, type ConnectionSource } from "./connection/accept.ts";
import { Admission, type Admitted } from "./connection/admission.ts";
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

/**
 * So long may it take at the end to note who has left, and to delete what has arrived: nothing is lost without it but
 * minutes, and letters come once more.
 */
const MAX_NOTE_SECONDS = 1;

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
   * Accepts connections until {@linkcode ChatServer.shutdown}; see {@linkcode acceptAll}.
   */
  async serve(listener: ConnectionSource): Promise<void> {
    this.#listener = listener;
    const { clock, log, store } = this.#context;
    store.watchAccounts((change) => this.#onAccountChange(change));
    store.rooms.watch(({ folded }) => this.#onRoomChange(folded));
    await acceptAll(listener, {
      clock,
      admit: (conn) => {
        if (this.#proxyIntake?.covers(conn)) this.#admitProxied(this.#proxyIntake, conn);
        else this.#admit(conn);
      },
      isStopping: () => this.#isStopping,
      onFault: (reason) => log.warn("cannot accept connections", { reason }),
      onRecovered: () => log.info("accepting connections again"),
    });
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
    const { delivery, lastOnline } = this.#context;
    await delivery.close();
    const notes = Promise.all([lastOnline.close(), delivery.untilDeleted()]);
    await within(clock, MAX_NOTE_SECONDS, notes);
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

  async #admitProxied(intake: ProxyIntake, conn: Accepted): Promise<void> {
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

  async #run(session: Session, admitted: Admitted): Promise<void> {
    if (admitted.link.handshake === undefined || await admitted.handshake()) return session.run();
    session.abort();
  }
}
