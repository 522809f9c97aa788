import { assert, assertEquals, assertRejects } from "@std/assert";

import type { ArchiveCall, ArchiveRunner, Done } from "../../../../server/store/archive/runner.ts";
import { ArchiveService } from "../../../../server/store/archive/service.ts";
import { MAILBOX_LIMITS } from "../../../../server/store/mailbox_limits.ts";
import type { MessageSearch } from "../../../../server/store/messages.ts";
import { GroupCommit } from "../../../../server/store/sqlite/group_commit.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { StoreBusyError, StoreError } from "../../../../server/store/store.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { settle } from "../../../support/settle.ts";

/** An archive that says what the test tells it, and notes what it was asked. */
class FakeRunner implements ArchiveRunner {
  readonly calls: string[] = [];
  /** Milliseconds that each call is said to take. */
  ms = 1;
  /** Rows that are not indexed yet. */
  missing = 0;
  /** Steps of retention and merging that are left. */
  left = 0;
  fault: StoreError | undefined;
  /** Scopes of a search. */
  scopes = ["u1"];
  #indexed = 0;
  #isBusy = false;

  async ask<Call extends ArchiveCall>(call: Call, ...args: unknown[]): Promise<Done<Call>> {
    assert(!this.#isBusy, "one thing at a time");
    this.#isBusy = true;
    this.calls.push(`${call} ${args.map((arg) => JSON.stringify(arg)).join(" ")}`);
    await settle();
    this.#isBusy = false;
    if (this.fault !== undefined) throw this.fault;
    return { value: this.#value(call, args) as Done<Call>["value"], ms: this.ms };
  }

  isOpen = true;
  /** What opening it waits for. */
  gates: Record<"start" | "open", Promise<void>> = {
    start: Promise.resolve(),
    open: Promise.resolve(),
  };

  start(): Promise<void> {
    this.calls.push("start");
    return this.gates.start;
  }

  async open(): Promise<void> {
    this.calls.push("open");
    await this.gates.open;
    this.isOpen = true;
  }

  /** The names of what was asked. */
  get names(): string[] {
    return this.calls.map((call) => call.split(" ")[0]!);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #value(call: ArchiveCall, args: unknown[]): unknown {
    switch (call) {
      case "findRange":
        return { scopes: this.scopes, marks: [], before: 1_000 };
      case "findHits":
        return { hits: [], next: undefined, lead: undefined };
      case "indexSome": {
        const rows = Math.ceil(args[0] as number / 100);
        const count = Math.min(rows, this.missing);
        this.missing -= count;
        this.#indexed += count;
        return { indexed: this.#indexed, isDone: count < rows };
      }
      case "mergeSome":
      case "forgetSome":
        return --this.left > 0;
      case "removeSome":
        return { more: --this.left > 0, entries: [this.left] };
      case "emptyLog":
        return true;
      case "changeSome":
        return (args[0] as unknown[]).map(() => "unknown");
      case "listConversations":
        return [];
      default:
        return { messages: [], more: false };
    }
  }
}

/** How many conversations are asked for. */
const some = (limit: number) => ({ limit, now: 0, rooms: [] });

interface Fixture {
  readonly runner: FakeRunner;
  readonly service: ArchiveService;
  readonly commit: GroupCommit;
  readonly clock: FakeClock;
  readonly faults: string[];
  /** Sets how many messages there are. */
  add(count: number): void;
  mayGrow: boolean;
}

async function withService(run: (fixture: Fixture) => Promise<void>): Promise<void> {
  using db = openDatabase(":memory:");
  const [runner, clock, faults] = [new FakeRunner(), new FakeClock(), [] as string[]];
  const nothing = (): void => {};
  const listeners = { beforeCommit: nothing, onCommit: nothing, onRollback: nothing };
  const options = { lockTimeoutMs: 0, clock, ...listeners };
  const commit = new GroupCommit(db, options);
  let last = 0;
  const service = new ArchiveService({
    runner,
    commit,
    clock,
    last: () => last,
    indexed: 0,
    mayGrow: () => fixture.mayGrow,
    changes: {
      before: nothing,
      onFull: nothing,
      lockTimeoutMs: 0,
      terms: () => ({ mailbox: MAILBOX_LIMITS, room: Infinity }),
    },
    onFault: ({ message }) => faults.push(message),
  });
  const add = (count: number): void => {
    last += count;
    runner.missing += count;
  };
  const fixture: Fixture = { runner, service, commit, clock, faults, add, mayGrow: true };
  await run(fixture);
  await commit.close();
  await service.close();
}

const search = (asker: string): MessageSearch => ({
  asker,
  text: "word",
  account: asker,
  other: undefined,
  rooms: [],
  from: undefined,
  after: undefined,
  limit: 10,
});

/** Lets all go on until nothing is asked any more. */
async function untilQuiet({ runner }: Fixture): Promise<void> {
  for (let count = -1; count !== runner.calls.length;) {
    count = runner.calls.length;
    for (let n = 0; n < 4; n++) await settle();
  }
}

Deno.test("of those who ask at once, each has a turn; a search gives way between its steps", () =>
  withService(async ({ runner, service }) => {
    runner.scopes = Array.from({ length: 20 }, (_, n) => `r${n}`);
    const greedy = Array.from(
      { length: 20 },
      () => service.listConversations("greedy", some(1), { asker: "greedy" }),
    );
    await Promise.all([
      service.search(search("eve")),
      service.listConversations("bob", some(2), { asker: "bob" }),
      service.listMessages(3, { limit: 7, asker: "ann" }),
      ...greedy,
    ]);
    assertEquals(runner.calls.slice(0, 10).map((call) => call.replace(/ \{.*"text".*/, "")), [
      'listConversations "greedy" {"limit":1,"now":0,"rooms":[]}',
      'listConversations "bob" {"limit":2,"now":0,"rooms":[]}',
      'listMessages 3 {"limit":7}',
      'findRange {"account":"eve","rooms":[]}',
      'listConversations "greedy" {"limit":1,"now":0,"rooms":[]}',
      "findHits",
      'listConversations "greedy" {"limit":1,"now":0,"rooms":[]}',
      "findHits",
      'listConversations "greedy" {"limit":1,"now":0,"rooms":[]}',
      "readHits [] 10",
    ]);
    const scopes = runner.calls.filter((call) => call.startsWith("findHits"))
      .map((call) => JSON.parse(call.slice("findHits ".length)).scopes.length);
    assertEquals(scopes, [8, 12], "more with each step that was quick");
  }));

Deno.test("changes go before questions, but not all of them before each", () =>
  withService(async ({ runner, service }) => {
    const asked = Array.from({ length: 3 }, (_, n) => service.listConversations(`a${n}`, some(1)));
    const change = (seq: number): Promise<unknown> =>
      service.change({ conversation: 1, seq, by: "moderator", time: 0 });
    const first = change(1);
    await Promise.all([...asked, first]);
    assertEquals(runner.names, [
      "listConversations",
      "changeSome",
      "listConversations",
      "listConversations",
    ]);
    runner.calls.length = 0;
    /** One change after the other, without a pause. */
    let left = 20;
    const keepChanging = async (): Promise<void> => {
      while (left-- > 0) await change(left);
    };
    const changing = keepChanging();
    await settle();
    await Promise.all([changing, service.listConversations("a", some(1))]);
    const before = runner.names.indexOf("listConversations");
    assert(before > 0 && before <= 8, `behind ${before}`);
  }));

Deno.test("emptying the log waits for a moment in which the archive does nothing", () =>
  withService(async ({ runner, service }) => {
    const asked = [
      service.listConversations("a", some(1)),
      service.listConversations("b", some(1)),
    ];
    assertEquals(await service.emptyLog(), true);
    await Promise.all(asked);
    assertEquals(runner.names, ["listConversations", "emptyLog", "listConversations"]);
  }));

Deno.test("what is left of removed accounts is erased in steps of the right size", () =>
  withService(async ({ runner, service }) => {
    runner.left = 3;
    const erased: number[] = [];
    await service.remove(77, (entries) => erased.push(...entries));
    assertEquals(erased, [2, 1, 0]);
    assertEquals(runner.calls, [512, 768, 1152].map((units) => `removeSome ${units} 77`));
  }));

Deno.test("a search that takes too long is refused, whoever waits; a shorter one is not", () =>
  withService(async ({ runner, service }) => {
    runner.scopes = Array.from({ length: 9 }, (_, n) => `r${n}`);
    runner.ms = 700; // three of four calls, and the time is over
    const { message, ms } = await assertRejects(
      () => service.search(search("eve")),
      StoreBusyError,
    ) as StoreBusyError;
    assert(/^This takes longer than the 2 s /.test(message), message);
    assertEquals(ms, 2_100, "for who has to pay for it");
    assertEquals(runner.names, ["findRange", "findHits", "findHits"]);
    runner.ms = 500;
    assertEquals(await service.search(search("eve")), { messages: [], more: false, ms: 2_000 });
  }));

Deno.test("a search first indexes what is missing, in steps, and refuses if that is too much", () =>
  withService(async (fixture) => {
    const { runner, service, add } = fixture;
    add(999);
    service.noteAdded();
    await untilQuiet(fixture);
    assertEquals(runner.calls, [], "few messages wait for a search");
    await Promise.all([service.search(search("eve")), service.search(search("bob"))]);
    assert(runner.names.indexOf("findRange") > runner.names.lastIndexOf("indexSome"));
    await untilQuiet(fixture);
    assertEquals([runner.missing, runner.names.at(-1)], [0, "mergeSome"]);
    runner.calls.length = 0;
    await service.search(search("eve"));
    await untilQuiet(fixture);
    assertEquals(runner.names, ["findRange", "findHits", "readHits"]);
    add(20_001);
    await assertRejects(
      () => service.search(search("eve")),
      StoreBusyError,
      "still being prepared",
    );
    await untilQuiet(fixture);
    assertEquals(runner.missing, 0, "it was begun");
    await service.search(search("eve"));
  }));

Deno.test("rows that are gone before they are indexed are not missing", () =>
  withService(async (fixture) => {
    const { runner, service, add } = fixture;
    add(10);
    runner.missing = 3;
    await service.search(search("eve"));
    await untilQuiet(fixture);
    runner.calls.length = 0;
    await service.search(search("eve"));
    assertEquals(runner.names, ["findRange", "findHits", "readHits"]);
  }));

Deno.test("many messages are indexed in the background, with the index merged between the steps", () =>
  withService(async (fixture) => {
    const { runner, service, add } = fixture;
    add(1_000);
    runner.left = 3;
    service.noteAdded();
    service.noteAdded();
    await untilQuiet(fixture);
    assertEquals(runner.missing, 0);
    assertEquals(runner.names.slice(0, 5), [
      "indexSome",
      "mergeSome",
      "mergeSome",
      "mergeSome",
      "indexSome",
    ]);
    assertEquals(runner.calls.slice(0, 5).map((call) => call.split(" ")[1]), [
      "8192",
      "16",
      "24",
      "36",
      "12288",
    ]);
  }));

Deno.test("in the background nothing is written while others write, unless very much is missing", () =>
  withService(async (fixture) => {
    const { runner, service, commit, add } = fixture;
    /** Writes without a pause until the background has asked for something; how many transactions that took. */
    const passed = async (): Promise<number> => {
      let count = 0;
      let next: Promise<void> | undefined;
      const more = (): Promise<void> =>
        commit.write(() => {
          if (++count < 100 && runner.calls.length === 0) next = more();
        });
      const first = more();
      service.noteAdded();
      await first;
      for (let awaited: Promise<void> | undefined; awaited !== next;) await (awaited = next);
      await untilQuiet(fixture);
      runner.calls.length = 0;
      return count;
    };
    add(1_000);
    const idle = await passed();
    assert(idle >= 20 && idle < 30, `${idle}`);
    add(20_001);
    const urgent = await passed();
    assert(urgent <= 4, `${urgent}`);
  }));

Deno.test("the background stops where the database may not grow, and pauses after a failure", () =>
  withService(async (fixture) => {
    const { runner, service, clock, faults, add } = fixture;
    add(1_500);
    fixture.mayGrow = false;
    service.noteAdded();
    await untilQuiet(fixture);
    assertEquals(runner.calls, []);
    fixture.mayGrow = true;
    runner.fault = new StoreError("Database failed: the disk is full");
    service.noteAdded();
    await untilQuiet(fixture);
    service.noteAdded();
    clock.advance(59_999);
    service.noteAdded();
    await untilQuiet(fixture);
    assertEquals([runner.names, faults], [["indexSome"], ["Database failed: the disk is full"]]);
    await assertRejects(() => service.search(search("eve")), StoreError, "disk is full");
    runner.fault = undefined;
    clock.advance(1);
    service.noteAdded();
    await untilQuiet(fixture);
    assertEquals([runner.missing, faults.length], [0, 1]);
  }));

Deno.test("retention goes in steps of the right size, behind questions, until nothing is left", () =>
  withService(async ({ runner, service }) => {
    runner.left = 6;
    runner.ms = 2.5;
    await service.forget(77);
    assertEquals(
      runner.calls,
      [512, 768, 1152, 1728, 2592, 3888].map((units) => `forgetSome ${units} 77`),
    );
    runner.calls.length = 0;
    runner.left = 2;
    const forgotten = service.forget(77);
    const asked = Array.from({ length: 9 }, (_, n) => service.listConversations(`a${n}`, some(1)));
    await Promise.all([forgotten, ...asked]);
    const before = runner.names.indexOf("forgetSome");
    assert(before <= 8, `behind the one under way, and seven others: ${before}`);
  }));

Deno.test("the archive starts beside what is written, and opens the file when nothing is", () =>
  withService(async ({ runner, service, commit }) => {
    const [start, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    runner.isOpen = false;
    runner.gates = { start: start.promise, open: open.promise };
    const asked = [
      service.listConversations("a", some(1)),
      service.listConversations("b", some(1)),
    ];
    const order: string[] = [];
    await commit.write(() => order.push("while it starts"));
    assertEquals(runner.names, ["start"]);
    const first = commit.write(() => order.push("before it opens"));
    start.resolve();
    await first;
    await settle();
    assertEquals(runner.names, ["start", "open"]);
    const later = commit.write(() => order.push("after it has opened"));
    for (let n = 0; n < 4; n++) await settle();
    assertEquals(order, ["while it starts", "before it opens"]);
    open.resolve();
    await Promise.all([...asked, later]);
    assertEquals(order.at(-1), "after it has opened");
    assertEquals(runner.names, ["start", "open", "listConversations", "listConversations"]);
  }));

Deno.test("an archive that cannot be opened is an error of each question, and is tried again", () =>
  withService(async ({ runner, service }) => {
    runner.isOpen = false;
    const open = Promise.withResolvers<void>();
    runner.gates.open = open.promise;
    const refused = assertRejects(
      () => service.listConversations("a", some(1)),
      StoreError,
      "no such file",
    );
    open.reject(new StoreError("no such file"));
    await refused;
    runner.gates.open = Promise.resolve();
    assertEquals(await service.listConversations("a", some(1)), []);
  }));

Deno.test("whoever has gone frees the place, also in the middle of a search", () =>
  withService(async ({ runner, service }) => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const busy = service.listConversations("busy", some(1));
    const given = [
      service.listMessages(1, { limit: 7, asker: "gone", signal }),
      service.listConversations("gone", some(1), { asker: "gone", signal }),
      service.search({ ...search("gone"), signal }),
    ];
    leaving.abort();
    for (const outcome of await Promise.allSettled(given)) {
      assert(outcome.status === "rejected" && outcome.reason.name === "AbortError");
    }
    await busy;
    assertEquals(runner.calls, ['listConversations "busy" {"limit":1,"now":0,"rooms":[]}']);
    runner.calls.length = 0;
    const stopping = new AbortController();
    const searching = service.search({ ...search("eve"), signal: stopping.signal });
    const refused = assertRejects(() => searching, DOMException);
    while (!runner.names.includes("findRange")) await settle();
    stopping.abort();
    await refused;
    assertEquals(await service.listConversations("a", some(1)), []);
    assertEquals(runner.names, ["findRange", "listConversations"]);
  }));
