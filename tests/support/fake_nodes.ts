/**
 * One server of several nodes, without connections.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

import type { Request, RoomEntry } from "../../common/wire/protocol.ts";
import type { Passwords } from "../../server/accounts/passwords.ts";
import type { Answer } from "../../server/answer.ts";
import { assemble, type Assembly } from "../../server/assembly.ts";
import { Mirror } from "../../server/cluster/mirror.ts";
import { LocalKeeper } from "../../server/delivery/keeper.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { depart, leave } from "../../server/people/attendance.ts";
import { RemoteUser } from "../../server/people/remote_user.ts";
import type { User } from "../../server/people/user.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { type FakeNode, FakeWorld } from "./fake_bus.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeKeptLog } from "./fake_kept_log.ts";
import { FakePeer } from "./fake_peer.ts";
import { RecordingLog } from "./recording_log.ts";

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

/** What a client knows, whatever connection it has. */
export class ClientMemory {
  /** Who is in the rooms that it is in, as it was told; by room. */
  readonly known = new Map<string, Set<string>>();
  /** What it was told that cannot be true. */
  readonly faults: string[] = [];
  /** The texts of messages that it got. */
  readonly texts: string[] = [];
  /** Its notices, in words. */
  readonly notices: string[] = [];
  /** What it gives out for its session the next time; `undefined` if it wants none. */
  token: string | true | undefined;
  /** The number of the last frame that it got. */
  seen = 0;
}

/** A connection, and what its client knows of who is in which room. */
export class Visitor {
  readonly peer = new FakePeer();
  readonly node: FakeServerNode;
  readonly memory: ClientMemory;
  #read = 0;
  #isAbandoned = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(node: FakeServerNode, memory = new ClientMemory()) {
    this.node = node;
    this.memory = memory;
    this.peer.outlet.endSession = () => {
      if (this.peer.user !== undefined) depart(node.context, this.peer.user);
      this.peer.end();
    };
  }

  get known(): Map<string, Set<string>> {
    return this.memory.known;
  }

  get faults(): string[] {
    return this.memory.faults;
  }

  get texts(): string[] {
    return this.memory.texts;
  }

  /** Stands for a stranger where it has nobody online. */
  get user(): User {
    return this.peer.user ??
      ({ folded: "", isAccount: false, network: "", rooms: new Set() } as unknown as User);
  }

  get isOnline(): boolean {
    return this.node.fake.isThere && this.peer.user?.isOnline === true;
  }

  /** Asks something when all earlier questions are answered. */
  ask(request: object): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(request as Request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  goOnline(name: string, status?: string): Promise<Answer> {
    return this.ask({ event: "presence", user: { account_name: name, status } });
  }

  logIn(name: string): Promise<Answer> {
    return this.ask({ event: "authenticate", user: { account_name: name, password: "right" } });
  }

  /** Goes online in a session that is numbered, or goes on with it. */
  resume(name: string, isAccount = false): Promise<Answer> {
    const { token: resume = true, seen } = this.memory;
    const more = { resume, ...(typeof resume === "string" && { seen }) };
    if (!isAccount) return this.ask({ event: "presence", user: { account_name: name }, ...more });
    const password = resume === true ? { password: "right" } : {};
    return this.ask({ event: "authenticate", user: { account_name: name, ...password }, ...more });
  }

  /** What was sent is read, and said to be. */
  confirm(): Promise<Answer> {
    this.read();
    this.peer.user!.confirm();
    this.peer.user!.seen(this.memory.seen);
    return this.ask({ event: "probe" });
  }

  /** The connection is lost. */
  async drop(): Promise<void> {
    const { user, outlet } = this.peer;
    this.peer.end();
    outlet.takes = false;
    if (user !== undefined) await leave(this.node.context, user, outlet, true);
  }

  async join(room: string): Promise<Answer> {
    return await this.ask({ event: "join", room });
  }

  async leave(room: string): Promise<Answer> {
    return await this.ask({ event: "leave", room });
  }

  say(to: string, message: string): Promise<Answer> {
    return this.ask({ event: "msg", to, message });
  }

  quit(): Promise<Answer> {
    return this.ask({ event: "quit" });
  }

  /** Takes what has come, and nothing any more: the client has another connection. */
  abandon(): void {
    this.read();
    this.#isAbandoned = true;
  }

  /** Takes what was sent since the last time. */
  read(): void {
    if (this.#isAbandoned) return;
    for (const frame of this.peer.frames.slice(this.#read)) this.#take(frame);
    this.#read = this.peer.frames.length;
  }

  async #ask(request: Request): Promise<Answer> {
    const reply = this.node.assembly.service.route(this.peer, request);
    const outcome = reply instanceof Promise ? await reply : reply;
    const answer = this.#noting(typeof outcome === "function" ? outcome() : outcome);
    answer.afterwards?.();
    return answer;
  }

  #noting(answer: Answer): Answer {
    this.read();
    const { code, sentence, extras } = answer;
    const { room, users, resume, resumed, rooms } = (extras ?? {}) as {
      room?: string;
      users?: string[];
      resume?: string;
      resumed?: true;
      rooms?: string[];
    };
    if (code > 201) return answer;
    if (resume !== undefined) {
      this.memory.token = resume;
      if (!resumed) this.memory.seen = 0;
      for (const room of this.known.keys()) if (!rooms?.includes(room)) this.known.delete(room);
    }
    if (room === undefined) return answer;
    if (sentence.startsWith("You left")) this.known.delete(room);
    else if (users !== undefined) this.known.set(room, new Set(users));
    return answer;
  }

  #take(frame: Record<string, unknown>): void {
    const { n, alert } = frame as { n?: number; alert?: string };
    if (n !== undefined) {
      if (n !== this.memory.seen + 1) this.faults.push(`${n} behind ${this.memory.seen}`);
      this.memory.seen = n;
    }
    if (alert !== undefined) this.memory.notices.push(alert);
    if (frame.event === "msg") this.texts.push(frame.message as string);
    const { room, joined, left } = frame as { room?: string; joined?: string; left?: string };
    if (room === undefined || (joined === undefined && left === undefined)) return;
    const members = this.known.get(room);
    if (members === undefined) this.faults.push(`told of ${room}, where it is not`);
    else if (joined !== undefined && members.has(joined)) this.faults.push(`${joined} twice`);
    else if (left !== undefined && !members.delete(left)) this.faults.push(`${left} was not in`);
    else if (joined !== undefined) members.add(joined);
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
