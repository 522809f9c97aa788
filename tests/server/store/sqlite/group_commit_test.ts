import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import { systemClock } from "../../../../common/clock.ts";
import { GroupCommit } from "../../../../server/store/sqlite/group_commit.ts";
import { StoreError } from "../../../../server/store/store.ts";

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
