import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import { systemClock } from "../../../../common/clock.ts";
import { GroupCommit } from "../../../../server/store/sqlite/group_commit.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { StoreError } from "../../../../server/store/store.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { settle } from "../../../support/settle.ts";

/** What happens, in order. */
interface Fixture {
  readonly commit: GroupCommit;
  readonly events: string[];
  write(name: string): Promise<void>;
}

async function withCommit(run: (fixture: Fixture) => Promise<void>): Promise<void> {
  using db = openDatabase(":memory:");
  const events: string[] = [];
  const commit = new GroupCommit(db, {
    lockTimeoutMs: 0,
    clock: new FakeClock(),
    beforeCommit: () => {},
    onCommit: () => events.push("commit"),
    onRollback: () => events.push("rollback"),
  });
  const write = (name: string): Promise<void> => commit.write(() => void events.push(name));
  await run({ commit, events, write });
  await commit.close();
}

Deno.test("writes wait for work that is done aside, and the event loop does not", () =>
  withCommit(async ({ commit, events, write }) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const aside = commit.aside(() => promise);
    const written = write("write");
    await settle();
    assertEquals(events, []);
    resolve(7);
    assertEquals(await aside, 7);
    await written;
    assertEquals(events, ["commit", "write", "commit"]);
  }));

Deno.test("between two works aside there is a transaction, if something waits", () =>
  withCommit(async ({ commit, events, write }) => {
    const aside = (name: string): Promise<void> =>
      commit.aside(() => Promise.resolve(void events.push(name)));
    await Promise.all([aside("1"), aside("2"), write("a"), write("b"), aside("3")]);
    assertEquals(events.filter((event) => event !== "commit"), ["1", "a", "b", "2", "3"]);
  }));

Deno.test("what the check throws ends a transaction and keeps work aside from beginning", async () => {
  using db = openDatabase(":memory:");
  const events: string[] = [];
  let fault: StoreError | undefined = new StoreError("gone");
  const commit = new GroupCommit(db, {
    lockTimeoutMs: 0,
    clock: new FakeClock(),
    check: () => {
      if (fault !== undefined) throw fault;
    },
    beforeCommit: () => {},
    onCommit: () => {},
    onRollback: () => events.push("rollback"),
  });
  const version = (): unknown => db.prepare("PRAGMA user_version").get()!.user_version;
  const before = version();
  await assertRejects(() => commit.write(() => db.exec("PRAGMA user_version = 1")), StoreError);
  await assertRejects(
    () => commit.aside(() => Promise.resolve(void events.push("aside"))),
    StoreError,
    "gone",
  );
  assertEquals([events, version()], [["rollback"], before]);
  fault = undefined;
  await commit.write(() => db.exec("PRAGMA user_version = 1"));
  assertEquals(version(), 1);
  await commit.close();
});

Deno.test("work aside is done when all is written that was given before, however much that is", () =>
  withCommit(async ({ commit, events, write }) => {
    const writes = Array.from({ length: 2_500 }, (_, n) => write(`${n}`));
    const aside = commit.aside(() => Promise.resolve(void events.push("aside")));
    await Promise.all([...writes, aside, write("behind")]);
    const order = events.filter((event) => event !== "commit" && !/^\d+$/.test(event));
    assertEquals(order, ["behind", "aside"], "it was in the queue when the last of them was taken");
    assert(events.indexOf("aside") > events.indexOf("2499"));
  }));

Deno.test("work aside that fails harms no write", () =>
  withCommit(async ({ commit, events, write }) => {
    const broken = commit.aside(() => {
      throw new StoreError("broken");
    });
    await Promise.all([assertRejects(() => broken, StoreError, "broken"), write("write")]);
    assertEquals(events, ["commit", "write", "commit"]);
  }));

Deno.test("a lull is when nothing is written, or so many transactions have passed", () =>
  withCommit(async ({ commit, events }) => {
    await commit.lull(3);
    const lull = async (name: string, transactions: number): Promise<void> => {
      await commit.lull(transactions);
      events.push(name);
    };
    /** One transaction after the other, without a pause: each brings the next one. */
    const keepWriting = async (left: number): Promise<void> => {
      let next: Promise<void> | undefined;
      await commit.write(() => {
        events.push(`${left}`);
        if (left > 1) next = keepWriting(left - 1);
      });
      await next;
    };
    const writing = keepWriting(4);
    await Promise.all([writing, lull("urgent", 0), lull("after two", 2), lull("idle", 99)]);
    assertEquals(events.filter((event) => event !== "commit"), [
      "urgent",
      "4",
      "3",
      "after two",
      "2",
      "1",
      "idle",
    ]);
  }));

Deno.test("closing waits for what is done aside, and nothing more is", () =>
  withCommit(async ({ commit, events }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const aside = commit.aside(() => promise);
    const closed = commit.close().then(() => events.push("closed"));
    await settle();
    assertEquals(events, []);
    resolve();
    await Promise.all([aside, closed]);
    await assertRejects(() => commit.aside(() => Promise.resolve()), StoreError, "closed");
  }));

/** Two connections to one file, as a server and an administrator have them. */
class File implements Disposable {
  readonly #directory = Deno.makeTempDirSync();
  readonly db = this.#open();
  readonly other = this.#open();
  readonly commit = new GroupCommit(this.db, {
    lockTimeoutMs: 0,
    clock: systemClock,
    beforeCommit: () => {},
    onCommit: () => {},
    onRollback: () => {},
  });

  constructor() {
    this.db.exec("CREATE TABLE notes (text TEXT NOT NULL)");
  }

  [Symbol.dispose](): void {
    this.other.close();
    this.db.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }

  /** How many notes there are, as the first connection sees it. */
  count(): number {
    return this.db.prepare("SELECT count(*) AS n FROM notes").get()!.n as number;
  }

  #open(): DatabaseSync {
    const db = new DatabaseSync(`${this.#directory}/notes.db`);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 0");
    return db;
  }
}

const ADD = "INSERT INTO notes VALUES ('a')";

/** Resolves when this turn of the event loop is over. */
function turnEnds(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

Deno.test("reads of one turn are one transaction, and the next turn sees what others wrote", async () => {
  using file = new File();
  const { commit, db, other } = file;
  assertEquals(commit.look(() => file.count()), 0);
  other.exec(ADD); // a reader is in nobody's way
  assertEquals([commit.look(() => file.count()), db.isTransaction], [0, true]);
  await turnEnds();
  assertEquals(db.isTransaction, false);
  assertEquals(commit.look(() => file.count()), 1);
  await commit.close();
});

Deno.test("a read before and after a write of the same turn neither stops it nor hides it", async () => {
  using file = new File();
  const { commit, db, other } = file;
  const written = commit.write(() => db.exec(ADD));
  commit.look(() => file.count());
  other.exec(ADD); // what was read is old now: a transaction that goes on from it could not write
  const second = commit.write(() => file.count());
  await written;
  assertEquals(await second, 2);
  assertEquals(commit.look(() => file.count()), 2);
  await commit.close();
  assertEquals(db.isTransaction, false);
});

Deno.test("a read that fails, and one just before the end, leave no transaction behind", async () => {
  using file = new File();
  const { commit, db } = file;
  assertThrows(() => commit.look(() => db.prepare("SELECT nothing FROM notes")), Error, "nothing");
  await turnEnds();
  assertEquals(db.isTransaction, false);
  commit.look(() => file.count());
  await commit.close();
  assertEquals(db.isTransaction, false);
  await turnEnds();
  await assertRejects(() => commit.write(() => {}), StoreError, "closed");
});

Deno.test("what is done aside meets no transaction that reads: the log can be emptied", async () => {
  using file = new File();
  const { commit, db } = file;
  await commit.write(() => db.exec(ADD));
  commit.look(() => file.count());
  const truncated = await commit.aside(() =>
    Promise.resolve(db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()!.busy)
  );
  assertEquals(truncated, 0);
  await commit.close();
});

Deno.test("it is told how long each transaction took, also of one that failed", async () => {
  using db = openDatabase(":memory:");
  const clock = new FakeClock();
  const took: number[] = [];
  const commit = new GroupCommit(db, {
    lockTimeoutMs: 0,
    clock,
    durations: { observe: (ms) => took.push(ms) },
    beforeCommit: () => clock.advance(4),
    onCommit: () => {},
    onRollback: () => {},
  });
  await Promise.all([commit.write(() => clock.advance(3)), commit.write(() => {})]);
  const failed = commit.write(() => {
    clock.advance(2);
    throw new Error("disk");
  });
  await assertRejects(() => failed, Error);
  await commit.close();
  assertEquals(took, [7, 2]);
});
