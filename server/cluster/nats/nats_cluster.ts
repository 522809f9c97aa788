/**
 * A node of a server whose nodes have NATS between them. Loaded with `--nats` only.
 *
 * @module
 */

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import type { ServerContext } from "../../context.ts";
import type { Keeper } from "../../delivery/keeper.ts";
import type { ReplicaStore } from "../../store/replica_store.ts";
import type { User } from "../../people/user.ts";
import type { Store, StoreError } from "../../store/store.ts";
import type { Cluster } from "../cluster.ts";
import { clusterMetrics, type NodeFigures } from "../cluster_metrics.ts";
import { ClusterStore } from "../cluster_store.ts";
import { LogKeeper } from "../log_keeper.ts";
import { LogRetention } from "../log_retention.ts";
import { Mirror } from "../mirror.ts";
import { PeopleFollower } from "../people_follower.ts";
import { Replication } from "../replication.ts";
import { NatsBus } from "./nats_bus.ts";
import { NatsConnection } from "./nats_connection.ts";
import { tellOutcome } from "./nats_administration.ts";
import { NatsLog } from "./nats_log.ts";
import { NatsNames } from "./nats_names.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { RevisedTable } from "./revised_table.ts";
import { Streams } from "./streams.ts";

/** What a node is made of. */
export interface NatsClusterOptions {
  /** How to get to NATS. */
  readonly settings: NatsSettings;
  /**
   * Opens this node's copy.
   *
   * @param log Names the log that it is a copy of.
   * @throws {StartError} If it is a copy of another one.
   */
  readonly openCopy: (log: string) => ReplicaStore;
  /** What others call this node: where its clients connect, unless the operator says something else. */
  readonly name: string;
  /** Whether the operator does: then no other node may be called so. @default {false} */
  readonly isNamed?: boolean;
  /**
   * Names the database, the same at each start of this node and of no other one; `undefined` if it is in memory. Asked when
   * the copy is open.
   */
  readonly database: () => string | undefined;
  /** Called when this node cannot go on: it has to end. */
  readonly onBroken: (error: StoreError) => void;
  /** Where to say what happens. */
  readonly log: Log;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  readonly clock?: Clock;
}

/** See {@linkcode Cluster}. Its parts end with it, this node's copy among them. */
export class NatsCluster implements Cluster {
  /** See {@linkcode Cluster.store}. */
  readonly store: Store;
  /** See {@linkcode Cluster.keeper}. */
  readonly keeper: Keeper;
  /** See {@linkcode Cluster.nodes}. */
  readonly nodes: Mirror;
  /** What it tells of itself to monitoring. */
  readonly metrics: ReturnType<typeof clusterMetrics> = clusterMetrics(() => this.#figures);
  readonly #parts: AsyncDisposableStack;
  readonly #nats: NatsConnection;
  readonly #journal: NatsLog;
  readonly #bus: NatsBus;
  readonly #replication: Replication;
  readonly #retention: LogRetention;
  #context: ServerContext | undefined;
  #hasJoined = false;

  private constructor(
    { log, name, isNamed = false, database, clock = systemClock, onBroken }: NatsClusterOptions,
    parts: AsyncDisposableStack,
    { nats, streams, names, journal, copy }: Ground,
  ) {
    this.#parts = parts;
    this.#nats = nats;
    this.#journal = journal;
    const replication = this.#replication = new Replication({
      ...{ copy, log: journal, clock, onBroken },
      prefix: crypto.randomUUID(),
      onAdministered: (id, result) => tellOutcome(nats, id, result),
    });
    const store = this.store = parts.use(new ClusterStore(replication));
    this.#retention = parts.use(
      new LogRetention(replication, {
        touch: () => store.rooms.touch(),
        clock,
        onFault: (error) => log.error("old entries not forgotten", { reason: messageOf(error) }),
      }),
    );
    this.keeper = new LogKeeper(replication, clock);
    const bus = parts.use(
      new NatsBus({
        ...{ nats, streams, log, clock },
        address: name,
        isOnlyOne: isNamed,
        copy: database(),
        users: () => count(this.#context, ({ isOnline }) => isOnline),
        position: () => replication.applied,
        onPosition: (seq) => journal.hint(seq),
      }),
    );
    this.#bus = bus;
    const table = parts.use(new NatsNames(names, bus, { clock, log }));
    this.nodes = parts.use(new Mirror({ bus, names: table, clock, log }));
  }

  /**
   * Connects to NATS, makes or checks there what nodes share, and opens this node's copy. Nobody hears of this node yet.
   *
   * @throws {StartError} If NATS cannot be reached, or is not fit, or gives too few rights, or the copy is another's; in one
   * line.
   */
  static async open(options: NatsClusterOptions): Promise<NatsCluster> {
    const { settings, log, clock = systemClock } = options;
    await using parts = new AsyncDisposableStack();
    const nats = parts.use(await NatsConnection.open({ settings, log, clock }));
    const { streams, stream, names } = await nats.permitted(async () => {
      const streams = await Streams.open({ nats, log, clock });
      const stream = await streams.log();
      const names = await RevisedTable.open(nats, streams, "names");
      await streams.checkRights();
      return { streams, stream, names };
    });
    const { manager } = streams;
    const journal = parts.use(new NatsLog({ nats, manager, stream, log, clock }));
    const origin = await journal.check(0);
    const copy = parts.use(options.openCopy(`${stream} of ${origin}`));
    await journal.check(copy.position, origin);
    return new NatsCluster(options, parts.move(), { nats, streams, names, journal, copy });
  }

  /** Why this node can do nothing for users at the moment, in some words; `undefined`: it can. */
  get obstacle(): string | undefined {
    if (!this.#hasJoined) return "catching up with the other nodes";
    if (!this.#bus.isAlive) return "cut off from the other nodes";
    return this.#nats.isConnected ? undefined : "no connection to NATS";
  }

  /** See {@linkcode Cluster.start}. */
  async start(context: ServerContext, hooks: Parameters<Cluster["start"]>[1]): Promise<void> {
    this.#context = context;
    this.#replication.follow(new PeopleFollower(context));
    await this.#replication.ready();
    await this.#nats.permitted(() => this.nodes.start(context, hooks));
    this.#hasJoined = true;
    this.#retention.start();
  }

  get #figures(): NodeFigures {
    const { applied, own } = this.#replication;
    return {
      nodes: this.#bus.isAlive ? this.#bus.nodes.size + 1 : 0,
      applied,
      newest: Math.max(applied, this.#journal.known),
      ...own,
      fences: this.#bus.fences,
      names: this.nodes.namesHeld,
      elsewhere: count(this.#context, ({ state }) => state === "elsewhere"),
      isConnected: this.#nats.isConnected,
    };
  }

  /** Leaves the others, and closes all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** What has to be there before a node is. */
interface Ground {
  readonly nats: NatsConnection;
  readonly streams: Streams;
  readonly names: RevisedTable;
  readonly journal: NatsLog;
  readonly copy: ReplicaStore;
}

/** How many users of the registry are as is asked; none before the server is there. */
function count(context: ServerContext | undefined, is: (user: User) => boolean): number {
  let count = 0;
  for (const user of context?.registry.values() ?? []) if (is(user)) count++;
  return count;
}
