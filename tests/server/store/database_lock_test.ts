import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { DatabaseLock } from "../../../server/store/database_lock.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

const modeOf = (path: string): number => Deno.statSync(path).mode! & 0o777;

Deno.test("a database has one lock, by whatever path it is reached", async () => {
  await withDatabasePath(async (db) => {
    const dir = db.slice(0, -"/jim.db".length);
    const refused = async (path: string, who: string): Promise<void> => {
      const error = await assertRejects(() => DatabaseLock.take(path), StartError);
      assertEquals(
        error.message,
        `Cannot open database '${path}': ${who} has it open; ` +
          "stop that one or choose another file with --db",
      );
    };
    {
      using _ = await DatabaseLock.take(db);
      const me = `another server (process ${Deno.pid})`;
      await refused(db, me);
      await refused(`${dir}/../${dir.split("/").at(-1)}/./jim.db`, me);
      Deno.symlinkSync(db, `${dir}/soft.db`);
      await refused(`${dir}/soft.db`, me);
      if (Deno.build.os === "linux") {
        Deno.mkdirSync(`${dir}/elsewhere`);
        Deno.linkSync(db, `${dir}/elsewhere/hard.db`);
        Deno.writeTextFileSync(`${dir}/elsewhere/hard.db.lock`, "4242\n"); // of another time
        await refused(`${dir}/elsewhere/hard.db`, "another server");
        Deno.removeSync(`${db}.lock`);
        await refused(db, "another server");
      }
    }
    using _ = await DatabaseLock.take(`${dir}/soft.db`);
  });
});

Deno.test("the lock makes what is missing, for its owner alone, and changes nothing else", async () => {
  await withDatabasePath(async (db) => {
    const path = `${db}.d/below/jim.db`;
    {
      using _ = await DatabaseLock.take(path);
      assertEquals([modeOf(`${db}.d`), modeOf(`${db}.d/below`)], [0o700, 0o700]);
      assertEquals([modeOf(path), modeOf(`${path}.lock`)], [0o600, 0o600]);
      assertEquals(Deno.readTextFileSync(`${path}.lock`), `${Deno.pid}\n`);
    }
    Deno.writeTextFileSync(path, "not touched");
    Deno.chmodSync(path, 0o640);
    (await DatabaseLock.take(path))[Symbol.dispose]();
    assertEquals([Deno.readTextFileSync(path), modeOf(path)], ["not touched", 0o640]);
    await assertRejects(() => DatabaseLock.take(`${db}.d`), StartError, "it is a directory");
    await assertRejects(() => DatabaseLock.take(`${path}/x`), StartError, "Cannot open database");
  });
});

Deno.test("a lock that is given back is free, also while another thread starts processes", async () => {
  const spawns = `for (;;) { await new Deno.Command("true").output(); self.postMessage(0); }`;
  const worker = new Worker(`data:application/javascript,${spawns}`, { type: "module" });
  try {
    let started = 0;
    worker.onmessage = () => started++;
    await withDatabasePath(async (db) => {
      while (started < 100) {
        (await DatabaseLock.take(db))[Symbol.dispose]();
        await settle();
      }
    });
  } finally {
    worker.terminate();
  }
});

Deno.test("a database in memory needs no lock", async () => {
  using _one = await DatabaseLock.take(":memory:");
  using _two = await DatabaseLock.take(":memory:");
});

Deno.test("who waits gets the lock when it is free, or gives up in time", async () => {
  await withDatabasePath(async (db) => {
    const clock = new FakeClock();
    const first = await DatabaseLock.take(db);
    let isTaken = false;
    const told: string[] = [];
    const onWait = (holder: string): void => void told.push(holder);
    const waiting = DatabaseLock.take(db, { waitSeconds: 2, onWait, clock })
      .then((lock) => (isTaken = true, lock));
    await tick(clock, 1_900);
    assert(!isTaken);
    assertEquals(told, [`another server (process ${Deno.pid})`], "once, however long it takes");
    first[Symbol.dispose]();
    await tick(clock, 50);
    using _ = await waiting;
    await assertRejects(() => DatabaseLock.take(db, { onWait }), StartError);
    assertEquals(told.length, 1, "who does not wait is told by the error");

    const tooLate = assertRejects(
      () => DatabaseLock.take(db, { waitSeconds: 0.12, clock }),
      StartError,
    );
    await tick(clock, 119);
    assertEquals(clock.pending, 1);
    await tick(clock, 1);
    assertMatch((await tooLate).message, /has it open still after 0\.12 s; stop that one or/);
  });
});

/** Lets time pass so that whoever waits looks again after each step. */
async function tick(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed++) {
    clock.advance(1);
    await Promise.resolve();
    await Promise.resolve();
  }
}
