import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { Erasure, type ErasureOptions } from "../../../../server/store/sqlite/erasure.ts";
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

function withErasure(test: (parts: Parts) => Promise<void>, options: Partial<ErasureOptions> = {}) {
  return withDatabasePath(async (path) => {
    using db = openDatabase(path);
    using reader = new DatabaseSync(path, { readOnly: true });
    const [clock, faults] = [new FakeClock(), [] as StoreError[]];
    const erasure = new Erasure(db, {
      ...{ hasFiles: true, busyTimeoutMs: 20, clock, endReading: () => {} },
      onFault: (fault) => faults.push(fault),
      ...options,
    });
    const read = (): () => void => {
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM names").get();
      return () => reader.exec("COMMIT");
    };
    let n = 0;
    const write = (): void =>
      void db.prepare("INSERT INTO names VALUES (?1, ?1, 1)").run(`name${n++}`);
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

Deno.test("Erasure: a store without files has nothing to erase, and the end waits for nobody", () =>
  withErasure(async ({ erasure, write, read }) => {
    using db = new DatabaseSync(":memory:");
    const none = {
      ...{ hasFiles: false, busyTimeoutMs: 20, clock: new FakeClock() },
      ...{ endReading: () => {}, onFault: () => {} },
    };
    assertEquals(await new Erasure(db, none).finish(), true);
    const endOfReading = read();
    write();
    const waiting = erasure.finish();
    await settle();
    await erasure.close();
    assertEquals([await waiting, await erasure.finish()], [false, false]);
    endOfReading();
  }));

Deno.test("Erasure: a disk that fails is told, and tried again once a second", async () => {
  let isBroken = true;
  const db = {
    exec: () => {},
    prepare: () => {
      if (isBroken) throw new Error("disk I/O error");
      return { get: () => ({ busy: 0 }) };
    },
  } as unknown as DatabaseSync;
  const [clock, faults] = [new FakeClock(), [] as string[]];
  const onFault = ({ message }: StoreError): number => faults.push(message);
  const erasure = new Erasure(db, {
    ...{ hasFiles: true, busyTimeoutMs: 20, clock, endReading: () => {} },
    onFault,
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

Deno.test("Erasure ends what its own connection reads, which would be in the way", () =>
  withDatabasePath(async (path) => {
    using db = openDatabase(path);
    const faults: StoreError[] = [];
    const erasure = new Erasure(db, {
      ...{ hasFiles: true, busyTimeoutMs: 20, clock: new FakeClock() },
      endReading: () => {
        if (db.isTransaction) db.exec("COMMIT");
      },
      onFault: (fault) => faults.push(fault),
    });
    db.exec("INSERT INTO names VALUES ('eve', 'eve', 1)");
    db.exec("BEGIN");
    db.prepare("SELECT count(*) FROM names").get();
    assertEquals([await erasure.finish(), faults], [true, []]);
    assertEquals(Deno.statSync(`${path}-wal`).size, 0);
    await erasure.close();
  }));
