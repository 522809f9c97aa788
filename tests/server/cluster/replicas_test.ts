import { assert, assertEquals } from "@std/assert";
import { tmpdir } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import type { RoomDeed } from "../../../server/cluster/room_deed.ts";
import type { ModerationRequest } from "../../../server/rooms/acts.ts";
import { dumpReplica } from "../../support/dump_replica.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeLogWorld } from "../../support/fake_log.ts";
import { seededRandom } from "../../support/random.ts";
import { draft, ReplicaNode, speaker } from "../../support/replica_node.ts";

const NAMES = ["ann", "bob", "carl", "Eve"];
const ROOMS = ["park", "Quay"];
/** Accounts that an administrator removes one after the other; nobody makes them again. */
const VICTIMS = ["uwe", "vic", "wim", "xia"];
/** What an administrator does. */
const ADMIN_ACTS = [
  "add",
  "setPassword",
  "block",
  "unblock",
  "remove",
  "invite",
  "revokeInvite",
  "grantRoom",
] as const;
/** So small that many letters are refused. */
const MAILBOX = {
  whole: { letters: 6, bytes: 900 },
  sender: { letters: 4, bytes: 500 },
  guests: { letters: 2, bytes: 200 },
  strangers: { letters: 3, bytes: 400 },
};
/** What many people do at once. */
const OFTEN = ["letter", "direct", "speak", "moderate", "edit", "delete", "deleteLetters"];
/** What happens less often, but has to. */
const NOW_AND_THEN = Array.from({ length: 5 }, () => "administer");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Three nodes that are asked for all that there is, by chance. */
class Model {
  readonly clock = new FakeClock();
  readonly world: FakeLogWorld;
  readonly nodes: ReplicaNode[] = [];
  readonly #random: () => number;
  readonly #dir: string;
  /** Who was told to have made an account, by name. */
  readonly made = new Map<string, number>();
  /** Messages that were kept: where, their numbers, and who wrote them. */
  readonly kept: {
    readonly room?: string;
    readonly other?: string;
    readonly seq: number;
    readonly by: string;
  }[] = [];
  /** What an administrator has done, with outcomes. */
  readonly acts = new Set<string>();
  /** How many operations of a kind had an outcome. */
  readonly outcomes = new Map<string, number>();
  /** Victims that are there. */
  readonly #victims = [...VICTIMS];
  #actCount = 0;
  #files = 0;
  #count = 0;

  constructor(seed: number, dir: string) {
    this.#random = seededRandom(seed);
    this.world = new FakeLogWorld(seededRandom(seed + 1_000));
    this.#dir = dir;
  }

  /** A file that does not exist. */
  path(): string {
    return `${this.#dir}/${this.#files++}.db`;
  }

  open(path: string): ReplicaNode {
    return new ReplicaNode(this.world, this.clock, {
      path,
      mailbox: MAILBOX,
      mailDays: 20,
      historyDays: 25,
    });
  }

  /** The same accounts and rooms are made on all nodes at once. */
  async begin(): Promise<void> {
    await Promise.all(this.nodes.flatMap((node) => [
      ...[...NAMES.slice(1), ...VICTIMS].map((name) => this.#make(node, name)),
      ...ROOMS.map((room) =>
        node.store.rooms.open(room.toLowerCase(), { folded: "bob", roomName: room, maxRooms: 2 })
      ),
    ]));
  }

  /** Some operations at once, on all nodes; resolves when all nodes have applied all. */
  async wave(size: number): Promise<void> {
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < size; i++) {
      work.push(this.#note(this.#any(this.nodes)));
      if (this.#random() < 0.3) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await Promise.all(work);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.world.settled();
    for (const node of this.nodes) {
      assertEquals(node.broken?.message, undefined);
      if (node.log.isAvailable) await node.replication.ready();
    }
  }

  /** Does one thing, and counts what came of it; the log may be out of reach. */
  async #note(node: ReplicaNode): Promise<void> {
    const [kind, work] = this.#operation(node);
    let outcome: unknown;
    try {
      outcome = await work();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      outcome = "unavailable";
    }
    const key = `${kind} ${typeof outcome === "object" ? "done" : outcome}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
  }

  #operation(node: ReplicaNode): [string, () => Promise<unknown>] {
    const { store, copy } = node;
    const name = this.#any([...NAMES, ...VICTIMS]);
    const other = this.#any([...NAMES, ...VICTIMS]);
    const [folded, its] = [name.toLowerCase(), other.toLowerCase()];
    const room = this.#any(ROOMS);
    const kinds: Record<string, () => Promise<unknown>> = {
      rememberName: () => store.rememberName(folded, name),
      createAccount: () => this.#make(node, this.#any(NAMES)),
      administer: () => this.#administer(node, this.#any(NAMES), room),
      createInvited: () => store.createInvited(folded, name, "hash", `code-${this.#count}`),
      noteLeft: () => store.noteLeft([[folded, ++this.#count], [its, 29_000_000 - this.#count]]),
      replacePasswordHash: async () => {
        const account = await store.findAccount(folded);
        if (account === undefined) return "none";
        return await store.replacePasswordHash(
          folded,
          account.passwordHash,
          `hash-${++this.#count}`,
        );
      },
      trustNetwork: async () => {
        const account = await store.findAccount(folded);
        return await store.trustNetwork(folded, account?.passwordHash ?? "", this.#any(["x", "y"]));
      },
      letter: () => this.#letter(node, name, its),
      direct: () => this.#direct(node, name, its),
      speak: () => this.#speak(node, name, room),
      deleteLetters: async () => {
        const letters = await store.listLetters(folded, 0, 3);
        return await store.deleteLetters(folded, letters.at(-1)?.stored ?? 0);
      },
      markLetters: async () => {
        const letters = await store.listLetters(folded, 0, 3);
        const marks = letters.map(({ stored }, n) => ({ stored, n }));
        return await store.markLetters(folded, "s", marks);
      },
      dropLetters: () => store.dropLetters(folded, { session: "s", n: 1 }),
      noteCorrespondent: () => store.noteCorrespondent(folded, its),
      enter: () => store.rooms.open(room.toLowerCase(), { folded, roomName: room, maxRooms: 2 }),
      remember: async () => {
        const found = await store.rooms.find(room.toLowerCase());
        return found && await store.rooms.remember(found.id, folded);
      },
      forgetMember: async () => {
        const found = await store.rooms.find(room.toLowerCase());
        return found && await store.rooms.forgetMember(found.id, folded);
      },
      adopt: async () => {
        const found = await store.rooms.find(room.toLowerCase());
        return await store.rooms.adopt(found ? [found.id] : [], folded);
      },
      moderate: () => this.#moderate(node, room, other),
      edit: () => this.#change(node, "edit"),
      delete: () => this.#change(node, "delete"),
      read: async () => {
        const place = await this.#place(node);
        return place && await store.markRead(folded, place.conversation, place.seq);
      },
      save: async () => {
        const account = await store.findAccount(folded);
        return await store.resume.save(folded, account?.passwordHash ?? "", `t-${++this.#count}`);
      },
      use: () => store.resume.use(folded, `t-${this.#count}`, `t-${++this.#count}`),
      settleToken: () => store.resume.settle(folded, `t-${this.#count}`),
      end: () => store.resume.end(folded, { session: "s", hashes: [`t-${this.#count}`] }),
      forget: () => store.resume.forget(folded),
      block: () => store.blockedUsers.set(folded, its, this.#random() < 0.5),
      tidy: async () => {
        if (this.#random() < 0.5) return;
        await node.replication.perform({ do: "tidy", terms: copy.retention });
      },
    };
    const kind = this.#any([
      ...OFTEN,
      ...OFTEN,
      ...OFTEN,
      ...OFTEN,
      ...NOW_AND_THEN,
      ...Object.keys(kinds),
    ]);
    return [kind, kinds[kind]!];
  }

  /** As the command does it, which is on no node: but so it is told what came of it. */
  async #administer(node: ReplicaNode, name: string, room: string): Promise<unknown> {
    const folded = name.toLowerCase();
    const hash = `code-${++this.#count}`;
    const role = this.#any(["owner", "moderator", "member"]);
    const args: Record<typeof ADMIN_ACTS[number], unknown[]> = {
      add: ["new", "New", "hash"],
      setPassword: [folded, `hash-${hash}`],
      block: [folded, name, "loud"],
      unblock: [folded],
      remove: [this.#victims[0] ?? "nobody", ""],
      invite: [{ hash, uses: 1, days: 5, note: "" }],
      revokeInvite: [this.world.newest - Math.floor(this.#random() * 20)],
      grantRoom: [room.toLowerCase(), folded, role],
    };
    const act = ADMIN_ACTS[this.#actCount++ % ADMIN_ACTS.length]!;
    if (act === "remove") this.#victims.shift();
    const outcome = await node.replication.perform({ do: "administer", act, args: args[act] });
    this.acts.add(`${act} ${typeof outcome === "object" ? "done" : outcome}`);
    return outcome;
  }

  async #make(node: ReplicaNode, name: string): Promise<boolean> {
    const folded = name.toLowerCase();
    const isMade = await node.store.createAccount(folded, name, `hash-${++this.#count}`);
    if (isMade) this.made.set(folded, (this.made.get(folded) ?? 0) + 1);
    return isMade;
  }

  async #letter(node: ReplicaNode, name: string, to: string): Promise<unknown> {
    const from = this.#random() < 0.2 ? "guest" : name;
    const n = Math.floor(this.#random() * 12);
    const fingerprint = `${from}-${to}-${n}`;
    const since = this.clock.epochMs() / 1000 - 600;
    return await node.store.storeLetter({
      ...{ folded: to, to, from, time: this.clock.epochMs() / 1000, id: `${n}` },
      message: `letter ${n} ${"x".repeat(n * 8)}`,
      ...(this.#random() < 0.1 && { reply: 1 + Math.floor(this.#random() * this.world.newest) }),
    }, n < 8 ? { repeats: { fingerprint, since } } : n === 11 ? { isRescue: true } : {});
  }

  async #direct(node: ReplicaNode, name: string, to: string): Promise<unknown> {
    const folded = name.toLowerCase();
    const conversation = await node.store.openDirect(folded, to);
    if (conversation === undefined) return "no conversation";
    const other = to;
    // One in ten cannot be taken when it has its number.
    const taken = this.#random() < 0.1 ? "full" : 1;
    return await this.#keep(node, name, to, conversation, taken, { other });
  }

  async #speak(node: ReplicaNode, name: string, room: string): Promise<unknown> {
    const found = await node.store.rooms.find(room.toLowerCase());
    if (found === undefined) return "no room";
    const conversation = await node.store.openRoom(found.id);
    if (conversation === undefined) return "no conversation";
    return await this.#keep(node, name, room, conversation, 3, { room });
  }

  async #keep(
    node: ReplicaNode,
    name: string,
    to: string,
    conversation: number,
    taken: number | "full",
    where: { readonly room: string } | { readonly other: string },
  ): Promise<unknown> {
    const n = Math.floor(this.#random() * 20);
    const { keeper } = node;
    const outcome = await keeper.keep(
      draft({
        ...{ from: speaker(name), to, conversation, keeper, message: `message ${n}` },
        ...{ id: `${n}`, time: this.clock.epochMs() / 1000 },
        ...(n % 3 === 0 && { kind: "action" }),
        ...(n === 0 && { reply: 1 + Math.floor(this.#random() * this.world.newest) }),
      }),
      () => taken,
    );
    if (typeof outcome === "string") return outcome;
    if (outcome.seq === undefined) return "not kept";
    this.kept.push({ ...where, seq: outcome.seq, by: name.toLowerCase() });
    return outcome.delivered;
  }

  async #moderate(node: ReplicaNode, room: string, user: string): Promise<unknown> {
    const by = this.#any(NAMES);
    const requests: ModerationRequest[] = [
      { event: "kick", room, user },
      { event: "ban", room, user, seconds: this.#any([0, 100]) },
      { event: "mute", room, user },
      { event: "invite", room, user },
      { event: "grant", room, user, role: this.#any(["owner", "moderator", "member"]) },
      { event: "room", room, topic: `topic ${++this.#count}` },
      { event: "room", room, remove: this.#random() < 0.2 },
    ];
    const folded = user.toLowerCase();
    const deed: RoomDeed = {
      by: { name: by, folded: by.toLowerCase(), isAccount: true, network: "x", origin: "x" },
      request: this.#any(requests),
      target: { folded, name: user, status: this.#any(["account", "guest"]) },
      now: this.clock.epochMs() / 1000,
      maxRooms: 2,
    };
    const changed = await node.replication
      .perform({ do: "moderate", folded: room.toLowerCase(), deed });
    return changed !== undefined && "refused" in changed ? changed.refused : changed;
  }

  async #change(node: ReplicaNode, kind: "edit" | "delete"): Promise<unknown> {
    const place = await this.#place(node);
    if (place === undefined) return "none";
    const time = this.clock.epochMs() / 1000;
    const change = {
      ...{ conversation: place.conversation, seq: place.seq, time, asker: place.by },
      by: { account: this.#random() < 0.8 ? place.by : "bob", session: "" },
    };
    return kind === "delete"
      ? await node.store.deleteMessage(change)
      : await node.store.editMessage({
        ...{ ...change, since: time - 86_400 },
        message: `edited ${++this.#count} ${"y".repeat(Math.floor(this.#random() * 300))}`,
      });
  }

  async #place(
    { store }: ReplicaNode,
  ): Promise<{ conversation: number; seq: number; by: string } | undefined> {
    if (this.kept.length === 0) return undefined;
    const { room, other, seq, by } = this.#any(this.kept);
    const found = room === undefined ? undefined : await store.rooms.find(room.toLowerCase());
    const conversation = room === undefined
      ? await store.findDirect(by, other!)
      : found && await store.openRoom(found.id);
    return conversation === undefined ? undefined : { conversation, seq, by };
  }

  #any<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)]!;
  }
}

/** Where temporary directories are. */
const TEMP = tmpdir();

async function withModel(seed: number, run: (model: Model) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-replicas-" });
  const model = new Model(seed, dir);
  try {
    await run(model);
  } finally {
    for (const node of model.nodes) await node[Symbol.asyncDispose]();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Resolves when nothing is left of accounts that are gone: it is erased beside the log. */
async function removalsAreDone(path: string): Promise<void> {
  using db = new DatabaseSync(path, { readOnly: true });
  const left = db.prepare(
    `SELECT 1 FROM messages WHERE sender IN (SELECT account FROM removals)
       OR conversation IN (SELECT id FROM conversations WHERE ended = 1)`,
  );
  while (left.get() !== undefined) await new Promise<void>((resolve) => setTimeout(resolve, 5));
}

/**
 * The same conversations, none said to go on longer. If the last message of one was a removed account's, and was erased
 * from the log before the copy was made, the copy cannot know of it.
 */
function assertSince(
  rows: readonly Record<string, unknown>[],
  all: readonly Record<string, unknown>[],
): void {
  assertEquals(rows.map(({ name }) => name), all.map(({ name }) => name));
  for (const [i, { name, last }] of rows.entries()) {
    assert(Number(last) <= Number(all[i]!.last), `${name}: ${last} and ${all[i]!.last}`);
  }
}

Deno.test({
  name: "copies of one log hold the same, whatever is done on which node",
  // No archive starts a thread then, which would take longer than all the rest.
  permissions: { read: [TEMP], write: [TEMP], env: "inherit", sys: "inherit" },
  fn: () =>
    withModel(1, async (model) => {
      const paths = [model.path(), model.path(), model.path()];
      for (const path of paths) model.nodes.push(model.open(path));
      await model.begin();
      await model.wave(40);
      model.clock.leap(2 * MINUTE_MS);
      await model.wave(40);
      model.clock.leap(HOUR_MS);

      // One node is cut off in the middle of things, and dies; another one goes on with its file.
      const dying = model.nodes[2]!;
      const wave = model.wave(25);
      dying.log.isAvailable = false;
      await wave;
      const left = model.path();
      for (const end of ["", "-wal"]) Deno.copyFileSync(paths[2]! + end, left + end);
      await dying[Symbol.asyncDispose]();
      model.nodes.pop();
      await model.wave(25);
      model.nodes.push(model.open(left));
      await model.wave(40);
      model.clock.leap(8 * DAY_MS);
      await model.wave(40);

      // A copy is made anew, from what is still in the log.
      const anew = model.path();
      model.nodes.push(model.open(anew));
      await model.wave(15);
      for (const path of [paths[0]!, paths[1]!, left, anew]) await removalsAreDone(path);
      const first = dumpReplica(paths[0]!);
      const others = { running: paths[1]!, "opened again": left, "made anew": anew };
      for (const [which, path] of Object.entries(others)) {
        const dump = dumpReplica(path);
        for (const [kind, rows] of Object.entries(first)) {
          if (which === "made anew" && kind === "conversations") assertSince(dump[kind]!, rows);
          else assertEquals(dump[kind], rows, `${kind} of the copy ${which}`);
        }
      }
      for (const [name, count] of model.made) assertEquals(count, 1, name);
      const kinds = [
        "delete done",
        "direct 1",
        "edit done",
        "letter stored",
        "moderate done",
        "speak 3",
      ];
      for (const kind of kinds) assert(model.outcomes.has(kind), `never: ${kind}`);
      assertEquals(
        ADMIN_ACTS.filter((act) => ![...model.acts].some((done) => done.startsWith(act))),
        [],
      );
      assert(model.acts.has("remove done"));
    }),
});
