/**
 * One server of several nodes, without connections.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

import type { RoomEntry } from "../../common/wire/protocol.ts";
import type { Passwords } from "../../server/accounts/passwords.ts";
import { assemble, type Assembly } from "../../server/assembly.ts";
import { Mirror } from "../../server/cluster/mirror.ts";
import { LocalKeeper } from "../../server/delivery/keeper.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { RemoteUser } from "../../server/people/remote_user.ts";
import type { User } from "../../server/people/user.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { type FakeNode, FakeWorld } from "./fake_bus.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeKeptLog } from "./fake_kept_log.ts";
import { RecordingLog } from "./recording_log.ts";
import { Visitor } from "./visitor.ts";

/** What a test may choose. */
export interface FakeNodesOptions {
  /** @default {3} */
  count?: number;
  /** See `FakeWorld`. */
  seed?: number;
  settings?: Partial<ServerSettings>;
  /** Whether messages are kept: each node puts them out when it gets to know of them. @default {false} */
  isKept?: boolean;
  /** What all nodes remember; a test that gives one closes it. */
  store?: Store;
}

/** All passwords are right: checking them is not what these tests are about. */
const TRUSTING = {
  hash: () => Promise.resolve("hash"),
  verify: () => Promise.resolve(true),
  needsRehash: () => false,
} as unknown as Passwords;

/** Runs a test with the nodes of one server, which share a store and know of each other. */
export async function withNodes(
  { count = 3, seed = 1, settings = {}, store: given, isKept = false }: FakeNodesOptions,
  test: (nodes: FakeServerNode[], world: FakeWorld, clock: FakeClock) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const world = new FakeWorld({ seed, clock });
  const store = given ?? openSqliteStore(":memory:", { clock, historyDays: isKept ? 1 : 0 });
  const kept = isKept ? new FakeKeptLog(world, store, clock) : undefined;
  const nodes: FakeServerNode[] = [];
  for (let i = 0; i < count; i++) {
    const node = new FakeServerNode(world, store, clock, settings, nodes, kept);
    nodes.push(node);
    await node.start();
  }
  await world.quiet();
  try {
    await test(nodes, world, clock);
  } finally {
    for (const node of nodes) node[Symbol.dispose]();
    await world.quiet();
    if (given === undefined) await store[Symbol.asyncDispose]();
  }
}

/** A node whose connections a test makes. */
export class FakeServerNode implements Disposable {
  readonly log = new RecordingLog();
  readonly fake: FakeNode;
  readonly assembly: Assembly;
  /** Everybody who has ever come to it. */
  readonly visitors: Visitor[] = [];
  readonly #mirror: Mirror;

  constructor(
    world: FakeWorld,
    store: Store,
    clock: FakeClock,
    settings: Partial<ServerSettings>,
    all: readonly FakeServerNode[],
    kept?: FakeKeptLog,
  ) {
    this.fake = world.join();
    const { bus, names } = this.fake;
    const watch = (user: User): void => {
      if (!this.fake.isThere) return;
      const rivals = all.filter((it) => it !== this && it.fake.isThere && it.has(user.folded));
      assertEquals(rivals.length, 0, `${user.name} is online on two nodes`);
    };
    const { log } = this;
    this.#mirror = new Mirror({ bus, names, clock, log });
    const own = kept?.follow(() => this.context) ??
      { store, keeper: new LocalKeeper(store, clock) };
    this.assembly = assemble({
      store: own.store,
      cluster: {
        ...own,
        nodes: this.#mirror,
        start: (context, fencing) => this.#mirror.start(context, fencing),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      passwords: TRUSTING,
      settings,
      clock,
      log,
    });
    const { registry } = this.context;
    const add = registry.add.bind(registry);
    registry.add = (user) => {
      const isAdded = add(user);
      // Each one who is online here is seen before anybody else does anything.
      if (isAdded && !(user instanceof RemoteUser)) watch(user);
      return isAdded;
    };
  }

  get context(): Assembly["context"] {
    return this.assembly.context;
  }

  /** Lets the others know of it. */
  start(): Promise<void> {
    return this.#mirror.start(this.context, {
      onFence: () => {
        for (const { peer } of this.visitors) peer.outlet.close();
      },
      onRestored: () => {},
    });
  }

  /** Whether somebody is online here under that name. */
  has(folded: string): boolean {
    return this.context.registry.find(folded)?.isOnline === true;
  }

  /** A new connection; of the same client as an earlier one, if that is given. */
  connect(earlier?: Visitor): Visitor {
    earlier?.abandon();
    const visitor = new Visitor(this, earlier?.memory);
    this.visitors.push(visitor);
    return visitor;
  }

  /** Somebody comes online as a guest. */
  async come(name: string): Promise<Visitor> {
    const visitor = this.connect();
    assertEquals((await visitor.goOnline(name)).code, 200, `${name} comes`);
    return visitor;
  }

  /** Somebody comes online with an account, which is made if need be. */
  async comeWithAccount(name: string): Promise<Visitor> {
    const { store } = this.context;
    await store.createAccount(name, name, "hash");
    const visitor = this.connect();
    assertEquals((await visitor.logIn(name)).code, 200, `${name} logs in`);
    return visitor;
  }

  /** Who is online, as `who` lists them. */
  get online(): string[] {
    return this.context.registry.sorted().map(({ name, status, isAccount }) =>
      [name, isAccount ? "account" : "guest", status].join(" ").trim()
    );
  }

  /** Who is in a room in memory. */
  membersOf(room: string): string[] {
    return this.context.rooms.find(room)?.members.sorted().map(({ name }) => name) ?? [];
  }

  /** The rooms, as `rooms` lists them for a stranger. */
  async rooms(): Promise<RoomEntry[]> {
    const { user } = new Visitor(this);
    return (await this.context.rooms.list(user, 1_000)).rooms;
  }

  [Symbol.dispose](): void {
    this.fake.die();
    this.#mirror[Symbol.dispose]();
    this.assembly.plumbing[Symbol.dispose]();
  }
}

/** Once nothing is under way: all nodes list the same, and whoever is in a room knows who is. */
export async function assertSame(nodes: readonly FakeServerNode[]): Promise<void> {
  const there = nodes.filter(({ fake }) => fake.isThere);
  const here = there.flatMap(({ context }) => [...context.registry.values()])
    .filter(({ isOnline }) => isOnline)
    .sort((a, b) => a.folded < b.folded ? -1 : 1).map(({ name }) => name);
  assertEquals(new Set(here).size, here.length, "each name is online once");
  for (const node of there) {
    assertEquals(node.context.registry.sorted().map(({ name }) => name), here);
    assertEquals(node.online, there[0]!.online);
    assertEquals(await node.rooms(), await there[0]!.rooms());
    for (const visitor of node.visitors.filter(({ isOnline }) => isOnline)) {
      visitor.read();
      assertEquals(visitor.faults, []);
      for (const { name, members } of visitor.user.rooms) {
        const known = [...visitor.known.get(name) ?? []].sort();
        assertEquals(known, members.sorted().map((it) => it.name).sort(), `in ${name}`);
        for (const other of there) {
          const elsewhere = other.context.rooms.find(name);
          if (elsewhere !== undefined) assertEquals(other.membersOf(name), node.membersOf(name));
        }
      }
    }
  }
  assert(there.length > 0);
}
