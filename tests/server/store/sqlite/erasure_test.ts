import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { Erasure, tryTruncateLog } from "../../../../server/store/sqlite/erasure.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import type { StoreError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { settle } from "../../../support/settle.ts";

interface Parts {
  erasure: Erasure;
  db: DatabaseSync;
  clock: FakeClock;
  faults: StoreError[];
  /** Begins to read; gives the end of it. */
  read: () => () => void;
  write: () => void;
  logSize: () => number;
}

function withErasure(test: (parts: Parts) => Promise<void>) {
  return withDatabasePath(async (path) => {
    using db = openDatabase(path);
    using reader = new DatabaseSync(path, { readOnly: true });
    const [clock, faults] = [new FakeClock(), [] as StoreError[]];
    db.exec("PRAGMA busy_timeout = 20");
    const attempt = (): Promise<boolean> => Promise.try(() => tryTruncateLog(db));
    const erasure = new Erasure({ attempt, clock, onFault: (fault) => faults.push(fault) });
    const read = (): () => void => {
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM names").get();
      return () => reader.exec("COMMIT");
    };
    let n = 0;
    const write = (): void =>
      void db.prepare("INSERT INTO names VALUES (?1, ?1, 1, NULL)").run(`name${n++}`);
    const logSize = (): number => Deno.statSync(`${path}-wal`).size;
    await test({ erasure, db, clock, faults, read, write, logSize });
    await erasure.close();
  });
}

Deno.test("Erasure empties the log; all who wait share one attempt", () =>
  withErasure(async ({ erasure, write, logSize, clock }) => {
    write();
    assert(logSize() > 0);
    assertEquals(await Promise.all([erasure.finish(), erasure.finish()]), [true, true]);
    assertEquals(logSize(), 0);
    write();
    const [again, another] = [erasure.finish(), erasure.finish()];
    await settle();
    assert(logSize() > 0, "not twice within 50 ms");
    clock.advance(50);
    assertEquals([await again, await another, logSize()], [true, true, 0]);
  }));

Deno.test("Erasure waits for whoever reads, and does not block meanwhile", () =>
  withErasure(async ({ erasure, db, write, read, logSize, clock }) => {
    write();
    const endOfReading = read();
    write();
    let isDone: boolean | undefined;
    erasure.finish().then((it) => isDone = it);
    for (let n = 0; n < 10; n++) {
      await settle();
      write();
      clock.advance(50);
    }
    assertEquals(isDone, undefined);
    assert(logSize() > 0);
    endOfReading();
    await settle();
    clock.advance(50);
    await settle();
    assertEquals([isDone, logSize()], [true, 0]);
    assertEquals(db.prepare("PRAGMA busy_timeout").get()?.timeout, 20);
  }));

Deno.test("Erasure says after five seconds that it could not, and goes on trying by itself", () =>
  withErasure(async ({ erasure, write, read, logSize, clock, faults }) => {
    const endOfReading = read();
    write();
    let isDone: boolean | undefined;
    erasure.finish().then((it) => isDone = it);
    for (let n = 0; n < 110 && isDone === undefined; n++) {
      await settle();
      clock.advance(50);
    }
    assertEquals([isDone, faults], [false, []]);
    assert(logSize() > 0);
    endOfReading();
    for (let n = 0; n < 3; n++) {
      await settle();
      clock.advance(1_000);
    }
    await settle();
    assertEquals([logSize(), clock.pending], [0, 0]);
  }));

Deno.test("Erasure: one who comes while it goes on slowly is not held up by that", () =>
  withErasure(async ({ erasure, write, read, clock }) => {
    const endOfReading = read();
    write();
    const first = erasure.finish();
    for (let n = 0; n < 110; n++) {
      await settle();
      clock.advance(50);
    }
    assertEquals(await first, false);
    await settle();
    endOfReading();
    const second = erasure.finish();
    await settle();
    clock.advance(50);
    assertEquals(await second, true);
  }));

Deno.test("Erasure: the end waits for nobody", () =>
  withErasure(async ({ erasure, write, read }) => {
    const endOfReading = read();
    write();
    const waiting = erasure.finish();
    await settle();
    await erasure.close();
    assertEquals([await waiting, await erasure.finish()], [false, false]);
    endOfReading();
  }));

Deno.test("Erasure: an attempt that takes long covers who waited at its beginning, not who came later", async () => {
  const clock = new FakeClock();
  const attempts: ((isDone: boolean) => void)[] = [];
  const erasure = new Erasure({
    attempt: () => new Promise((resolve) => attempts.push(resolve)),
    clock,
    onFault: () => {},
  });
  const outcomes: string[] = [];
  const finish = (name: string): void =>
    void erasure.finish().then((it) => outcomes.push(`${name} ${it}`));
  finish("first");
  await settle();
  finish("second");
  attempts[0]!(true);
  await settle();
  assertEquals(outcomes, ["first true"]);
  clock.advance(50);
  await settle();
  finish("third");
  attempts[1]!(true);
  await settle();
  assertEquals(outcomes, ["first true", "second true"]);
  clock.advance(50);
  await settle();
  const closed = erasure.close();
  finish("late");
  attempts[2]!(false);
  await closed;
  assertEquals(outcomes.slice(2).toSorted(), ["late false", "third false"]);
});

Deno.test("Erasure: a disk that fails is told, and tried again once a second", async () => {
  let isBroken = true;
  const [clock, faults] = [new FakeClock(), [] as string[]];
  const erasure = new Erasure({
    attempt: () => isBroken ? Promise.reject(new Error("disk I/O error")) : Promise.resolve(true),
    clock,
    onFault: ({ message }) => faults.push(message),
  });
  let isDone: boolean | undefined;
  erasure.finish().then((it) => isDone = it);
  for (let n = 0; n < 55; n++) {
    await settle();
    clock.advance(100);
  }
  assertEquals([isDone, faults.length, new Set(faults).size], [false, 6, 1]);
  isBroken = false;
  clock.advance(1_000);
  await settle();
  assertEquals([faults.length, clock.pending], [6, 0]);
  await erasure.close();
});
