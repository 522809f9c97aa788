/**
 * Nodes of one server, without people: copies, and their part in a log.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import type { MessageKind } from "../../common/wire/protocol.ts";
import type { Follower } from "../../server/cluster/follower.ts";
import { ClusterStore } from "../../server/cluster/cluster_store.ts";
import { LogKeeper } from "../../server/cluster/log_keeper.ts";
import { Replication } from "../../server/cluster/replication.ts";
import type { RoomDeed } from "../../server/cluster/room_deed.ts";
import type { Draft } from "../../server/delivery/keeper.ts";
import type { User } from "../../server/people/user.ts";
import type { ReplicaStore } from "../../server/store/replica_store.ts";
import type { RoomOrder, StoredRoom } from "../../server/store/room_store.ts";
import { openSqliteReplica, type SqliteReplicaOptions } from "../../server/store/sqlite.ts";
import type { Letter, StoreError } from "../../server/store/store.ts";
import { FakeClock } from "./fake_clock.ts";
import { type FakeLog, FakeLogWorld } from "./fake_log.ts";
import { seededRandom } from "./random.ts";

let lives = 0;

/** How a {@linkcode ReplicaNode} differs from one in memory. */
export interface ReplicaNodeOptions extends Partial<SqliteReplicaOptions> {
  /** @default {":memory:"} */
  path?: string;
}

/** A node. */
export class ReplicaNode implements AsyncDisposable {
  readonly copy: ReplicaStore;
  readonly log: FakeLog;
  readonly replication: Replication;
  readonly store: ClusterStore;
  readonly keeper: LogKeeper;
  /** What its follower was told, one word and its particulars each. */
  readonly told: string[] = [];
  /** Why it has stopped. */
  broken: StoreError | undefined;

  /**
   * Opens a copy, and follows the log.
   *
   * @param clock What time it is; timers of the copy's own are the machine's.
   */
  constructor(
    world: FakeLogWorld,
    clock: FakeClock,
    { path = ":memory:", ...options }: ReplicaNodeOptions = {},
  ) {
    this.copy = openSqliteReplica(path, { replicaOf: "log", clock: dated(clock), ...options });
    this.log = world.node();
    const { copy, log } = this;
    const onBroken = (error: StoreError): void => void (this.broken = error);
    const prefix = `n${++lives}`;
    this.replication = new Replication({ copy, log, prefix, clock, onBroken });
    this.store = new ClusterStore(this.replication);
    this.keeper = new LogKeeper(this.replication, clock);
    this.replication.follow(this.#follower());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  #follower(): Follower {
    const tell = (...words: readonly unknown[]): void => void this.told.push(words.join(" "));
    return {
      decide,
      moderated: ({ request }, { after }) => tell("moderated", request.event, after.folded),
      said: (room, { seq }, { message }) => tell("said", room, seq, message),
      lettered: (folded) => tell("lettered", folded),
      changed: (deed, { seq }, { from }) => tell("changed", deed.do, seq, from, "by", deed.name),
      adopted: (rooms, folded) => tell("adopted", folded, "in", rooms.join()),
      made: ({ folded }) => tell("made", folded),
    };
  }
}

/** Somebody who writes, as far as a keeper looks. */
export function speaker(name: string, session?: string): User {
  const isAccount = session === undefined;
  return { name, folded: name.toLowerCase(), isAccount, session: session ?? "" } as User;
}

/** A message that is to be kept. */
export function draft(
  { from, to, conversation, message, id, reply, kind, keeper, time }: {
    readonly from: User;
    readonly to: string;
    readonly conversation: number;
    readonly message: string;
    readonly id?: string;
    readonly reply?: number;
    readonly kind?: MessageKind;
    readonly keeper: LogKeeper;
    readonly time: number;
  },
): Draft {
  const request = {
    event: "msg",
    from: from.name,
    to,
    message,
    id,
    reply,
    kind,
  } as Draft["request"];
  return {
    from,
    to,
    conversation,
    request,
    time,
    fingerprint: keeper.fingerprintOf(from, request),
  };
}

/** Two nodes with the accounts ann and bob, of which ann owns the room park. */
export async function withNodes(
  run: (
    nodes: readonly [ReplicaNode, ReplicaNode],
    world: FakeLogWorld,
    clock: FakeClock,
  ) => Promise<void>,
  options: ReplicaNodeOptions = {},
): Promise<void> {
  const clock = new FakeClock();
  const world = new FakeLogWorld(seededRandom(5));
  await using first = new ReplicaNode(world, clock, options);
  await using second = new ReplicaNode(world, clock, options);
  for (const name of ["ann", "bob"]) await first.store.createAccount(name, name, "hash");
  await first.store.rooms.open("park", { folded: "ann", roomName: "Park", maxRooms: 0 });
  await second.replication.ready();
  second.told.length = 0;
  await run([first, second], world, clock);
}

/** Says something between ann and bob, or in the room. */
export async function say(
  node: ReplicaNode,
  from: string,
  { to = "Park", handOver = () => 1, id }: {
    readonly to?: string;
    readonly handOver?: (seq: number) => number | "full";
    readonly id?: string;
  } = {},
): Promise<unknown> {
  const conversation = to === "Park"
    ? await node.store.openRoom(1)
    : await node.store.openDirect(from, to);
  const { keeper } = node;
  const message = `${from} says`;
  return await keeper.keep(
    draft({
      ...{ from: speaker(from), to, keeper, message, time: 1_767_225_600 },
      ...{ conversation: conversation!, ...(id !== undefined && { id }) },
    }),
    ({ seq }) => handOver(seq),
  );
}

/** A letter to bob. */
export const letter = (from: string, message: string): Letter => ({
  ...{ folded: "bob", to: "bob", from, message, time: 1_767_225_600, id: undefined },
});

/** Owners may do all, others nothing. */
function decide(
  { by, request, target, now }: RoomDeed,
  room: StoredRoom,
): { readonly order: RoomOrder } | { readonly refused: unknown } {
  const role = room.roles.find(({ folded }) => folded === by.folded)?.role;
  if (role !== "owner") return { refused: "forbidden" };
  const act = { by: by.name, action: request.event, ...(target && { target: target.name }) };
  switch (request.event) {
    case "room":
      return {
        order: {
          write: request.remove === true ? { kind: "remove" } : {
            kind: "set",
            ...(request.topic !== undefined && { topic: request.topic }),
            ...(request.slow !== undefined && { slow: request.slow }),
          },
          act,
        },
      };
    case "invite":
      return { order: { write: { kind: "invite", account: target!.folded, on: true }, act } };
    case "kick":
      return { order: { write: { kind: "note" }, act } };
    case "ban":
    case "mute": {
      const { event: kind, seconds } = request;
      if (seconds === 0) {
        return { order: { write: { kind: "lift", sanction: kind, folded: target!.folded }, act } };
      }
      const sanction = {
        ...{ kind, folded: target!.folded, name: target!.name, reason: "", by: by.name },
        isAccount: target!.status === "account",
        network: undefined,
        until: seconds === undefined ? undefined : now + seconds,
      };
      return { order: { write: { kind: "sanction", sanction }, act } };
    }
    case "grant":
      return {
        order: {
          write: { kind: "grant", account: target!.folded, role: request.role, maxRooms: 3 },
          act,
        },
      };
  }
}

/** The time of one clock, the timers of the machine. */
function dated(clock: FakeClock): Clock {
  return {
    epochMs: () => clock.epochMs(),
    monotonicMs: () => systemClock.monotonicMs(),
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms),
    clearTimeout: (timer) => systemClock.clearTimeout(timer),
  };
}
